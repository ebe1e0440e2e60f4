/* Packets inside of tunnels: what is found, and what separates flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "packet/field.h"
#include "support/tunnel_parsed.h"

static void packet_inside_of_each_tunnel_is_found(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame f = built(c, 1, 2, 3);

		assert_int_equal(parse_inner(&f, c->tunnel, false), TUNNEL_SOUND);
		assert_inner(c);
		assert_int_equal(packet.sport, 1234);
		assert_int_equal(packet.dport, 80);
		assert_int_equal(packet.payload, f.len - 5);
		assert_int_equal(packet.l4, f.len - 25);
		assert_int_equal(packet.l3, f.len - 25 - (c->ip6 ? 40 : 20));
		assert_int_equal(packet_ip_version(&packet), c->ip6 ? 6 : 4);
		assert_true(packet.flags & PACKET_ETH);
		assert_int_equal(packet_eth_src(&packet).bytes[5], 2);
	}
}

static void tunnel_that_is_not_named_is_seen_from_outside(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame f = built(c, 1, 2, 3);
		struct packet outer;

		parse_inner(&f, 0, false);
		outer = packet;
		assert_int_equal(parse_inner(&f, (uint8_t)(TUNNELS_ALL & ~c->tunnel), false),
				 TUNNEL_SOUND);
		outer.mbuf = packet.mbuf;
		outer.time = packet.time;
		assert_memory_equal(&outer, &packet, sizeof(outer));
		assert_int_equal(packet.decap, 0);
		assert_false(packet.flags & PACKET_TCP);
	}
}

static void both_directions_in_a_tunnel_are_one_flow(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame forth = built(c, 1, 2, 3), back = built(c, 2, 1, 3);
		struct flow_key key;

		parse_inner(&forth, c->tunnel, false);
		assert_inner(c);
		key = packet.key;
		assert_int_equal(packet.reversed, 0);
		parse_inner(&back, c->tunnel, false);
		assert_inner(c);
		assert_int_equal(packet.reversed, 1);
		if (memcmp(&key, &packet.key, sizeof(key)) != 0)
			fail_msg("%s: keys differ by direction", c->name);
	}
}

static void equal_tuples_in_two_networks_are_two_flows(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame one = built(c, 1, 2, 3), other = built(c, 1, 2, 4);
		struct flow_key key;
		bool equal;

		parse_inner(&one, c->tunnel, false);
		key = packet.key;
		parse_inner(&other, c->tunnel, false);
		assert_inner(c);
		equal = memcmp(&key, &packet.key, sizeof(key)) == 0;
		if (equal == c->separates)
			fail_msg("%s: the identifier %s", c->name,
				 equal ? "does not separate flows" : "separates flows");
	}
}

static void identifiers_of_two_kinds_are_not_the_same_network(void **state)
{
	static void (*const build[])(struct tunnel_frame *, uint8_t, uint8_t, uint16_t) = {
	    build_mpls_vlan, build_pppoe,   build_gre_ethernet, build_vxlan,
	    build_geneve,    build_erspan2, build_gre};
	struct flow_key keys[RTE_DIM(build)];

	(void)state;
	for (size_t i = 0; i < RTE_DIM(build); i++) {
		struct tunnel_frame t = {.lengths = 0};

		build[i](&t, 1, 2, 3);
		parse_inner(&t.f, TUNNELS_ALL, false);
		assert_true(packet.flags & PACKET_TCP);
		keys[i] = packet.key;
		for (size_t k = 0; k < i; k++)
			assert_false(flow_key_equal(&keys[i], &keys[k]));
	}
}

static void label_stack_of_any_depth_is_followed(void **state)
{
	struct tunnel_frame t = {.lengths = 0};

	(void)state;
	tunnel_eth(&t, 0x8847);
	for (int i = 0; i < 300; i++)
		tunnel_mpls(&t, 5, i == 299);
	tunnel_tcp4(&t, 1, 2, 5);
	assert_int_equal(parse_inner(&t.f, TUNNEL_MPLS, false), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
}

/* VXLAN of PPPoE of GRE of MPLS of 6in4, then TCP. */
static void tunnels_in_tunnels_are_followed_in_any_order(void **state)
{
	struct tunnel_frame t = {.lengths = 0};

	(void)state;
	tunnel_eth(&t, 0x8100);
	frame_tag(&t.f, 9, 0x0800);
	tunnel_ip4(&t, 50, 51, 17);
	tunnel_vxlan(&t, 77);
	tunnel_eth(&t, 0x8864);
	tunnel_pppoe(&t, 5, 0x0021, false);
	tunnel_ip4(&t, 60, 61, 47);
	tunnel_gre(&t, 0, 0, 0x8847);
	tunnel_mpls(&t, 4, true);
	tunnel_ip4(&t, 70, 71, 41);
	tunnel_tcp6(&t, 1, 2, 5);
	assert_int_equal(parse_inner(&t.f, TUNNELS_ALL, false), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
	assert_int_equal(packet.payload_len, 5);
	assert_false(packet.flags & PACKET_VLAN); /* of the inner Ethernet header */
	assert_int_equal(packet.l2, 18 + 20 + 16);
	assert_int_equal(parse_inner(&t.f, TUNNELS_ALL & ~TUNNEL_MPLS, false), TUNNEL_SOUND);
	assert_int_equal(packet.eth_type, 0x8847);
	assert_false(packet.flags & PACKET_IP);
	assert_int_equal(packet.decap, TUNNELS_ALL & ~TUNNEL_MPLS);
	assert_int_equal(parse_inner(&t.f, TUNNELS_ALL & ~TUNNEL_GRE, false), TUNNEL_SOUND);
	assert_int_equal(packet.proto, 47);
	assert_memory_equal(packet_ip_src(&packet).bytes, "\x0a\0\0\x3c", 4);
}

static void eight_tunnels_are_followed_and_the_ninth_is_not(void **state)
{
	for (int depth = 8; depth <= 9; depth++) {
		struct tunnel_frame t = {.lengths = 0};

		(void)state;
		tunnel_eth(&t, 0x0800);
		for (int i = 0; i < depth; i++)
			tunnel_ip4(&t, (uint8_t)(50 + i), 99, 4);
		tunnel_tcp4(&t, 1, 2, 5);
		assert_int_equal(parse_inner(&t.f, TUNNEL_IPIP, false),
				 depth == 8 ? TUNNEL_SOUND : TUNNEL_DEEP);
		assert_int_equal((packet.flags & PACKET_TCP) != 0, depth == 8);
	}
	assert_int_equal(packet.proto, 4);
	assert_int_equal(packet_ip_src(&packet).bytes[3], 58);
}

static void fragment_outside_or_inside_is_a_fragment(void **state)
{
	struct tunnel_frame t = {.lengths = 0};

	(void)state;
	build_vxlan(&t, 1, 2, 3);
	frame_put16(&t.f, 20, 0x2000);
	parse_inner(&t.f, TUNNEL_VXLAN, false);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_IP4 | PACKET_FRAGMENT);
	assert_int_equal(packet.decap, 0);
	assert_int_equal(packet.l3, 14);
	frame_put16(&t.f, 20, 0);
	frame_put16(&t.f, 64 + 6, 0x2000);
	parse_inner(&t.f, TUNNEL_VXLAN, false);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_IP4 | PACKET_FRAGMENT);
	assert_int_equal(packet.decap, TUNNEL_VXLAN);
	assert_int_equal(packet.l3, 64);
	assert_int_equal(packet.proto, 6);
	assert_int_equal(packet.payload, 84);
	assert_int_equal(packet.payload_len, 25);
}

