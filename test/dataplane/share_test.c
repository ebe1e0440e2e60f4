/* Which instance a packet is for: all of a flow are for one, in both directions, and
 * fragments and errors with them; flows are for all instances. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lcore/share.h"
#include "support/frame.h"

#define INSTANCES 5
#define FLOWS 2000u
#define SECRETS 200

static struct stack_features features;
static const struct program_chain chain = {.features = &features};
static const struct program_chain *const chains[] = {&chain};
static const struct program program = {.chains = chains, .chain_count = 1, .cores = INSTANCES};

struct flow_ends {
	uint8_t from, to;
	uint16_t sport, dport;
};

static struct flow_ends reversed(struct flow_ends e)
{
	return (struct flow_ends){e.to, e.from, e.dport, e.sport};
}

static struct frame frame_of(struct flow_ends e, bool udp)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x0800);
	frame_ip4(&f, e.from, e.to, udp ? 17 : 6, udp ? 24 : 20);
	if (udp) {
		frame_udp(&f, e.sport, e.dport, 24);
		frame_fill(&f, 'x', 16);
	} else {
		frame_tcp(&f, e.sport, e.dport);
	}
	return f;
}

static uint16_t instance_of(const struct share *s, const struct frame *f)
{
	struct rte_mbuf m = mbuf_wrap(f->bytes, f->len);
	struct packet p;
	uint16_t instance;

	packet_parse(&p, &m, LINK_ETHERNET);
	instance = share_instance(s, &p);
	mbuf_unwrap(&m);
	assert_in_range(instance, 0, INSTANCES - 1);
	return instance;
}

/* The second fragment of a datagram: 16 bytes without ports. */
static struct frame later_fragment(struct flow_ends e)
{
	struct frame f = {.len = 0};
	uint32_t ip;

	frame_eth(&f, 0x0800);
	ip = frame_ip4(&f, e.from, e.to, 17, 16);
	frame_put16(&f, ip + 6, 3);
	frame_fill(&f, 'y', 16);
	return f;
}

/* A router's word about a frame, to its sender. */
static struct frame error_about(const struct frame *about, uint8_t to)
{
	struct frame f = {.len = 0};
	uint16_t len = (uint16_t)(8 + about->len - 14);

	frame_eth(&f, 0x0800);
	frame_ip4(&f, 99, to, 1, len);
	frame_add(&f, "\x03\x01\0\0\0\0\0\0", 8);
	frame_add(&f, about->bytes + 14, about->len - 14);
	return f;
}

static struct flow_ends flow_number(unsigned int i)
{
	return (struct flow_ends){(uint8_t)(1 + i % 40), (uint8_t)(50 + i % 37),
				  (uint16_t)(1024 + i), (uint16_t)(i % 3 == 0 ? 53 : 80)};
}

static void assert_together(const struct share *s, bool fragments)
{
	for (unsigned int i = 0; i < FLOWS; i++) {
		struct flow_ends e = flow_number(i), back = reversed(e);
		struct frame there = frame_of(e, true), answer = frame_of(back, true);
		struct frame error = error_about(&there, e.from);
		struct frame later = later_fragment(e), earlier = later_fragment(back);
		uint16_t instance = instance_of(s, &there);

		assert_int_equal(instance_of(s, &answer), instance);
		assert_int_equal(instance_of(s, &error), instance);
		assert_int_equal(instance_of(s, &earlier), instance_of(s, &later));
		if (fragments)
			assert_int_equal(instance_of(s, &later), instance);
	}
}

static void a_flow_and_what_concerns_it_have_one_instance(void **state)
{
	struct share s;

	(void)state;
	features.fragments = false;
	share_init(&s, &program);
	assert_together(&s, false);
}

static void fragments_go_with_their_flow_where_they_are_put_together(void **state)
{
	struct share s;

	(void)state;
	features.fragments = true;
	share_init(&s, &program);
	assert_together(&s, true);
}

/* Between half and double of an equal part, which is far beyond chance. */
static void assert_even(const unsigned int *had, unsigned int sum)
{
	for (unsigned int k = 0; k < INSTANCES; k++)
		assert_in_range(had[k], sum / INSTANCES / 2, 2 * sum / INSTANCES);
}

/* With every secret that is drawn. */
static void flows_between_two_hosts_are_shared_out_by_their_ports(void **state)
{
	(void)state;
	features.fragments = false;
	for (unsigned int secret = 0; secret < SECRETS; secret++) {
		unsigned int had[INSTANCES] = {0};
		struct share s;

		share_init(&s, &program);
		for (unsigned int i = 0; i < FLOWS; i++) {
			struct frame f =
			    frame_of((struct flow_ends){1, 2, (uint16_t)(1024 + i), 80}, i % 2);

			had[instance_of(&s, &f)]++;
		}
		assert_even(had, FLOWS);
	}
}

static void hosts_are_shared_out_where_ports_do_not_decide(void **state)
{
	unsigned int had[INSTANCES] = {0}, pairs = 0;
	struct share s;

	(void)state;
	features.fragments = true;
	share_init(&s, &program);
	for (unsigned int a = 1; a < 60; a++)
		for (unsigned int b = 100; b < 160; b++, pairs++) {
			struct frame f =
			    frame_of((struct flow_ends){(uint8_t)a, (uint8_t)b, 1024, 80}, false);

			had[instance_of(&s, &f)]++;
		}
	assert_even(had, pairs);
}

static void what_is_no_ip_has_one_instance(void **state)
{
	struct frame arp = {.len = 0}, other = {.len = 0};
	struct share s;

	(void)state;
	share_init(&s, &program);
	frame_eth(&arp, 0x0806);
	frame_fill(&arp, 1, 46);
	frame_eth(&other, 0x88cc);
	frame_fill(&other, 2, 46);
	assert_int_equal(instance_of(&s, &arp), instance_of(&s, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flow_and_what_concerns_it_have_one_instance),
	    cmocka_unit_test(fragments_go_with_their_flow_where_they_are_put_together),
	    cmocka_unit_test(flows_between_two_hosts_are_shared_out_by_their_ports),
	    cmocka_unit_test(hosts_are_shared_out_where_ports_do_not_decide),
	    cmocka_unit_test(what_is_no_ip_has_one_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
