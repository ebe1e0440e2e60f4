/* What separates equal tuples of different networks, and whether somebody can make
 * two networks one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "flow/field.h"
#include "packet/zone.h"
#include "support/parsed.h"
#include "support/tunnel_cases.h"

static const struct flow_key *key_of(const struct frame *f)
{
	parse_inner(f, TUNNELS_ALL, false);
	assert_true(packet.flags & PACKET_TCP);
	return &packet.key;
}

static uint64_t zone_of(const struct frame *f)
{
	return flow_key_zone(key_of(f)).id;
}

static struct frame two_tags(uint16_t outer, uint16_t inner)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x88a8);
	frame_tag(&f, outer, 0x8100);
	frame_tag(&f, inner, 0x0800);
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	return f;
}

/* Plain TCP, the same in each. */
static void in_nothing(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x0800);
}

static void in_vlan(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x8100);
	frame_tag(&t->f, 1, 0x0800);
}

static void in_ip(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 50, 51, 4);
}

static void in_ip_in_ip(struct tunnel_frame *t)
{
	in_ip(t);
	tunnel_ip4(t, 52, 53, 4);
}

static void in_gre(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 50, 51, 47);
	tunnel_gre(t, 0, 0, 0x0800);
}

static void in_gre_with_key_0(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 50, 51, 47);
	tunnel_gre(t, 0x2000, 0, 0x0800);
}

static void in_ip_in_gre(struct tunnel_frame *t)
{
	in_gre(t);
	tunnel_ip4(t, 52, 53, 4);
}

static void in_gre_in_ip(struct tunnel_frame *t)
{
	in_ip(t);
	tunnel_ip4(t, 52, 53, 47);
	tunnel_gre(t, 0, 0, 0x0800);
}

static void in_mpls(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x8847);
	tunnel_mpls(t, 100, true);
}

static void in_mpls_in_gre(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 50, 51, 47);
	tunnel_gre(t, 0, 0, 0x8847);
	tunnel_mpls(t, 100, true);
}

static void in_mirror(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 50, 51, 47);
	tunnel_gre(t, 0, 0, 0x88be);
	tunnel_eth(t, 0x0800);
}

static void in_session_1(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x8864);
	tunnel_pppoe(t, 1, 0x0021, false);
}

static void in_network_1(struct tunnel_frame *t)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 50, 51, 17);
	tunnel_vxlan(t, 1);
	tunnel_eth(t, 0x0800);
}

static void tunnels_of_each_kind_and_depth_have_flows_of_their_own(void **state)
{
	static void (*const in[])(struct tunnel_frame *) = {
	    in_nothing,	  in_vlan,	in_ip,	   in_ip_in_ip,	 in_gre,      in_gre_with_key_0,
	    in_ip_in_gre, in_gre_in_ip, in_mirror, in_session_1, in_network_1};
	struct flow_key keys[2 * RTE_DIM(in)];

	(void)state;
	for (size_t i = 0; i < RTE_DIM(keys); i++) {
		struct tunnel_frame t = {.lengths = 0};

		in[i / 2](&t);
		tunnel_tcp4(&t, i % 2 == 0 ? 1 : 2, i % 2 == 0 ? 2 : 1, 5);
		keys[i] = *key_of(&t.f);
		for (size_t k = 0; k < i; k++)
			if (flow_key_equal(&keys[i], &keys[k]) != (i / 2 == k / 2))
				fail_msg("tunnels %zu and %zu", i / 2, k / 2);
	}
}