static void raw_ip_carries_tunnels_too(void **state)
{
	struct tunnel_frame t = {.lengths = 0};

	(void)state;
	tunnel_ip4(&t, 50, 51, 41);
	tunnel_tcp6(&t, 1, 2, 5);
	mbuf_unwrap(&mbuf);
	mbuf = mbuf_wrap(t.f.bytes, t.f.len);
	packet_parse_inner(&packet, &mbuf, LINK_RAW_IP, TUNNEL_IPIP, false);
	assert_int_equal(packet.flags, PACKET_IP6 | PACKET_TCP);
	assert_int_equal(packet.l3, 20);
}

static struct rte_mbuf *chain_of(struct rte_mempool *pool, const struct frame *f, uint32_t piece)
{
	struct rte_mbuf *head = NULL;

	for (uint32_t at = 0; at < f->len; at += piece) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
		uint16_t len = (uint16_t)RTE_MIN(piece, f->len - at);

		assert_non_null(m);
		memcpy(rte_pktmbuf_append(m, len), f->bytes + at, len);
		if (head == NULL)
			head = m;
		else
			assert_int_equal(rte_pktmbuf_chain(head, m), 0);
	}
	return head;
}

/* The frame's bytes are what they were, in whatever segments. */
static void assert_same_bytes(const struct rte_mbuf *m, const struct frame *f)
{
	static uint8_t read[sizeof(f->bytes)];

	assert_int_equal(m->pkt_len, f->len);
	assert_memory_equal(rte_pktmbuf_read(m, 0, f->len, read), f->bytes, f->len);
}

