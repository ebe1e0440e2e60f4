/* IPv6 and its chain of extension headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/parsed.h"

static void tcp_over_ip6_has_all_fields(void **state)
{
	struct frame f = frame_tcp6(3);
	const struct packet *p = parse(&f);

	(void)state;
	assert_int_equal(p->flags, PACKET_ETH | PACKET_IP6 | PACKET_TCP);
	assert_int_equal(p->l4, 54);
	assert_int_equal(p->payload, 74);
	assert_int_equal(p->payload_len, 3);
	assert_int_equal(p->dport, 80);
}

/* IPv6 with a chain of extension headers of eight bytes, then TCP. */
static struct frame chained(const uint8_t *types, unsigned int count)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, count > 0 ? types[0] : 6, (uint16_t)(count * 8 + 20));
	for (unsigned int i = 0; i < count; i++)
		frame_extension(&f, i + 1 < count ? types[i + 1] : 6);
	frame_tcp(&f, 1234, 80);
	return f;
}

static void ip6_extensions_lead_to_the_transport_header(void **state)
{
	const uint8_t types[] = {0, 60, 43, 44, 60, 60, 43, 60};
	struct frame f = chained(types, 8);

	(void)state;
	assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP6 | PACKET_TCP);
	assert_int_equal(packet.l4, 54 + 64);
	assert_int_equal(packet.proto, 6);
}

static void ip6_extension_length_counts(void **state)
{
	const uint8_t types[] = {60, 60};
	struct frame f = chained(types, 2);

	(void)state;
	f.bytes[54] = 6;
	f.bytes[55] = 1; /* the first covers both */
	assert_true(parse(&f)->flags & PACKET_TCP);
	f.bytes[55] = 200;
	assert_malformed(parse(&f), MALFORMED_IP_EXTENSION);
}

static void ip6_hop_by_hop_that_is_not_first_is_malformed(void **state)
{
	const uint8_t types[] = {60, 0};
	struct frame f = chained(types, 2);

	(void)state;
	assert_malformed(parse(&f), MALFORMED_IP_EXTENSION);
}

static void ip6_chain_of_any_length_is_followed(void **state)
{
	uint8_t types[400];
	struct frame f;

	(void)state;
	memset(types, 60, sizeof(types));
	f = chained(types, 400);
	assert_true(parse(&f)->flags & PACKET_TCP);
	assert_int_equal(packet.l4, 54 + 8 * 400);
	for (f.len -= 1; f.len > 54; f.len -= 7) {
		frame_put16(&f, 18, (uint16_t)(f.len - 54));
		assert_true(parse(&f)->flags & PACKET_MALFORMED);
	}
}

static void ip6_headers_that_no_host_follows_are_the_protocol(void **state)
{
	const uint8_t types[] = {50, 135, 139, 140};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(types); i++) {
		struct frame f = chained(&types[i], 1);

		assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP6);
		assert_int_equal(packet.proto, types[i]);
	}
}

static void routing_header_that_is_not_done_has_no_transport(void **state)
{
	static const struct {
		uint8_t type, left;
		bool malformed, transport;
	} cases[] = {
	    {0, 0, false, true},  {0, 1, true, false},	{2, 0, false, true},
	    {2, 1, false, false}, {3, 0, false, false}, {4, 0, false, false},
	    {4, 1, false, false}, {77, 0, false, true}, {77, 1, true, false},
	};
	const uint8_t types[] = {60, 43, 60};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct frame f = chained(types, 3);

		f.bytes[64] = cases[i].type;
		f.bytes[65] = cases[i].left;
		parse(&f);
		assert_int_equal((packet.flags & PACKET_MALFORMED) != 0, cases[i].malformed);
		assert_int_equal((packet.flags & PACKET_TCP) != 0, cases[i].transport);
		if (cases[i].malformed || cases[i].transport)
			continue;
		assert_int_equal(packet.proto, 43);
		assert_int_equal(packet.payload, 62);
		assert_int_equal(packet.payload_len, 16 + 20);
	}
}

static void second_fragment_header_is_malformed(void **state)
{
	const uint8_t types[] = {44, 60, 44};
	struct frame f = chained(types, 2);

	(void)state;
	assert_true(parse(&f)->flags & PACKET_TCP);
	f = chained(types, 3);
	assert_malformed(parse(&f), MALFORMED_IP_EXTENSION);
}

/* One header of 16 bytes with `options`, 14 of them, then TCP. */
static struct frame optioned(uint8_t type, const char *options)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, type, 16 + 20);
	frame_add(&f, "\x06\x01", 2);
	frame_add(&f, options, 14);
	frame_tcp(&f, 1234, 80);
	return f;
}

