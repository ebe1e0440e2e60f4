/* What an ICMP error quotes, cut at every byte, in memory that ends where the frame
 * ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "packet/quote.h"
#include "support/icmp_frame.h"
#include "support/random.h"

static const struct tcp_spec segment = {.seq = 0x01020304, .flags = TCP_ACK};

/* Whether the error is read, with `q` and the packet's key of what was quoted. */
static bool read_quote(const struct frame *f, struct icmp_quote *q)
{
	struct rte_mbuf m = mbuf_wrap(f->bytes, f->len);
	struct packet p;
	bool read = false;

	packet_parse(&p, &m, LINK_ETHERNET);
	if ((p.flags & PACKET_ICMP) && packet_icmp_class(&p) == ICMP_CLASS_ERROR)
		read = packet_icmp_quote(&p, q);
	mbuf_unwrap(&m);
	return read;
}

static bool read_error(const struct icmp_spec *s, struct icmp_quote *q)
{
	struct frame f = icmp_frame(s);

	return read_quote(&f, q);
}

/* The key and direction of the quoted packet itself. */
static struct packet parse_quoted(const struct quote *quote)
{
	struct frame f = {.len = 0};
	struct rte_mbuf m;
	struct packet p;

	frame_eth(&f, quote->bytes[0] >> 4 == 6 ? 0x86dd : 0x0800);
	frame_add(&f, quote->bytes, quote->len);
	m = mbuf_wrap(f.bytes, f.len);
	packet_parse(&p, &m, LINK_ETHERNET);
	mbuf_unwrap(&m);
	return p;
}

/* Cut to each length, it is read from `needed` bytes on, as the whole packet is. */
static void cut_everywhere(struct quote quote, uint16_t needed)
{
	struct packet whole = parse_quoted(&quote);
	uint16_t len = quote.len;

	for (uint16_t cut = 0; cut <= len; cut++) {
		struct icmp_spec s;
		struct icmp_quote q;

		quote.len = cut;
		s = icmp_error(&quote, 1, quote.bytes[0] >> 4 == 6 ? 1 : 3, 1);
		assert_int_equal(read_error(&s, &q), cut >= needed);
		if (cut < needed)
			continue;
		assert_memory_equal(&q.key, &whole.key, sizeof(q.key));
		assert_int_equal(q.reversed, whole.reversed);
		assert_int_equal(q.proto, whole.proto);
		assert_int_equal(q.seq, whole.seq);
	}
}

static void ports_and_number_are_read_wherever_it_is_cut(void **state)
{
	static const struct icmp_spec echo = {.from = 1,
					      .to = 2,
					      .type = 8,
					      .word = 0x00070001,
					      .body = (const uint8_t *)"abcd",
					      .len = 4};
	struct icmp_spec echo6 = echo;

	(void)state;
	echo6.ip6 = true;
	echo6.type = 128;
	cut_everywhere(quote_tcp(&segment), 28);
	cut_everywhere(quote_tcp6(&segment), 48);
	cut_everywhere(quote_udp(0), 28);
	cut_everywhere(quote_udp(1), 28);
	cut_everywhere(quote_icmp(&echo), 28);
	cut_everywhere(quote_icmp(&echo6), 48);
}

static void options_of_the_quoted_header_are_skipped(void **state)
{
	struct frame f = {.len = 0};
	uint32_t ip;

	(void)state;
	frame_eth(&f, 0x0800);
	ip = frame_ip4(&f, 1, 2, 17, 4 + 8 + 3);
	f.bytes[ip] = 0x46;
	frame_fill(&f, 1, 4);
	frame_udp(&f, 1234, 53, 11);
	frame_fill(&f, 'x', 3);
	cut_everywhere(quote_frame(&f), 32);
}

static void extension_headers_of_the_quoted_packet_are_followed(void **state)
{
	struct frame f = {.len = 0};

	(void)state;
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, 0, 8 + 8 + 8 + 11);
	frame_extension(&f, 60);
	frame_extension(&f, 44); /* atomic fragment */
	frame_extension(&f, 17);
	frame_udp(&f, 1234, 53, 11);
	frame_fill(&f, 'x', 3);
	cut_everywhere(quote_frame(&f), 40 + 24 + 8);
}

static void authentication_header_of_the_quoted_packet_is_followed(void **state)
{
	(void)state;
	for (int ip6 = 0; ip6 <= 1; ip6++) {
		struct frame f = {.len = 0};
		uint32_t at;

		frame_eth(&f, ip6 ? 0x86dd : 0x0800);
		if (ip6)
			frame_ip6(&f, 1, 2, 51, 24 + 11);
		else
			frame_ip4(&f, 1, 2, 51, 24 + 11);
		at = f.len;
		frame_fill(&f, 0x55, 24);
		frame_put16(&f, at, 17 << 8 | 4);
		frame_udp(&f, 1234, 53, 11);
		frame_fill(&f, 'x', 3);
		cut_everywhere(quote_frame(&f), (uint16_t)(at - 14 + 24 + 8));
	}
}

static void first_fragment_names_its_flow_and_later_ones_do_not(void **state)
{
	struct quote four = quote_tcp(&segment);
	struct frame f = {.len = 0};
	struct icmp_quote q;
	struct icmp_spec s;

	(void)state;
	four.bytes[6] = 0x20; /* more fragments */
	s = icmp_error(&four, 1, 11, 1);
	assert_true(read_error(&s, &q));
	four.bytes[7] = 1;
	s = icmp_error(&four, 1, 11, 1);
	assert_false(read_error(&s, &q));

	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, 44, 28);
	frame_extension(&f, 6);
	frame_tcp(&f, 1000, 80);
	f.bytes[14 + 40 + 3] = 1; /* more fragments */
	four = quote_frame(&f);
	s = icmp_error(&four, 1, 3, 1);
	assert_true(read_error(&s, &q));
	four.bytes[40 + 3] = 9; /* the second */
	s = icmp_error(&four, 1, 3, 1);
	assert_false(read_error(&s, &q));
}

