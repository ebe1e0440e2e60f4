/* Frames that end where their memory ends: ASan sees any read past one, and
 * what the parser says has to lie inside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packet/packet.h"
#include "support/frame.h"
#include "support/random.h"

#define FRAMES 100000

static const enum link_type links[] = {LINK_ETHERNET, LINK_RAW_IP, LINK_COOKED, LINK_COOKED2,
				       LINK_NULL};

/* What the header promises of every result. */
static void check(const struct packet *p)
{
	uint32_t len = p->mbuf->pkt_len;

	assert_true(p->payload + p->payload_len <= len);
	assert_true(p->l3 <= len && p->l4 <= p->payload);
	assert_int_equal((p->flags & PACKET_MALFORMED) != 0, p->reason != MALFORMED_NONE);
	assert_true(p->reason < MALFORMED_REASONS);
	if ((p->flags & PACKET_IP4) != 0)
		assert_true(p->l3 + 20u <= p->payload);
	if ((p->flags & PACKET_IP6) != 0)
		assert_true(p->l3 + 40u <= p->payload);
	if ((p->flags & PACKET_TCP) != 0)
		assert_true(p->l4 + 20u <= p->payload);
	if ((p->flags & (PACKET_UDP | PACKET_ICMP)) != 0)
		assert_true(p->l4 + 8u <= p->payload);
	if ((p->flags & (PACKET_FRAGMENT | PACKET_MALFORMED)) != 0)
		assert_false(p->flags & (PACKET_TCP | PACKET_UDP | PACKET_ICMP));
}

static void parse_and_check(const uint8_t *bytes, uint32_t len, enum link_type link)
{
	struct rte_mbuf m = mbuf_wrap(bytes, len);
	struct packet p = {0};

	packet_parse(&p, &m, link);
	check(&p);
	packet_checksum_verify(&p);
	mbuf_unwrap(&m);
}

/* One frame of each shape that the parser knows. */
static unsigned int shapes(struct frame *f)
{
	const uint8_t chain[] = {0, 43, 60, 51, 44};
	unsigned int n = 0;

	f[n++] = frame_tcp4(30);
	f[n++] = frame_udp4(30);
	f[n++] = frame_tcp6(30);
	f[n++] = frame_udp6(30);
	f[n] = (struct frame){.len = 0};
	frame_eth(&f[n], 0x88a8);
	frame_tag(&f[n], 3, 0x8100);
	frame_tag(&f[n], 4, 0x0800);
	frame_ip4(&f[n], 2, 1, 1, 8);
	frame_fill(&f[n++], 8, 8);
	f[n] = (struct frame){.len = 0};
	frame_eth(&f[n], 0x86dd);
	frame_ip6(&f[n], 1, 2, chain[0], 5 * 8 + 20);
	for (unsigned int i = 0; i < 5; i++)
		frame_extension(&f[n], i < 4 ? chain[i + 1] : 6);
	frame_tcp(&f[n++], 1, 2);
	f[n] = (struct frame){.len = 0};
	frame_ip4(&f[n], 1, 2, 6, 20);
	frame_tcp(&f[n++], 1, 2);
	return n;
}

static void every_prefix_of_a_valid_frame_stays_inside_it(void **state)
{
	struct frame f[8];
	unsigned int count = shapes(f);

	(void)state;
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int link = 0; link < RTE_DIM(links); link++)
			for (uint32_t len = 0; len <= f[i].len; len++)
				parse_and_check(f[i].bytes, len, links[link]);
}

static void mutated_frames_stay_inside_their_memory(void **state)
{
	struct frame f[8];
	unsigned int count = shapes(f);
	uint64_t random = 1;

	(void)state;
	for (int i = 0; i < FRAMES; i++) {
		struct frame *from = &f[test_random(&random) % count];
		uint32_t len = from->len - test_random(&random) % (from->len / 4);
		uint8_t bytes[256];

		memcpy(bytes, from->bytes, len);
		for (uint64_t n = test_random(&random) % 6; n > 0; n--)
			bytes[test_random(&random) % len] = (uint8_t)test_random(&random);
		parse_and_check(
		    bytes, len,
		    links[test_random(&random) % 4 == 0 ? test_random(&random) % 5 : 0]);
	}
}

static void random_frames_stay_inside_their_memory(void **state)
{
	uint64_t random = 2;

	(void)state;
	for (int i = 0; i < FRAMES; i++) {
		uint32_t len = test_random(&random) % 128;
		uint8_t bytes[128];

		for (uint32_t at = 0; at < len; at++)
			bytes[at] = (uint8_t)test_random(&random);
		if (len > 14) { /* else nearly none is IP */
			bytes[12] = i & 1 ? 0x86 : 0x08;
			bytes[13] = i & 1 ? 0xdd : 0x00;
			bytes[14] = i & 1 ? 0x60 : 0x40 | (bytes[14] & 15);
		}
		parse_and_check(bytes, len, links[i % 16 == 0 ? 1 + i / 16 % 4 : 0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_prefix_of_a_valid_frame_stays_inside_it),
	    cmocka_unit_test(mutated_frames_stay_inside_their_memory),
	    cmocka_unit_test(random_frames_stay_inside_their_memory),
	};

	return cmocka_run_group_tests_name("packet bounds", tests, NULL, NULL);
}
