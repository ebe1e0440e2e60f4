#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packet/dynfield.h"
#include "packet/packet.h"
#include "support/eal.h"
#include "support/frame.h"

/* The last frame that was parsed; its memory is kept until the next. */
static struct rte_mbuf mbuf;
static struct packet packet;

static const struct packet *parse_link(const struct frame *f, enum link_type link)
{
	if (mbuf.buf_addr != NULL)
		mbuf_unwrap(&mbuf);
	mbuf = mbuf_wrap(f->bytes, f->len);
	memset(&packet, 0xee, sizeof(packet));
	packet_parse(&packet, &mbuf, link);
	return &packet;
}

static const struct packet *parse(const struct frame *f)
{
	return parse_link(f, LINK_ETHERNET);
}

static void assert_malformed(const struct packet *p, enum packet_malformed_reason reason)
{
	assert_true(p->flags & PACKET_MALFORMED);
	assert_int_equal(p->reason, reason);
	assert_false(p->flags & (PACKET_TCP | PACKET_UDP | PACKET_ICMP));
}

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

static void arp_is_neither_ip_nor_malformed(void **state)
{
	struct frame f = {.len = 0};
	const struct packet *p;

	(void)state;
	frame_eth(&f, 0x0806);
	frame_fill(&f, 0, 28);
	p = parse(&f);
	assert_int_equal(p->flags, PACKET_ETH);
	assert_int_equal(p->l3, 0);
	assert_int_equal(p->eth_type, 0x0806);
	assert_int_equal(p->payload_len, 0);
}

static void ethernet_frame_below_14_bytes_is_short(void **state)
{
	struct frame f = frame_tcp4(0);

	(void)state;
	f.len = 13;
	assert_malformed(parse(&f), MALFORMED_ETH_SHORT);
	assert_false(packet.flags & PACKET_ETH);
}

/* `tags` tags with ids from `first` up, then TCP over IPv4. */
static struct frame tagged(unsigned int tags, uint16_t first)
{
	struct frame f = {.len = 0};

	frame_eth(&f, tags > 0 ? 0x88a8 : 0x0800);
	for (unsigned int i = 0; i < tags; i++)
		frame_tag(&f, (uint16_t)(0xe000 | (first + i)), i + 1 < tags ? 0x8100 : 0x0800);
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	return f;
}

static uint64_t zone_of(const struct packet *p)
{
	return flow_key_zone(&p->key).id;
}

static void vlan_id_is_the_zone(void **state)
{
	struct frame f = tagged(1, 7);
	const struct packet *p = parse(&f);

	(void)state;
	assert_int_equal(p->flags, PACKET_ETH | PACKET_VLAN | PACKET_IP4 | PACKET_TCP);
	assert_int_equal(p->vlan, 7);
	assert_int_equal(p->eth_type, 0x0800);
	assert_int_equal(p->l3, 18);
	assert_int_equal(zone_of(p), 7);
}

static void two_tags_are_a_zone_of_their_own(void **state)
{
	struct frame f = tagged(2, 7);
	uint64_t zone = zone_of(parse(&f));

	(void)state;
	assert_int_equal(packet.vlan, 7);
	assert_true(zone > 4095);
	frame_put16(&f, 18, 9);
	assert_int_not_equal(zone_of(parse(&f)), zone);
	assert_true(packet.flags & PACKET_TCP);
}

static void tags_of_any_number_are_followed(void **state)
{
	const uint16_t types[] = {0x8100, 0x88a8, 0x9100, 0x9200, 0x9300};
	struct frame f = tagged(200, 1);

	(void)state;
	assert_true(parse(&f)->flags & PACKET_TCP);
	assert_int_equal(packet.vlan, 1);
	assert_int_equal(packet.l3, 14 + 4 * 200);
	for (size_t i = 0; i < RTE_DIM(types); i++) {
		f = tagged(2, 7);
		frame_put16(&f, 16, types[i]);
		assert_true(parse(&f)->flags & PACKET_TCP);
		f = tagged(1, 7);
		frame_put16(&f, 12, types[i]);
		assert_int_equal(zone_of(parse(&f)), 7);
	}
}