static void headers_in_any_segments_are_found(void **state)
{
	struct rte_mempool *pool = *state;

	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame f = built(c, 1, 2, 3);

		frame_fill(&f, 0, 100);
		for (uint32_t piece = 11; piece < f.len; piece += 13) {
			struct rte_mbuf *m = chain_of(pool, &f, piece);

			packet_parse_inner(&packet, m, LINK_ETHERNET, c->tunnel, false);
			assert_inner(c);
			assert_int_equal(*packet_at(&packet, packet.payload), 'x');
			assert_same_bytes(m, &f);
			rte_pktmbuf_free(m);
		}
	}
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* Extension headers of 2000 bytes, then TCP: full segments, so that a header that
 * lies in two moves to the second one's headroom. */
static void headers_far_behind_are_found_in_full_segments(void **state)
{
	struct rte_mempool *pool = *state;
	struct rte_mbuf *one = rte_pktmbuf_alloc(pool);
	uint32_t room = rte_pktmbuf_tailroom(one);

	rte_pktmbuf_free(one);
	for (uint32_t count = 20; count < 400; count++) {
		struct tunnel_frame t = {.lengths = 0};
		struct rte_mbuf *m;

		tunnel_eth(&t, 0x86dd);
		tunnel_ip6(&t, 50, 51, 60);
		for (uint32_t i = 0; i < count; i++)
			frame_extension(&t.f, i + 1 < count ? 60 : 4);
		tunnel_tcp4(&t, 1, 2, 100);
		m = chain_of(pool, &t.f, room);
		packet_parse_inner(&packet, m, LINK_ETHERNET, TUNNEL_IPIP, false);
		assert_true(packet.flags & PACKET_TCP);
		assert_int_equal(packet.payload, 54 + 8 * count + 40);
		assert_int_equal(packet.payload_len, 100);
		assert_int_equal(packet_ip_src(&packet).bytes[3], 1);
		assert_int_equal(*packet_at(&packet, packet.payload), 'x');
		assert_same_bytes(m, &t.f);
		rte_pktmbuf_free(m);
	}
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static int start(void **state)
{
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return -1;
	*state = test_pool_create("decap", 255, 512 + RTE_PKTMBUF_HEADROOM);
	return *state == NULL ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packet_inside_of_each_tunnel_is_found),
	    cmocka_unit_test(tunnel_that_is_not_named_is_seen_from_outside),
	    cmocka_unit_test(both_directions_in_a_tunnel_are_one_flow),
	    cmocka_unit_test(equal_tuples_in_two_networks_are_two_flows),
	    cmocka_unit_test(identifiers_of_two_kinds_are_not_the_same_network),
	    cmocka_unit_test(label_stack_of_any_depth_is_followed),
	    cmocka_unit_test(tunnels_in_tunnels_are_followed_in_any_order),
	    cmocka_unit_test(eight_tunnels_are_followed_and_the_ninth_is_not),
	    cmocka_unit_test(fragment_outside_or_inside_is_a_fragment),
	    cmocka_unit_test(raw_ip_carries_tunnels_too),
	    cmocka_unit_test(headers_in_any_segments_are_found),
	    cmocka_unit_test(headers_far_behind_are_found_in_full_segments),
	};

	return cmocka_run_group_tests_name("tunnels", tests, start, parse_stop);
}
