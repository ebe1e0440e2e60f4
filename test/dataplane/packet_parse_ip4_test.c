/* IPv4, and what both versions have: lengths, padding, captures that cut frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/parsed.h"

static void tcp_over_ip4_has_all_fields(void **state)
{
	struct frame f = frame_tcp4(5);
	const struct packet *p = parse(&f);

	(void)state;
	assert_int_equal(p->flags, PACKET_ETH | PACKET_IP4 | PACKET_TCP);
	assert_int_equal(p->reason, MALFORMED_NONE);
	assert_int_equal(p->l3, 14);
	assert_int_equal(p->l4, 34);
	assert_int_equal(p->payload, 54);
	assert_int_equal(p->payload_len, 5);
	assert_int_equal(p->payload_missing, 0);
	assert_int_equal(p->eth_type, 0x0800);
	assert_int_equal(p->proto, 6);
	assert_int_equal(p->sport, 1234);
	assert_int_equal(p->dport, 80);
	assert_int_equal(p->seq, 0x01020304);
	assert_int_equal(p->ack, 0x05060708);
	assert_int_equal(p->tcp_flags, TCP_ACK | TCP_PSH);
	assert_int_equal(p->window, 4096);
	assert_int_equal(p->time, 0xeeeeeeeeeeeeeeee);
	assert_memory_equal(packet_at(p, p->payload), "xxxxx", 5);
}

static void ip4_options_move_the_transport_header(void **state)
{
	struct frame f = {.len = 0};
	uint32_t ip;

	(void)state;
	frame_eth(&f, 0x0800);
	ip = frame_ip4(&f, 1, 2, 6, 60);
	f.bytes[ip] = 0x4f;
	frame_fill(&f, 1, 40);
	frame_tcp(&f, 1234, 80);
	assert_true(parse(&f)->flags & PACKET_TCP);
	assert_int_equal(packet.l4, 14 + 60);
	f.len = ip + 59;
	assert_malformed(parse(&f), MALFORMED_IP_HEADER_LENGTH);
}

static void ip4_header_below_20_bytes_is_short(void **state)
{
	struct frame f = frame_tcp4(0);

	(void)state;
	f.len = 33;
	assert_malformed(parse(&f), MALFORMED_IP_SHORT);
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_MALFORMED);
	assert_int_equal(packet.l3, 0);
}

static void ip4_header_length_below_five_words_is_malformed(void **state)
{
	struct frame f = frame_tcp4(0);

	(void)state;
	f.bytes[14] = 0x44;
	assert_malformed(parse(&f), MALFORMED_IP_HEADER_LENGTH);
}

static void ip_version_that_is_not_the_ethernet_types_is_malformed(void **state)
{
	struct frame f = frame_tcp4(0);

	(void)state;
	f.bytes[14] = 0x65;
	assert_malformed(parse(&f), MALFORMED_IP_VERSION);
	f = frame_tcp6(0);
	f.bytes[14] = 0x40;
	assert_malformed(parse(&f), MALFORMED_IP_VERSION);
}

static void padding_after_the_ip_length_is_not_payload(void **state)
{
	struct frame f = frame_tcp4(1);

	(void)state;
	frame_fill(&f, 0xff, 20);
	assert_int_equal(parse(&f)->payload_len, 1);
	f = frame_tcp6(2);
	frame_fill(&f, 0xff, 20);
	assert_int_equal(parse(&f)->payload_len, 2);
	f = frame_udp4(3);
	frame_fill(&f, 0xff, 20);
	assert_int_equal(parse(&f)->payload_len, 3);
}

static void ip_length_beyond_the_frame_is_malformed(void **state)
{
	struct frame f = frame_tcp4(5);

	(void)state;
	f.len--;
	assert_malformed(parse(&f), MALFORMED_IP_LENGTH);
	f = frame_tcp6(5);
	f.len--;
	assert_malformed(parse(&f), MALFORMED_IP_LENGTH);
}

static void ip4_length_below_its_header_is_malformed(void **state)
{
	struct frame f = frame_tcp4(5);

	(void)state;
	frame_put16(&f, 16, 19);
	assert_malformed(parse(&f), MALFORMED_IP_LENGTH);
}

static void ip4_length_zero_ends_with_the_frame(void **state)
{
	struct frame f = frame_tcp4(3000);

	(void)state;
	frame_put16(&f, 16, 0);
	assert_true(parse(&f)->flags & PACKET_TCP);
	assert_int_equal(packet.payload_len, 3000);
}

static const struct packet *parse_truncated(const struct frame *f, uint32_t wire_length)
{
	parse(f);
	packet_mbuf_set_wire_length(&mbuf, wire_length);
	packet_parse(&packet, &mbuf, LINK_ETHERNET);
	return &packet;
}

static void truncated_capture_counts_what_is_missing(void **state)
{
	struct frame f = frame_tcp4(100);
	uint32_t wire = f.len;

	(void)state;
	f.len -= 60;
	assert_int_equal(parse_truncated(&f, wire)->flags,
			 PACKET_ETH | PACKET_IP4 | PACKET_TCP | PACKET_TRUNCATED);
	assert_int_equal(packet.payload_len, 40);
	assert_int_equal(packet.payload_missing, 60);
	assert_malformed(parse_truncated(&f, wire - 1), MALFORMED_IP_LENGTH);
	f = frame_udp4(100);
	wire = f.len + 10; /* padding on the wire is not missed */
	f.len -= 60;
	assert_true(parse_truncated(&f, wire)->flags & PACKET_UDP);
	assert_int_equal(packet.payload_missing, 60);
}