static void each_tag_makes_another_zone(void **state)
{
	struct frame f = tagged(3, 7);
	uint64_t zone = zone_of(parse(&f));

	(void)state;
	for (unsigned int tag = 0; tag < 3; tag++) {
		f = tagged(3, 7);
		frame_put16(&f, 14 + 4 * tag, 77);
		assert_int_not_equal(zone_of(parse(&f)), zone);
	}
	f = tagged(2, 7);
	assert_int_not_equal(zone_of(parse(&f)), zone);
}

static void priority_tag_is_of_no_vlan(void **state)
{
	struct frame f = tagged(1, 0);

	(void)state;
	assert_int_equal(zone_of(parse(&f)), 0);
	f = tagged(2, 0); /* 0, then 1 */
	assert_int_equal(zone_of(parse(&f)), 1);
}

static void cut_vlan_tag_is_short(void **state)
{
	struct frame f = tagged(1, 7);

	(void)state;
	f.len = 17;
	assert_malformed(parse(&f), MALFORMED_VLAN_SHORT);
}

static void raw_ip_is_told_by_its_version(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_RAW_IP)->flags, PACKET_IP4 | PACKET_TCP);
	assert_int_equal(packet.l4, 20);
	assert_int_equal(packet.eth_type, 0x0800);
	f.len = 0;
	frame_ip6(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_RAW_IP)->flags, PACKET_IP6 | PACKET_TCP);
	f.bytes[0] = 0x50;
	assert_malformed(parse_link(&f, LINK_RAW_IP), MALFORMED_IP_VERSION);
	f.len = 0;
	assert_malformed(parse_link(&f, LINK_RAW_IP), MALFORMED_IP_SHORT);
}

static void cooked_frames_have_their_protocol_where_the_format_says(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_fill(&f, 0, 14);
	frame_u16(&f, 0x8100);
	frame_tag(&f, 5, 0x0800);
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_COOKED)->flags, PACKET_VLAN | PACKET_IP4 | PACKET_TCP);
	f.len = 15;
	assert_malformed(parse_link(&f, LINK_COOKED), MALFORMED_ETH_SHORT);
	f.len = 0;
	frame_u16(&f, 0x86dd);
	frame_fill(&f, 0, 18);
	frame_ip6(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_COOKED2)->flags, PACKET_IP6 | PACKET_TCP);
	f.len = 19;
	assert_malformed(parse_link(&f, LINK_COOKED2), MALFORMED_ETH_SHORT);
}

static void loopback_family_is_read_in_both_byte_orders(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_add(&f, "\x02\0\0\0", 4);
	frame_ip4(&f, 1, 2, 6, 20);
	frame_tcp(&f, 1234, 80);
	assert_int_equal(parse_link(&f, LINK_NULL)->flags, PACKET_IP4 | PACKET_TCP);
	memcpy(f.bytes, "\0\0\0\x02", 4);
	assert_int_equal(parse_link(&f, LINK_NULL)->flags, PACKET_IP4 | PACKET_TCP);
	memcpy(f.bytes, "\0\0\0\x1e", 4);
	assert_malformed(parse_link(&f, LINK_NULL), MALFORMED_IP_VERSION);
	memcpy(f.bytes, "\0\0\0\x07", 4);
	assert_int_equal(parse_link(&f, LINK_NULL)->flags, 0);
	f.len = 3;
	assert_malformed(parse_link(&f, LINK_NULL), MALFORMED_ETH_SHORT);
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

/* The frame in segments of `first` bytes and the rest, from a pool. */
static struct rte_mbuf *split(struct rte_mempool *pool, const struct frame *f, uint16_t first)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool), *rest = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	assert_non_null(rest);
	memcpy(rte_pktmbuf_append(m, first), f->bytes, first);
	memcpy(rte_pktmbuf_append(rest, (uint16_t)(f->len - first)), f->bytes + first,
	       f->len - first);
	assert_int_equal(rte_pktmbuf_chain(m, rest), 0);
	return m;
}

