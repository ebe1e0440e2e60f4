/* Packets inside of tunnels: what is found, what separates flows, and what is seen
 * where a tunnel is damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packet/checksum.h"
#include "packet/dynfield.h"
#include "packet/field.h"
#include "packet/packet.h"
#include "support/eal.h"
#include "support/tunnel_cases.h"

static struct rte_mbuf mbuf;
static struct packet packet;

static enum packet_tunnel_fault parse(const struct frame *f, uint8_t tunnels, bool verify)
{
	if (mbuf.buf_addr != NULL)
		mbuf_unwrap(&mbuf);
	mbuf = mbuf_wrap(f->bytes, f->len);
	memset(&packet, 0xee, sizeof(packet));
	return packet_parse_inner(&packet, &mbuf, LINK_ETHERNET, tunnels, verify);
}

static void assert_inner(const struct tunnel_case *c)
{
	if (packet.decap != c->tunnel || !(packet.flags & PACKET_TCP) || packet.payload_len != 5)
		fail_msg("%s: decap %#x, flags %#x, reason %u, payload %u", c->name, packet.decap,
			 packet.flags, packet.reason, packet.payload_len);
}

static void packet_inside_of_each_tunnel_is_found(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame f = built(c, 1, 2, 3);

		assert_int_equal(parse(&f, c->tunnel, false), TUNNEL_SOUND);
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

		parse(&f, 0, false);
		outer = packet;
		assert_int_equal(parse(&f, (uint8_t)(TUNNELS_ALL & ~c->tunnel), false),
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

		parse(&forth, c->tunnel, false);
		assert_inner(c);
		key = packet.key;
		assert_int_equal(packet.reversed, 0);
		parse(&back, c->tunnel, false);
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

		parse(&one, c->tunnel, false);
		key = packet.key;
		parse(&other, c->tunnel, false);
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
		parse(&t.f, TUNNELS_ALL, false);
		assert_true(packet.flags & PACKET_TCP);
		keys[i] = packet.key;
		for (size_t k = 0; k < i; k++)
			assert_false(flow_key_equal(&keys[i], &keys[k]));
	}
}

/* Whatever is cut off: nothing is read past the frame, and either the packet inside
 * is malformed or what carries it is seen, with a fault. */
static void every_truncation_of_every_tunnel_is_told(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame whole = built(c, 1, 2, 3);
		struct frame f = whole;

		for (f.len = 0; f.len < whole.len; f.len++) {
			enum packet_tunnel_fault fault = parse(&f, c->tunnel, false);

			assert_false(packet.flags & PACKET_TCP);
			if (fault == TUNNEL_SOUND && !(packet.flags & PACKET_MALFORMED))
				fail_msg("%s: nothing is wrong with %u of %u bytes", c->name, f.len,
					 whole.len);
		}
	}
}

/* The same with the lengths of the outer headers right for what is left, so that
 * the cut is in the tunnel's header or in the packet inside. */
static void every_shorter_datagram_around_a_tunnel_is_told(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct tunnel_frame t = {.lengths = 0};
		uint32_t whole;

		c->build(&t, 1, 2, 3);
		whole = t.f.len;
		for (t.f.len = whole - 1; t.f.len > 54; t.f.len--) {
			enum packet_tunnel_fault fault;

			for (unsigned int i = 0; i < t.lengths; i++)
				if (t.length[i].from <= t.f.len && i + 1 < t.lengths)
					frame_put16(&t.f, t.length[i].at,
						    (uint16_t)(t.f.len - t.length[i].from));
			fault = parse(&t.f, c->tunnel, false);
			assert_false(packet.flags & PACKET_TCP);
			assert_true(fault != TUNNEL_SOUND || (packet.flags & PACKET_MALFORMED));
		}
	}
}

static void malformed_packet_inside_has_its_own_reason(void **state)
{
	struct tunnel_frame t = {.lengths = 0};

	(void)state;
	build_vxlan(&t, 1, 2, 3);
	t.f.bytes[t.f.len - 5 - 8] = 0x40; /* TCP data offset */
	assert_int_equal(parse(&t.f, TUNNEL_VXLAN, false), TUNNEL_SOUND);
	assert_int_equal(packet.reason, MALFORMED_TCP_OFFSET);
	assert_int_equal(packet.decap, TUNNEL_VXLAN);
	assert_int_equal(packet.l3, 14 + 20 + 16 + 14);
	t.f.bytes[packet.l3] = 0x65;
	parse(&t.f, TUNNEL_VXLAN, false);
	assert_int_equal(packet.reason, MALFORMED_IP_VERSION);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_MALFORMED);
}

static void assert_fault(struct tunnel_frame *t, uint32_t at, uint8_t value,
			 enum packet_tunnel_fault fault, uint16_t seen)
{
	uint8_t was = t->f.bytes[at];

	t->f.bytes[at] = value;
	assert_int_equal(parse(&t->f, TUNNELS_ALL, false), fault);
	assert_int_equal(packet.decap, 0);
	assert_int_equal(packet.flags, seen);
	t->f.bytes[at] = was;
}

