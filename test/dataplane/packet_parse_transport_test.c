/* TCP, UDP and ICMP headers, and the flow that they belong to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/parsed.h"

static void tcp_header_below_20_bytes_is_short(void **state)
{
	struct frame f = frame_tcp4(0);

	(void)state;
	frame_put16(&f, 16, 39); /* the rest of the frame is padding */
	assert_malformed(parse(&f), MALFORMED_TCP_SHORT);
	assert_true(packet.flags & PACKET_IP4);
}

static void tcp_offset_below_five_or_beyond_the_segment_is_malformed(void **state)
{
	struct frame f = frame_tcp4(3);

	(void)state;
	f.bytes[46] = 0x40;
	assert_malformed(parse(&f), MALFORMED_TCP_OFFSET);
	f.bytes[46] = 0x60;
	assert_malformed(parse(&f), MALFORMED_TCP_OFFSET);
	frame_put16(&f, 16, 44);
	frame_fill(&f, 0, 1);
	assert_true(parse(&f)->flags & PACKET_TCP);
	assert_int_equal(packet.payload, 58);
	assert_int_equal(packet.payload_len, 0);
}

static void tcp_with_bad_options_is_not_malformed(void **state)
{
	struct frame f = frame_tcp4(4);

	(void)state;
	f.bytes[46] = 0x60;
	memcpy(f.bytes + 54, "\x02\x00\x08\x63", 4);
	assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP4 | PACKET_TCP);
}

static void udp_header_below_8_bytes_is_short(void **state)
{
	struct frame f = frame_udp4(0);

	(void)state;
	frame_put16(&f, 16, 27);
	assert_malformed(parse(&f), MALFORMED_UDP_SHORT);
}

static void udp_length_below_8_or_beyond_the_datagram_is_malformed(void **state)
{
	struct frame f = frame_udp4(4);

	(void)state;
	frame_put16(&f, 38, 7);
	assert_malformed(parse(&f), MALFORMED_UDP_LENGTH);
	frame_put16(&f, 38, 13);
	assert_malformed(parse(&f), MALFORMED_UDP_LENGTH);
	frame_put16(&f, 38, 10);
	assert_true(parse(&f)->flags & PACKET_UDP);
	assert_int_equal(packet.payload_len, 2);
}

/* As Linux takes it, jumbogram or not. */
static void udp_length_0_over_ipv6_is_the_rest_of_the_packet(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, 17, 12);
	frame_add(&f, (uint8_t[]){0, 9, 0, 53, 0, 0, 0, 0, 1, 2, 3, 4}, 12);
	assert_true(parse(&f)->flags & PACKET_UDP);
	assert_int_equal(packet.payload_len, 4);
}

static struct frame echo4(uint8_t type, uint8_t from, uint8_t to)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x0800);
	frame_ip4(&f, from, to, 1, 8);
	frame_add(&f, (uint8_t[]){type, 0, 0, 0, 0x12, 0x34, 0, 1}, 8);
	return f;
}

static void icmp_echo_and_its_reply_are_one_flow_by_identifier(void **state)
{
	struct frame f = echo4(8, 1, 2);
	struct flow_key key = parse(&f)->key;

	(void)state;
	assert_int_equal(packet.flags, PACKET_ETH | PACKET_IP4 | PACKET_ICMP);
	assert_int_equal(packet.sport, 0x0800);
	assert_int_equal(key.word[0], 0x12341234);
	assert_int_equal(packet.reversed, 0);
	f = echo4(0, 2, 1);
	assert_true(flow_key_equal(&key, &parse(&f)->key));
	assert_int_equal(packet.reversed, 1);
	f = echo4(3, 2, 1);
	assert_int_equal(parse(&f)->key.word[0], 0);
}

static void icmp_below_8_bytes_is_short(void **state)
{
	struct frame f = echo4(8, 1, 2);

	(void)state;
	frame_put16(&f, 16, 27);
	assert_malformed(parse(&f), MALFORMED_ICMP_SHORT);
}

static void icmp_of_the_other_ip_version_is_another_protocol(void **state)
{
	struct frame f = echo4(8, 1, 2);

	(void)state;
	f.bytes[23] = 58;
	assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP4);
}

static void key_is_the_same_in_both_directions(void **state)
{
	struct frame f = {.len = 0};
	struct flow_key key;

	(void)state;
	frame_eth(&f, 0x0800);
	frame_ip4(&f, 9, 3, 6, 20);
	frame_tcp(&f, 80, 1234);
	key = parse(&f)->key;
	assert_int_equal(packet.reversed, 1);
	assert_int_equal(key.word[0], 1234u << 16 | 80);
	assert_int_equal(key.word[1], 4u << 8 | 6);
	assert_memory_equal(&key.word[2], "\x0a\0\0\x03\x0a\0\0\x09", 8);
	f.len = 14;
	frame_ip4(&f, 3, 9, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_memory_equal(&key, &parse(&f)->key, sizeof(key));
	assert_int_equal(packet.reversed, 0);
}

static void key_orders_by_port_where_addresses_are_equal(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 5, 5, 6, 20);
	frame_tcp(&f, 99, 80);
	assert_int_equal(parse(&f)->reversed, 1);
	assert_int_equal(packet.key.word[0], 80u << 16 | 99);
	frame_put16(&f, 54, 80);
	frame_put16(&f, 56, 99);
	assert_int_equal(parse(&f)->reversed, 0);
}

static void key_of_ip6_orders_by_address_bytes(void **state)
{
	struct frame f = frame_tcp6(0);

	(void)state;
	f.bytes[14 + 8 + 9] = 1; /* source is greater in its second half */
	assert_int_equal(parse(&f)->reversed, 1);
	assert_int_equal(packet.key.word[1], 6u << 8 | 6);
	assert_memory_equal(&packet.key.word[2], f.bytes + 14 + 24, 16);
	assert_memory_equal(&packet.key.word[6], f.bytes + 14 + 8, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tcp_header_below_20_bytes_is_short),
	    cmocka_unit_test(tcp_offset_below_five_or_beyond_the_segment_is_malformed),
	    cmocka_unit_test(tcp_with_bad_options_is_not_malformed),
	    cmocka_unit_test(udp_header_below_8_bytes_is_short),
	    cmocka_unit_test(udp_length_below_8_or_beyond_the_datagram_is_malformed),
	    cmocka_unit_test(udp_length_0_over_ipv6_is_the_rest_of_the_packet),
	    cmocka_unit_test(icmp_echo_and_its_reply_are_one_flow_by_identifier),
	    cmocka_unit_test(icmp_below_8_bytes_is_short),
	    cmocka_unit_test(icmp_of_the_other_ip_version_is_another_protocol),
	    cmocka_unit_test(key_is_the_same_in_both_directions),
	    cmocka_unit_test(key_orders_by_port_where_addresses_are_equal),
	    cmocka_unit_test(key_of_ip6_orders_by_address_bytes),
	};

	return cmocka_run_group_tests_name("packet parser: transport", tests, parse_start,
					   parse_stop);
}