static void headers_in_two_segments_are_drawn_together(void **state)
{
	struct rte_mempool *pool = *state;
	struct frame f = frame_tcp4(400);
	uint8_t read[512];

	for (uint16_t first = 0; first < 300; first += 7) {
		struct rte_mbuf *m = split(pool, &f, first);

		packet_parse(&packet, m, LINK_ETHERNET);
		assert_int_equal(packet.flags, PACKET_ETH | PACKET_IP4 | PACKET_TCP);
		assert_int_equal(packet.payload_len, 400);
		assert_true(m->data_len >= packet.payload);
		assert_int_equal(m->pkt_len, f.len);
		assert_memory_equal(rte_pktmbuf_read(m, 0, f.len, read), f.bytes, f.len);
		rte_pktmbuf_free(m);
	}
	assert_int_equal(rte_mempool_avail_count(pool), 8);
}

static void shared_segments_are_not_changed(void **state)
{
	struct rte_mempool *pool = *state;
	struct frame f = frame_tcp4(400);
	struct rte_mbuf *m = split(pool, &f, 40);

	rte_mbuf_refcnt_update(m, 1);
	packet_parse(&packet, m, LINK_ETHERNET);
	assert_malformed(&packet, MALFORMED_TCP_SHORT);
	assert_int_equal(m->data_len, 40);
	rte_mbuf_refcnt_update(m, -1);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_mempool_avail_count(pool), 8);
}

static void burst_parses_each_frame_as_alone(void **state)
{
	struct frame frames[3] = {frame_tcp4(1), frame_udp6(2), frame_tcp6(3)};
	struct rte_mbuf mbufs[40], *burst[40];
	struct packet packets[40], alone;

	(void)state;
	memset(packets, 0, sizeof(packets));
	memset(&alone, 0, sizeof(alone));
	for (int i = 0; i < 40; i++) {
		mbufs[i] = mbuf_wrap(frames[i % 3].bytes, frames[i % 3].len);
		burst[i] = &mbufs[i];
	}
	packet_parse_bulk(packets, burst, 40, LINK_ETHERNET);
	for (int i = 0; i < 40; i++) {
		packet_parse(&alone, &mbufs[i], LINK_ETHERNET);
		assert_memory_equal(&alone, &packets[i], sizeof(alone));
		mbuf_unwrap(&mbufs[i]);
	}
}

static void mbuf_without_port_time_has_none(void **state)
{
	struct rte_mbuf m = {.refcnt = 1};

	(void)state;
	assert_int_equal(packet_dynfields_register(), 0);
	assert_int_equal(packet_mbuf_time(&m), 0);
	assert_int_equal(packet_mbuf_wire_length(&m), 0);
	packet_mbuf_set_time(&m, 1700000000123456789ull);
	assert_int_equal(packet_mbuf_time(&m), 1700000000123456789ull);
	m.ol_flags = 0; /* what a driver does to an mbuf that it reuses */
	assert_int_equal(packet_mbuf_time(&m), 0);
}

static int start(void **state)
{
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return -1;
	*state = test_pool_create("parse", 8, 1024);
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
	    cmocka_unit_test(tcp_over_ip4_has_all_fields),
	    cmocka_unit_test(tcp_over_ip6_has_all_fields),
	    cmocka_unit_test(arp_is_neither_ip_nor_malformed),
	    cmocka_unit_test(ethernet_frame_below_14_bytes_is_short),
	    cmocka_unit_test(vlan_id_is_the_zone),
	    cmocka_unit_test(two_tags_are_a_zone_of_their_own),
	    cmocka_unit_test(tags_of_any_number_are_followed),
	    cmocka_unit_test(each_tag_makes_another_zone),
	    cmocka_unit_test(priority_tag_is_of_no_vlan),
	    cmocka_unit_test(cut_vlan_tag_is_short),
	    cmocka_unit_test(raw_ip_is_told_by_its_version),
	    cmocka_unit_test(cooked_frames_have_their_protocol_where_the_format_says),
	    cmocka_unit_test(loopback_family_is_read_in_both_byte_orders),
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
	    cmocka_unit_test(headers_in_two_segments_are_drawn_together),
	    cmocka_unit_test(shared_segments_are_not_changed),
	    cmocka_unit_test(burst_parses_each_frame_as_alone),
	    cmocka_unit_test(mbuf_without_port_time_has_none),
	};

	return cmocka_run_group_tests_name("packet parser", tests, start, stop);
}