static void tunnel_of_another_form_leaves_its_carrier(void **state)
{
	struct tunnel_frame t = {.lengths = 0};
	const uint16_t udp = PACKET_ETH | PACKET_IP4 | PACKET_UDP, ip = PACKET_ETH | PACKET_IP4;

	(void)state;
	build_vxlan(&t, 1, 2, 3);
	assert_fault(&t, 42, 0, TUNNEL_FORM, udp); /* no VNI */
	assert_int_equal(packet.dport, 4789);
	assert_int_equal(packet.payload, 42);
	assert_int_equal(packet.payload_len, t.f.len - 42);
	t = (struct tunnel_frame){.lengths = 0};
	build_geneve(&t, 1, 2, 3);
	assert_fault(&t, 42, 0x45, TUNNEL_FORM, udp);  /* version 1 */
	assert_fault(&t, 44, 0x12, TUNNEL_SOUND, udp); /* not a packet */
	t = (struct tunnel_frame){.lengths = 0};
	build_gre(&t, 1, 2, 3);
	assert_fault(&t, 34, 0x40, TUNNEL_FORM, ip);  /* RFC 1701 routing */
	assert_fault(&t, 35, 0x01, TUNNEL_FORM, ip);  /* version 1 */
	assert_fault(&t, 36, 0x12, TUNNEL_SOUND, ip); /* not a packet */
	t = (struct tunnel_frame){.lengths = 0};
	build_erspan2(&t, 1, 2, 3);
	assert_fault(&t, 42, 0x70, TUNNEL_FORM, ip);
	t = (struct tunnel_frame){.lengths = 0};
	build_erspan3(&t, 1, 2, 3);
	assert_fault(&t, 42, 0x10, TUNNEL_FORM, ip);
	t = (struct tunnel_frame){.lengths = 0};
	build_pppoe(&t, 1, 2, 3);
	assert_fault(&t, 14, 0x12, TUNNEL_FORM, PACKET_ETH);
	assert_fault(&t, 15, 0x09, TUNNEL_FORM, PACKET_ETH);
	assert_fault(&t, 20, 0xc0, TUNNEL_SOUND, PACKET_ETH); /* negotiation */
	assert_fault(&t, 18, 0x50, TUNNEL_SHORT, PACKET_ETH); /* beyond the frame */
	t = (struct tunnel_frame){.lengths = 0};
	build_mpls(&t, 1, 2, 3);
	assert_fault(&t, 22, 0x10, TUNNEL_SOUND, PACKET_ETH); /* associated channel */
	t = (struct tunnel_frame){.lengths = 0};
	tunnel_eth(&t, 0x8847);
	for (int i = 0; i < 300; i++)
		tunnel_mpls(&t, 5, false);
	assert_int_equal(parse(&t.f, TUNNELS_ALL, false), TUNNEL_SHORT);
}

static void label_stack_of_any_depth_is_followed(void **state)
{
	struct tunnel_frame t = {.lengths = 0};

	(void)state;
	tunnel_eth(&t, 0x8847);
	for (int i = 0; i < 300; i++)
		tunnel_mpls(&t, 5, i == 299);
	tunnel_tcp4(&t, 1, 2, 5);
	assert_int_equal(parse(&t.f, TUNNEL_MPLS, false), TUNNEL_SOUND);
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
	assert_int_equal(parse(&t.f, TUNNELS_ALL, false), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
	assert_int_equal(packet.payload_len, 5);
	assert_false(packet.flags & PACKET_VLAN); /* of the inner Ethernet header */
	assert_int_equal(packet.l2, 18 + 20 + 16);
	assert_int_equal(parse(&t.f, TUNNELS_ALL & ~TUNNEL_MPLS, false), TUNNEL_SOUND);
	assert_int_equal(packet.eth_type, 0x8847);
	assert_false(packet.flags & PACKET_IP);
	assert_int_equal(packet.decap, TUNNELS_ALL & ~TUNNEL_MPLS);
	assert_int_equal(parse(&t.f, TUNNELS_ALL & ~TUNNEL_GRE, false), TUNNEL_SOUND);
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
		assert_int_equal(parse(&t.f, TUNNEL_IPIP, false),
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
	parse(&t.f, TUNNEL_VXLAN, false);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_IP4 | PACKET_FRAGMENT);
	assert_int_equal(packet.decap, 0);
	assert_int_equal(packet.l3, 14);
	frame_put16(&t.f, 20, 0);
	frame_put16(&t.f, 64 + 6, 0x2000);
	parse(&t.f, TUNNEL_VXLAN, false);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_IP4 | PACKET_FRAGMENT);
	assert_int_equal(packet.decap, TUNNEL_VXLAN);
	assert_int_equal(packet.l3, 64);
	assert_int_equal(packet.proto, 6);
	assert_int_equal(packet.payload, 84);
	assert_int_equal(packet.payload_len, 25);
}