/* The last hop takes the labels off: often those of one direction only. */
static void labels_of_one_direction_leave_the_flow_whole(void **state)
{
	static void (*const in[][2])(struct tunnel_frame *) = {{in_nothing, in_mpls},
							       {in_gre, in_mpls_in_gre}};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(in); i++) {
		struct tunnel_frame there = {.lengths = 0}, back = {.lengths = 0};
		struct flow_key key;

		in[i][0](&there);
		tunnel_tcp4(&there, 1, 2, 5);
		key = *key_of(&there.f);
		in[i][1](&back);
		tunnel_tcp4(&back, 2, 1, 5);
		assert_true(flow_key_equal(key_of(&back.f), &key));
	}
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Of 16 bits each zone would have three pairs. */
static void no_two_of_many_vlan_pairs_share_flows(void **state)
{
	enum { SIDE = 450 };
	uint64_t *ids = calloc(SIDE * SIDE, sizeof(*ids));

	(void)state;
	for (uint16_t outer = 0; outer < SIDE; outer++) {
		for (uint16_t inner = 0; inner < SIDE; inner++) {
			struct frame f = two_tags((uint16_t)(outer + 1), (uint16_t)(inner + 1));

			ids[outer * SIDE + inner] = zone_of(&f);
		}
	}
	qsort(ids, SIDE * SIDE, sizeof(*ids), compare_ids);
	for (size_t i = 1; i < SIDE * SIDE; i++)
		assert_true(ids[i] != ids[i - 1]);
	free(ids);
}

/* Who knew the secret could make two stacks one: under the next secret they are two. */
static void stacks_that_collide_under_one_secret_do_not_under_another(void **state)
{
	struct frame one = two_tags(100, 200), other = two_tags(101, 197);
	uint64_t drawn = packet_zone_secret;
	uint64_t id;

	(void)state;
	assert_true(drawn > UINT32_MAX && drawn < ZONE_PRIME);
	packet_zone_secret = 3;
	id = zone_of(&one);
	assert_true(zone_of(&other) == id);
	packet_zone_secret = drawn;
	id = zone_of(&one);
	assert_true(zone_of(&other) != id);
}

/* 2^61 is 1, and the prime 0. */
static void zone_is_reduced_below_its_prime(void **state)
{
	uint64_t drawn = packet_zone_secret;
	struct flow_zone zone = {.id = 100};

	(void)state;
	packet_zone_secret = 1ull << 60;
	zone_add(&zone, ZONE_VLAN, 7);
	assert_true(zone.id == 50 + 7);
	packet_zone_secret = ZONE_PRIME - 1;
	zone.id = 7;
	zone_add(&zone, ZONE_VLAN, 7);
	assert_true(zone.id == 0);
	packet_zone_secret = drawn;
}

/* Filters and fields see it: no number that differs from run to run. */
static void vlan_of_a_flow_is_its_outer_one(void **state)
{
	struct tunnel_frame t = {.lengths = 0};
	struct frame f = two_tags(100, 200);
	struct flow flow = {.key = *key_of(&f)};

	(void)state;
	assert_int_equal(flow_vlan(&flow), 100);
	f = two_tags(0, 200);
	flow.key = *key_of(&f);
	assert_int_equal(flow_vlan(&flow), 200);
	in_network_1(&t);
	tunnel_tcp4(&t, 1, 2, 5);
	flow.key = *key_of(&t.f);
	assert_int_equal(flow_vlan(&flow), 0);
	t = (struct tunnel_frame){.lengths = 0};
	tunnel_eth(&t, 0x8100);
	frame_tag(&t.f, 300, 0x86dd);
	tunnel_ip6(&t, 50, 51, 41);
	tunnel_tcp6(&t, 1, 2, 5);
	flow.key = *key_of(&t.f);
	assert_int_equal(flow_vlan(&flow), 300);
	assert_int_equal(flow_client_ip(&flow).version, 6);
	assert_int_equal(flow_key_words(&flow.key), FLOW_KEY_WORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tunnels_of_each_kind_and_depth_have_flows_of_their_own),
	    cmocka_unit_test(labels_of_one_direction_leave_the_flow_whole),
	    cmocka_unit_test(no_two_of_many_vlan_pairs_share_flows),
	    cmocka_unit_test(stacks_that_collide_under_one_secret_do_not_under_another),
	    cmocka_unit_test(zone_is_reduced_below_its_prime),
	    cmocka_unit_test(vlan_of_a_flow_is_its_outer_one),
	};

	return cmocka_run_group_tests_name("zones", tests, NULL, parsed_release);
}