/* Routers have changed it, and hosts do not look. */
static void length_and_checksum_of_the_quoted_header_do_not_matter(void **state)
{
	struct quote quote = quote_tcp(&segment);
	struct icmp_quote q;
	struct icmp_spec s;

	(void)state;
	memset(quote.bytes + 2, 0, 2);
	memset(quote.bytes + 10, 0xff, 2);
	s = icmp_error(&quote, 1, 3, 1);
	assert_true(read_error(&s, &q));
	assert_int_equal(q.seq, segment.seq);
}

static void what_cannot_be_a_quote_is_refused(void **state)
{
	static const struct icmp_spec inner = {.from = 1, .to = 2, .type = 3};
	struct quote quote = quote_tcp(&segment), errors = quote_icmp(&inner);
	struct icmp_quote q;
	struct icmp_spec s;

	(void)state;
	s = icmp_error(&errors, 1, 3, 1); /* an error about an error */
	assert_false(read_error(&s, &q));
	quote.bytes[0] = 0x44; /* header of 16 bytes */
	s = icmp_error(&quote, 1, 3, 1);
	assert_false(read_error(&s, &q));
	quote = quote_tcp6(&segment); /* the other version */
	s = icmp_error(&quote, 1, 3, 1);
	s.ip6 = false;
	assert_false(read_error(&s, &q));
	quote = quote_tcp(&segment);
	quote.bytes[9] = 47; /* GRE */
	s = icmp_error(&quote, 1, 3, 1);
	assert_false(read_error(&s, &q));
}

static void kind_and_mtu_are_of_both_versions(void **state)
{
	static const struct {
		uint8_t ip6, type, code, kind;
		uint32_t word, mtu;
	} cases[] = {
	    {0, 3, 0, ICMP_KIND_UNREACHABLE, 1400, 0},
	    {0, 3, 4, ICMP_KIND_TOO_BIG, 0xabcd0000 | 1400, 1400},
	    {0, 3, 13, ICMP_KIND_UNREACHABLE, 0, 0},
	    {0, 4, 0, ICMP_KIND_SOURCE_QUENCH, 0, 0},
	    {0, 5, 1, ICMP_KIND_REDIRECT, 0x0a000008, 0},
	    {0, 11, 0, ICMP_KIND_TIME_EXCEEDED, 0, 0},
	    {0, 12, 0, ICMP_KIND_PARAMETER_PROBLEM, 0x14000000, 0},
	    {1, 1, 4, ICMP_KIND_UNREACHABLE, 0, 0},
	    {1, 2, 0, ICMP_KIND_TOO_BIG, 0x00010500, 0x00010500},
	    {1, 3, 0, ICMP_KIND_TIME_EXCEEDED, 0, 0},
	    {1, 4, 1, ICMP_KIND_PARAMETER_PROBLEM, 40, 0},
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct quote quote = cases[i].ip6 ? quote_tcp6(&segment) : quote_tcp(&segment);
		struct icmp_spec s = icmp_error(&quote, 1, cases[i].type, cases[i].code);
		struct icmp_quote q;

		s.word = cases[i].word;
		assert_true(read_error(&s, &q));
		assert_int_equal(q.kind, cases[i].kind);
		assert_int_equal(q.mtu, cases[i].mtu);
	}
}

/* An extension chain of any length ends, and nothing behind the frame is read. */
static void random_bytes_are_read_within_their_frame(void **state)
{
	uint64_t seed = 11;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		uint8_t bytes[200];
		struct icmp_spec s = {.from = 9, .to = 1, .body = bytes};
		struct icmp_quote q;

		s.len = (uint16_t)(test_random(&seed) % sizeof(bytes));
		for (uint16_t i = 0; i < s.len; i++)
			bytes[i] = test_random(&seed) % 4 == 0 ? (uint8_t)test_random(&seed) : 0;
		s.ip6 = test_random(&seed) & 1;
		s.type = s.ip6 ? 1 : 3;
		bytes[0] = s.ip6 ? 0x60 : (uint8_t)(0x40 | test_random(&seed) % 16);
		if (s.ip6)
			bytes[6] = "\0\x06\x11\x2b\x2c\x3a\x3c\x33"[test_random(&seed) % 8];
		else
			bytes[9] = "\x01\x06\x11\x2f"[test_random(&seed) % 4];
		read_error(&s, &q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ports_and_number_are_read_wherever_it_is_cut),
	    cmocka_unit_test(options_of_the_quoted_header_are_skipped),
	    cmocka_unit_test(extension_headers_of_the_quoted_packet_are_followed),
	    cmocka_unit_test(authentication_header_of_the_quoted_packet_is_followed),
	    cmocka_unit_test(first_fragment_names_its_flow_and_later_ones_do_not),
	    cmocka_unit_test(length_and_checksum_of_the_quoted_header_do_not_matter),
	    cmocka_unit_test(what_cannot_be_a_quote_is_refused),
	    cmocka_unit_test(kind_and_mtu_are_of_both_versions),
	    cmocka_unit_test(random_bytes_are_read_within_their_frame),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