static void truncated_capture_that_has_all_of_the_datagram_misses_nothing(void **state)
{
	struct frame f = frame_tcp4(2);

	(void)state;
	assert_true(parse_truncated(&f, f.len + 4)->flags & PACKET_TRUNCATED);
	assert_int_equal(packet.payload_len, 2);
	assert_int_equal(packet.payload_missing, 0);
}

static void any_ip4_fragment_has_no_transport_header(void **state)
{
	const uint16_t fields[] = {0x2000, 0x0001, 0x1fff, 0x2001};
	struct frame f = frame_tcp4(8);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		frame_put16(&f, 20, fields[i]);
		assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP4 | PACKET_FRAGMENT);
		assert_int_equal(packet.payload, 34);
		assert_int_equal(packet.payload_len, 28);
		assert_int_equal(packet.sport, 0);
	}
	frame_put16(&f, 20, 0x4000); /* don't fragment */
	assert_true(parse(&f)->flags & PACKET_TCP);
}

static void other_protocols_have_ip_flags_only(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_eth(&f, 0x0800);
	frame_ip4(&f, 1, 2, 47, 10);
	frame_fill(&f, 0, 10);
	assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP4);
	assert_int_equal(packet.proto, 47);
	assert_int_equal(packet.l4, 0);
	assert_int_equal(packet.payload, 34);
	assert_int_equal(packet.payload_len, 10);
	assert_int_equal(packet.key.word[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tcp_over_ip4_has_all_fields),
	    cmocka_unit_test(ip4_options_move_the_transport_header),
	    cmocka_unit_test(ip4_header_below_20_bytes_is_short),
	    cmocka_unit_test(ip4_header_length_below_five_words_is_malformed),
	    cmocka_unit_test(ip_version_that_is_not_the_ethernet_types_is_malformed),
	    cmocka_unit_test(padding_after_the_ip_length_is_not_payload),
	    cmocka_unit_test(ip_length_beyond_the_frame_is_malformed),
	    cmocka_unit_test(ip4_length_below_its_header_is_malformed),
	    cmocka_unit_test(ip4_length_zero_ends_with_the_frame),
	    cmocka_unit_test(truncated_capture_counts_what_is_missing),
	    cmocka_unit_test(truncated_capture_that_has_all_of_the_datagram_misses_nothing),
	    cmocka_unit_test(any_ip4_fragment_has_no_transport_header),
	    cmocka_unit_test(other_protocols_have_ip_flags_only),
	};

	return cmocka_run_group_tests_name("packet parser: IPv4", tests, parse_start, parse_stop);
}