/* As Linux 6.18 does it, seen between two of its namespaces. */
static void rfc8200_4_2_options_are_skipped_or_refuse_the_packet(void **state)
{
	static const struct {
		uint8_t type;
		bool taken;
		const char *options;
	} cases[] = {
	    {60, true, "\x1e\x0c\1\1\1\1\1\1\1\1\1\1\1\1"},  /* unknown, to be skipped */
	    {60, false, "\x5e\x0c\1\1\1\1\1\1\1\1\1\1\1\1"}, /* discard */
	    {60, false, "\x9e\x0c\1\1\1\1\1\1\1\1\1\1\1\1"}, /* discard and say so */
	    {60, false, "\xde\x0c\1\1\1\1\1\1\1\1\1\1\1\1"}, /* unless multicast */
	    {0, false, "\x5e\x0c\1\1\1\1\1\1\1\1\1\1\1\1"},
	    {60, false, "\x01\x05\0\0\0\0\0\x01\x05\0\0\0\0\0"},
	    {60, false, "\x01\x0c\0\0\0\0\0\0\0\0\0\0\0\0"}, /* 14 bytes of padding */
	    {60, false, "\x1e\x04\1\1\1\1\x01\x06\1\0\0\0\0\0"},
	    {60, false, "\x1e\x05\1\1\1\1\1\x01\x05\1\0\0\0\0"}, /* padding not zero */
	    {60, true, "\x1e\x05\1\1\1\1\1\x01\x05\0\0\0\0\0"},
	    {60, false, "\x1e\x0d\1\1\1\1\1\1\1\1\1\1\1\1"},	   /* beyond its header */
	    {0, true, "\x05\x02\0\0\x01\x00\x1e\x06\1\1\1\1\1\1"}, /* router alert */
	    {0, false, "\x05\x03\0\0\0\x1e\x07\1\1\1\1\1\1\1"},
	    {60, true, "\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0"}, /* seven options */
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct frame f = optioned(cases[i].type, cases[i].options);

		if (cases[i].taken)
			assert_true(parse(&f)->flags & PACKET_TCP);
		else
			assert_malformed(parse(&f), MALFORMED_IP_EXTENSION);
	}
}

static void ip6_extension_that_is_cut_is_malformed(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, 60, 7);
	frame_fill(&f, 0, 30); /* padding, which is no header */
	assert_malformed(parse(&f), MALFORMED_IP_EXTENSION);
	assert_true(packet.flags & PACKET_IP6);
}

static void ip6_no_next_header_has_no_transport(void **state)
{
	const uint8_t types[] = {60, 59};
	struct frame f = chained(types, 2);

	(void)state;
	assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP6);
	assert_int_equal(packet.proto, 59);
}

static void ip6_fragment_ends_the_chain(void **state)
{
	const uint8_t types[] = {60, 44};
	struct frame f = chained(types, 2);

	(void)state;
	frame_put16(&f, 64, 0x0001);
	assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP6 | PACKET_FRAGMENT);
	assert_int_equal(packet.payload, 70);
	assert_int_equal(packet.payload_len, 20);
	assert_int_equal(packet.proto, 6);
	frame_put16(&f, 64, 0x0008);
	assert_true(parse(&f)->flags & PACKET_FRAGMENT);
}

static void rfc6946_atomic_fragment_is_a_whole_datagram(void **state)
{
	const uint8_t types[] = {44};
	struct frame f = chained(types, 1);

	(void)state;
	assert_int_equal(parse(&f)->flags, PACKET_ETH | PACKET_IP6 | PACKET_TCP);
}

static void ip6_jumbogram_is_malformed(void **state)
{
	const uint8_t types[] = {0};
	struct frame f = chained(types, 1);

	(void)state;
	frame_put16(&f, 18, 0);
	assert_malformed(parse(&f), MALFORMED_IP_LENGTH);
}

static void ip6_header_below_40_bytes_is_short(void **state)
{
	struct frame f = frame_tcp6(0);

	(void)state;
	f.len = 53;
	assert_malformed(parse(&f), MALFORMED_IP_SHORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tcp_over_ip6_has_all_fields),
	    cmocka_unit_test(ip6_extensions_lead_to_the_transport_header),
	    cmocka_unit_test(ip6_extension_length_counts),
	    cmocka_unit_test(ip6_hop_by_hop_that_is_not_first_is_malformed),
	    cmocka_unit_test(ip6_chain_of_any_length_is_followed),
	    cmocka_unit_test(ip6_headers_that_no_host_follows_are_the_protocol),
	    cmocka_unit_test(routing_header_that_is_not_done_has_no_transport),
	    cmocka_unit_test(second_fragment_header_is_malformed),
	    cmocka_unit_test(rfc8200_4_2_options_are_skipped_or_refuse_the_packet),
	    cmocka_unit_test(ip6_extension_that_is_cut_is_malformed),
	    cmocka_unit_test(ip6_no_next_header_has_no_transport),
	    cmocka_unit_test(ip6_fragment_ends_the_chain),
	    cmocka_unit_test(rfc6946_atomic_fragment_is_a_whole_datagram),
	    cmocka_unit_test(ip6_jumbogram_is_malformed),
	    cmocka_unit_test(ip6_header_below_40_bytes_is_short),
	};

	return cmocka_run_group_tests_name("packet parser: IPv6", tests, parse_start, parse_stop);
}
