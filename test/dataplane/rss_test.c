/* Our hash is the device's: Toeplitz with a key that makes it the same for both
 * directions, and even. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "port/rss.h"
#include "support/random.h"
#include "support/toeplitz.h"

static const uint8_t microsoft[40] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
				      0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
				      0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
				      0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

/* "Verifying the RSS Hash Calculation", Microsoft. */
static const struct {
	int family;
	const char *src, *dst;
	uint16_t sport, dport;
	uint32_t addresses, ports;
} known[] = {
    {AF_INET, "66.9.149.187", "161.142.100.80", 2794, 1766, 0x323e8fc2, 0x51ccc178},
    {AF_INET, "199.92.111.2", "65.69.140.83", 14230, 4739, 0xd718262a, 0xc626b0ea},
    {AF_INET, "24.19.198.95", "12.22.207.184", 12898, 38024, 0xd2d0a5de, 0x5c2b394a},
    {AF_INET, "38.27.205.30", "209.142.163.6", 48228, 2217, 0x82989176, 0xafc7327f},
    {AF_INET, "153.39.163.191", "202.188.127.2", 44251, 1303, 0x5d1809c5, 0x10e828a2},
    {AF_INET6, "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x2cc18cd5, 0x40207d3d},
    {AF_INET6, "3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0x0f0c461c, 0xdde51bbf},
    {AF_INET6, "3ffe:1900:4545:3:200:f8ff:fe21:67cf", "fe80::200:f8ff:fe21:67cf", 44251, 38024,
     0x4b61e985, 0x02d1feef},
};

struct tuple {
	uint8_t bytes[36];
	unsigned int addresses; /* bytes of both */
};

static void tuple_ports(struct tuple *t, uint16_t sport, uint16_t dport)
{
	const uint16_t ports[2] = {htons(sport), htons(dport)};

	memcpy(t->bytes + t->addresses, ports, 4);
}

static void the_device_of_the_tests_hashes_as_devices_do(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct tuple t = {.addresses = known[i].family == AF_INET ? 8 : 32};

		inet_pton(known[i].family, known[i].src, t.bytes);
		inet_pton(known[i].family, known[i].dst, t.bytes + t.addresses / 2);
		tuple_ports(&t, known[i].sport, known[i].dport);
		assert_int_equal(toeplitz(microsoft, t.bytes, t.addresses), known[i].addresses);
		assert_int_equal(toeplitz(microsoft, t.bytes, t.addresses + 4), known[i].ports);
	}
}

static struct rss rss_of(uint64_t secret, bool ports)
{
	struct rss r = {.ports = ports, .queues = 3, .entries = 128};

	rss_set_key(&r, rss_key(secret));
	return r;
}

static uint16_t hash_of(const struct rss *r, const struct tuple *t)
{
	uint32_t words[8];
	uint16_t ports[2];

	memcpy(words, t->bytes, t->addresses);
	memcpy(ports, t->bytes + t->addresses, 4);
	return rss_hash(r, words, t->addresses / 4,
			(uint32_t)ntohs(ports[0]) << 16 | ntohs(ports[1]));
}

static struct tuple drawn(uint64_t *random, bool ip6)
{
	struct tuple t = {.addresses = ip6 ? 32 : 8};

	for (unsigned int i = 0; i < sizeof(t.bytes); i++)
		t.bytes[i] = (uint8_t)test_random(random);
	return t;
}

static void our_hash_is_the_devices(void **state)
{
	uint64_t random = 1;
	uint8_t key[52];

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		struct rss r = rss_of(test_random(&random), i % 2);
		struct tuple t = drawn(&random, i / 2 % 2);
		unsigned int len = t.addresses + (i % 2 ? 4 : 0);
		uint32_t theirs;

		rss_fill_key(&r, key, sizeof(key));
		theirs = toeplitz(key, t.bytes, len);
		assert_int_equal(theirs & 0xffff, hash_of(&r, &t));
		assert_int_equal(theirs >> 16, theirs & 0xffff);
	}
}

static void both_directions_have_one_hash(void **state)
{
	uint64_t random = 2;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		struct rss r = rss_of(test_random(&random), true);
		struct tuple t = drawn(&random, i % 2), back = t;
		unsigned int half = t.addresses / 2;

		memcpy(back.bytes, t.bytes + half, half);
		memcpy(back.bytes + half, t.bytes, half);
		memcpy(back.bytes + t.addresses, t.bytes + t.addresses + 2, 2);
		memcpy(back.bytes + t.addresses + 2, t.bytes + t.addresses, 2);
		assert_int_equal(hash_of(&r, &t), hash_of(&r, &back));
	}
}

/* With an even number of bits half of all hashes would not occur. */
static void every_key_gives_every_hash_once(void **state)
{
	static uint8_t had[65536];

	(void)state;
	for (uint32_t secret = 0; secret < 65536; secret += 257) {
		struct rss r = rss_of(secret, true);

		memset(had, 0, sizeof(had));
		for (uint32_t port = 0; port < 65536; port++) {
			uint32_t none[2] = {0, 0};

			had[rss_hash(&r, none, 2, port)]++;
		}
		assert_null(memchr(had, 0, sizeof(had)));
	}
}

/* Of 64 flows between two hosts, whose ports count up as clients choose them, the most
 * that an instance has. */
static unsigned int most_of_64(const struct rss *r)
{
	unsigned int had[8] = {0}, most = 0;

	for (uint16_t i = 0; i < 64; i++) {
		struct tuple t = {.bytes = {10, 0, 0, 1, 10, 0, 0, 2}, .addresses = 8};
		uint16_t queue;

		tuple_ports(&t, (uint16_t)(32768 + i), 80);
		queue = rss_queue(r, hash_of(r, &t));
		assert_true(queue < r->queues);
		had[queue]++;
	}
	for (unsigned int k = 0; k < r->queues; k++)
		most = RTE_MAX(most, had[k]);
	return most;
}

static void few_flows_are_shared_out_evenly(void **state)
{
	static const uint16_t queues[] = {2, 3, 4, 8}, most[] = {32, 42, 16, 16};

	(void)state;
	for (uint32_t secret = 0; secret < 65536; secret += 61)
		for (unsigned int i = 0; i < 4; i++) {
			struct rss r = rss_of(secret, true);

			r.queues = queues[i];
			assert_in_range(most_of_64(&r), 1, most[i]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_device_of_the_tests_hashes_as_devices_do),
	    cmocka_unit_test(our_hash_is_the_devices),
	    cmocka_unit_test(both_directions_have_one_hash),
	    cmocka_unit_test(every_key_gives_every_hash_once),
	    cmocka_unit_test(few_flows_are_shared_out_evenly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