static void padding_and_a_cut_capture_are_told_apart_inside(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame f = built(c, 1, 2, 3);
		uint32_t whole = f.len;

		frame_fill(&f, 0, 20); /* padding of the outermost frame */
		parse(&f, c->tunnel, false);
		assert_inner(c);
		f.len = whole - 3;
		parse(&f, c->tunnel, false);
		packet_mbuf_set_wire_length(&mbuf, whole + 20);
		packet_parse_inner(&packet, &mbuf, LINK_ETHERNET, c->tunnel, true);
		assert_true(packet.flags & PACKET_TRUNCATED);
		if (!(packet.flags & PACKET_TCP) || packet.payload_len != 2 ||
		    packet.payload_missing != 3)
			fail_msg("%s: %u bytes and %u missing", c->name, packet.payload_len,
				 packet.payload_missing);
	}
}

static void ip4_set_checksum(struct frame *f, uint32_t at)
{
	uint16_t sum;

	frame_put16(f, at + 10, 0);
	sum = rte_ipv4_cksum((const struct rte_ipv4_hdr *)(const void *)(f->bytes + at));
	memcpy(f->bytes + at + 10, &sum, 2);
}

static void wrong_checksum_around_a_tunnel_ends_there(void **state)
{
	struct tunnel_frame t = {.lengths = 0};
	uint16_t sum;

	(void)state;
	build_vxlan(&t, 1, 2, 3);
	assert_int_equal(parse(&t.f, TUNNEL_VXLAN, true), TUNNEL_CHECKSUM);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_IP4 | PACKET_UDP | PACKET_CHECKSUM_BAD);
	ip4_set_checksum(&t.f, 14);
	assert_int_equal(parse(&t.f, TUNNEL_VXLAN, true), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
	frame_put16(&t.f, 40, 0x1234); /* of UDP: 0 is none */
	assert_int_equal(parse(&t.f, TUNNEL_VXLAN, true), TUNNEL_CHECKSUM);
	t = (struct tunnel_frame){.lengths = 0};
	tunnel_eth(&t, 0x0800);
	tunnel_ip4(&t, 50, 51, 47);
	tunnel_gre(&t, 0x8000, 0, 0x0800);
	tunnel_tcp4(&t, 1, 2, 5);
	ip4_set_checksum(&t.f, 14);
	assert_int_equal(parse(&t.f, TUNNEL_GRE, true), TUNNEL_CHECKSUM);
	assert_int_equal(packet.proto, 47);
	sum = (uint16_t)~rte_raw_cksum(t.f.bytes + 34, t.f.len - 34);
	memcpy(t.f.bytes + 38, &sum, 2);
	assert_int_equal(parse(&t.f, TUNNEL_GRE, true), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
	assert_int_equal(parse(&t.f, TUNNEL_GRE, false), TUNNEL_SOUND);
}

static void rfc6935_tunnel_over_ip6_may_have_no_udp_checksum(void **state)
{
	struct tunnel_frame t = {.lengths = 0};

	(void)state;
	build_vxlan_linux6(&t, 1, 2, 3);
	assert_int_equal(parse(&t.f, TUNNEL_VXLAN, true), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
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

/* ---- frames in several segments ---- */

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

static int stop(void **state)
{
	(void)state;
	mbuf_unwrap(&mbuf);
	return rte_eal_cleanup();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packet_inside_of_each_tunnel_is_found),
	    cmocka_unit_test(tunnel_that_is_not_named_is_seen_from_outside),
	    cmocka_unit_test(both_directions_in_a_tunnel_are_one_flow),
	    cmocka_unit_test(equal_tuples_in_two_networks_are_two_flows),
	    cmocka_unit_test(identifiers_of_two_kinds_are_not_the_same_network),
	    cmocka_unit_test(every_truncation_of_every_tunnel_is_told),
	    cmocka_unit_test(every_shorter_datagram_around_a_tunnel_is_told),
	    cmocka_unit_test(malformed_packet_inside_has_its_own_reason),
	    cmocka_unit_test(tunnel_of_another_form_leaves_its_carrier),
	    cmocka_unit_test(label_stack_of_any_depth_is_followed),
	    cmocka_unit_test(tunnels_in_tunnels_are_followed_in_any_order),
	    cmocka_unit_test(eight_tunnels_are_followed_and_the_ninth_is_not),
	    cmocka_unit_test(fragment_outside_or_inside_is_a_fragment),
	    cmocka_unit_test(padding_and_a_cut_capture_are_told_apart_inside),
	    cmocka_unit_test(wrong_checksum_around_a_tunnel_ends_there),
	    cmocka_unit_test(rfc6935_tunnel_over_ip6_may_have_no_udp_checksum),
	    cmocka_unit_test(raw_ip_carries_tunnels_too),
	    cmocka_unit_test(headers_in_any_segments_are_found),
	    cmocka_unit_test(headers_far_behind_are_found_in_full_segments),
	};

	return cmocka_run_group_tests_name("tunnels", tests, start, stop);
}
