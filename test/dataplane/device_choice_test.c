/* Which devices feed instances by themselves, what those are told, and what is said of
 * others. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/rss_rig.h"

/* Nothing runs. */
static void stage(struct chain *c, struct burst *b)
{
	(void)c;
	(void)b;
}

static void assert_described(enum dataplane_rss rss, const char *expected)
{
	struct fault fault = {0};
	struct runner *r;
	char text[256];

	if (take(&r, cards, rss, &fault) < 0)
		fail_msg("%s", fault.message);
	distributor_describe(r, text, sizeof(text));
	assert_string_equal(text, expected);
	runner_close(r);
	free(r);
	fake_free();
}

static void assert_refused(const char *why)
{
	struct fault fault = {0};
	struct runner *r;
	char text[256];

	assert_int_equal(take(&r, cards, DATAPLANE_RSS_DEVICE, &fault), -ENOTSUP);
	assert_string_equal(fault.code, FAULT_NOT_SHARED_BY_DEVICE);
	snprintf(text, sizeof(text), "the devices cannot feed 3 instances: `net_ring_card%s", why);
	assert_string_equal(fault.message, text);
	runner_close(r);
	free(r);
	fake_free();
}

static void who_feeds_is_said(void **state)
{
	(void)state;
	features_are(false, 0);
	cards_are(4, TYPES);
	assert_described(DATAPLANE_RSS_AUTO,
			 "3 instances, fed by the devices' RSS, by addresses and ports");
	cards_are(4, TYPES);
	assert_described(DATAPLANE_RSS_SOFTWARE,
			 "3 instances, fed in software, by addresses and ports: as `--rss "
			 "software` says");
	cards_are(4, TYPES);
	fake[1].queues = 2;
	assert_described(DATAPLANE_RSS_AUTO,
			 "3 instances, fed in software, by addresses and ports: "
			 "`net_ring_card1` of port server has 2 queues for 3 instances");
	cards_are(4, TYPES);
	fake[0].refuses_key = true;
	assert_described(DATAPLANE_RSS_AUTO,
			 "3 instances, fed in software, by addresses and ports: "
			 "`net_ring_card0` of port client refuses its queues or its key");
	features_are(true, 0);
	cards_are(4, TYPES);
	assert_described(DATAPLANE_RSS_AUTO, "3 instances, fed by the devices' RSS, by addresses");
}

static void a_device_that_cannot_is_refused_where_it_must(void **state)
{
	(void)state;
	features_are(false, 0);
	cards_are(4, 0);
	assert_refused("0` of port client has no RSS that can be set");
	cards_are(4, TYPES & ~RTE_ETH_RSS_NONFRAG_IPV6_TCP);
	assert_refused("0` of port client cannot share out by the ports of TCP");
	cards_are(4, TYPES & ~RTE_ETH_RSS_NONFRAG_IPV4_UDP);
	assert_refused("0` of port client cannot share out by the ports of UDP");
	cards_are(4, TYPES);
	fake[1].entries = 100;
	assert_refused("1` of port server has a table of 100 entries");
	cards_are(4, TYPES);
	fake[1].forgets_key = true;
	assert_refused("1` of port server refuses its queues or its key");
	features_are(true, 0);
	cards_are(4, TYPES & ~RTE_ETH_RSS_IPV4);
	assert_refused("0` of port client cannot share out by addresses alone (see `fragments`)");
}

static void tunnels_are_fed_by_a_device_that_looks_into_them(void **state)
{
	(void)state;
	features_are(false, TUNNEL_VXLAN);
	cards_are(4, TYPES);
	assert_described(DATAPLANE_RSS_AUTO,
			 "3 instances, fed in software, by addresses and ports: `net_ring_card0` "
			 "of port client does not look into tunnels (`decap`)");
	cards_are(4, TYPES);
	assert_described(DATAPLANE_RSS_DEVICE,
			 "3 instances, fed by the devices' RSS, by addresses and ports");
	cards_are(4, TYPES | RTE_ETH_RSS_LEVEL_MASK);
	assert_described(DATAPLANE_RSS_AUTO,
			 "3 instances, fed by the devices' RSS, by addresses and ports");
}

/* net_null has what a card has but the hash. */
static void all_devices_get_one_symmetric_key_and_one_table(void **state)
{
	static const struct dataplane_binding null[] = {{"client", "net_null0,no-rx=1"},
							{"server", "net_null1,no-rx=1"}};
	uint8_t key[2][40];
	struct fault fault = {0};
	struct runner *r;

	(void)state;
	features_are(false, 0);
	if (take(&r, null, DATAPLANE_RSS_DEVICE, &fault) < 0)
		fail_msg("%s", fault.message);
	for (unsigned int i = 0; i < 2; i++) {
		struct rte_eth_rss_conf conf = {.rss_key = key[i], .rss_key_len = 40};
		struct rte_eth_rss_reta_entry64 table[2] = {{.mask = ~0ull}, {.mask = ~0ull}};
		char name[16];
		uint16_t id;

		snprintf(name, sizeof(name), "net_null%u", i);
		assert_int_equal(rte_eth_dev_get_port_by_name(name, &id), 0);
		assert_int_equal(rte_eth_dev_rss_hash_conf_get(id, &conf), 0);
		assert_int_equal(conf.rss_hf & TYPES, TYPES);
		assert_int_equal(rte_eth_dev_rss_reta_query(id, table, 128), 0);
		for (unsigned int entry = 0; entry < 128; entry++)
			assert_int_equal(table[entry / 64].reta[entry % 64], entry % INSTANCES);
	}
	assert_memory_equal(key[0], key[1], 40);
	for (unsigned int i = 2; i < 40; i++)
		assert_int_equal(key[0][i], key[0][i - 2]);
	runner_close(r);
	free(r);
}

static int group_setup(void **state)
{
	(void)state;
	return test_eal_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_feeds_is_said),
	    cmocka_unit_test(a_device_that_cannot_is_refused_where_it_must),
	    cmocka_unit_test(tunnels_are_fed_by_a_device_that_looks_into_them),
	    cmocka_unit_test(all_devices_get_one_symmetric_key_and_one_table),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
