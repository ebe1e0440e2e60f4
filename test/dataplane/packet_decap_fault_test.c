/* What is seen where a tunnel is cut, damaged or of another form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "packet/checksum.h"
#include "support/tunnel_parsed.h"

/* Whatever is cut off: nothing is read past the frame, and either the packet inside
 * is malformed or what carries it is seen, with a fault. */
static void every_truncation_of_every_tunnel_is_told(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame whole = built(c, 1, 2, 3);
		struct frame f = whole;

		for (f.len = 0; f.len < whole.len; f.len++) {
			enum packet_tunnel_fault fault = parse_inner(&f, c->tunnel, false);

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
			fault = parse_inner(&t.f, c->tunnel, false);
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
	assert_int_equal(parse_inner(&t.f, TUNNEL_VXLAN, false), TUNNEL_SOUND);
	assert_int_equal(packet.reason, MALFORMED_TCP_OFFSET);
	assert_int_equal(packet.decap, TUNNEL_VXLAN);
	assert_int_equal(packet.l3, 14 + 20 + 16 + 14);
	t.f.bytes[packet.l3] = 0x65;
	parse_inner(&t.f, TUNNEL_VXLAN, false);
	assert_int_equal(packet.reason, MALFORMED_IP_VERSION);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_MALFORMED);
}

static void assert_fault(struct tunnel_frame *t, uint32_t at, uint8_t value,
			 enum packet_tunnel_fault fault, uint16_t seen)
{
	uint8_t was = t->f.bytes[at];

	t->f.bytes[at] = value;
	assert_int_equal(parse_inner(&t->f, TUNNELS_ALL, false), fault);
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
	assert_int_equal(parse_inner(&t.f, TUNNELS_ALL, false), TUNNEL_SHORT);
}

static void padding_and_a_cut_capture_are_told_apart_inside(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		struct frame f = built(c, 1, 2, 3);
		uint32_t whole = f.len;

		frame_fill(&f, 0, 20); /* padding of the outermost frame */
		parse_inner(&f, c->tunnel, false);
		assert_inner(c);
		f.len = whole - 3;
		parse_inner(&f, c->tunnel, false);
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
	assert_int_equal(parse_inner(&t.f, TUNNEL_VXLAN, true), TUNNEL_CHECKSUM);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_IP4 | PACKET_UDP | PACKET_CHECKSUM_BAD);
	ip4_set_checksum(&t.f, 14);
	assert_int_equal(parse_inner(&t.f, TUNNEL_VXLAN, true), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
	frame_put16(&t.f, 40, 0x1234); /* of UDP: 0 is none */
	assert_int_equal(parse_inner(&t.f, TUNNEL_VXLAN, true), TUNNEL_CHECKSUM);
	t = (struct tunnel_frame){.lengths = 0};
	tunnel_eth(&t, 0x0800);
	tunnel_ip4(&t, 50, 51, 47);
	tunnel_gre(&t, 0x8000, 0, 0x0800);
	tunnel_tcp4(&t, 1, 2, 5);
	ip4_set_checksum(&t.f, 14);
	assert_int_equal(parse_inner(&t.f, TUNNEL_GRE, true), TUNNEL_CHECKSUM);
	assert_int_equal(packet.proto, 47);
	sum = (uint16_t)~rte_raw_cksum(t.f.bytes + 34, t.f.len - 34);
	memcpy(t.f.bytes + 38, &sum, 2);
	assert_int_equal(parse_inner(&t.f, TUNNEL_GRE, true), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
	assert_int_equal(parse_inner(&t.f, TUNNEL_GRE, false), TUNNEL_SOUND);
}

static void rfc6935_tunnel_over_ip6_may_have_no_udp_checksum(void **state)
{
	struct tunnel_frame t = {.lengths = 0};

	(void)state;
	build_vxlan_linux6(&t, 1, 2, 3);
	assert_int_equal(parse_inner(&t.f, TUNNEL_VXLAN, true), TUNNEL_SOUND);
	assert_true(packet.flags & PACKET_TCP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_truncation_of_every_tunnel_is_told),
	    cmocka_unit_test(every_shorter_datagram_around_a_tunnel_is_told),
	    cmocka_unit_test(malformed_packet_inside_has_its_own_reason),
	    cmocka_unit_test(tunnel_of_another_form_leaves_its_carrier),
	    cmocka_unit_test(padding_and_a_cut_capture_are_told_apart_inside),
	    cmocka_unit_test(wrong_checksum_around_a_tunnel_ends_there),
	    cmocka_unit_test(rfc6935_tunnel_over_ip6_may_have_no_udp_checksum),
	};

	return cmocka_run_group_tests_name("damaged tunnels", tests, parse_start, parse_stop);
}
