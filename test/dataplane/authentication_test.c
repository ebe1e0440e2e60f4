/* Packets behind an authentication header (RFC 4302): what it vouches for is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "event/handler.h"
#include "support/monitor_rig.h"
#include "support/parsed.h"
#include "support/rig_finish.h"
#include "support/tunnel.h"

RIG_INSTANCE(full, RIG_FEATURES_FULL, .checksum = CHECKSUM_TRUST)

static struct rte_mempool *pool;

static const struct packet *parsed(const struct frame *f, uint8_t tunnels)
{
	parse_inner(f, tunnels, false);
	return &packet;
}

/* A header of `words` words of four bytes, association `spi`. */
static void add_authentication(struct frame *f, uint8_t next, uint8_t words, uint32_t spi)
{
	uint32_t at = f->len;

	frame_fill(f, 0xee, words * 4u);
	f->bytes[at] = next;
	f->bytes[at + 1] = (uint8_t)(words - 2);
	frame_put32(f, at + 4, spi);
}

/* From host `from` to host `to`, behind `count` of them. */
static struct frame authenticated(bool ip6, uint8_t from, uint8_t to, unsigned int count,
				  uint8_t words)
{
	struct tunnel_frame t = {.lengths = 0};

	tunnel_eth(&t, ip6 ? 0x86dd : 0x0800);
	if (ip6)
		tunnel_ip6(&t, from, to, count > 0 ? 51 : 6);
	else
		tunnel_ip4(&t, from, to, count > 0 ? 51 : 6);
	for (unsigned int i = 0; i < count; i++)
		add_authentication(&t.f, i + 1 < count ? 51 : 6, words, from);
	frame_tcp(&t.f, from < to ? 1234 : 80, from < to ? 80 : 1234);
	frame_fill(&t.f, 'x', 5);
	tunnel_close(&t);
	return t.f;
}

static void segment_behind_it_is_found(void **state)
{
	(void)state;
	for (int ip6 = 0; ip6 <= 1; ip6++) {
		for (uint8_t words = 3; words < 20; words++) {
			struct frame f = authenticated(ip6, 1, 2, 1, words);

			parsed(&f, 0);
			assert_true(packet.flags & PACKET_TCP);
			assert_true(packet.flags & PACKET_AUTHENTICATED);
			assert_int_equal(packet.proto, 6);
			assert_int_equal(packet.dport, 80);
			assert_int_equal(packet.l4, f.len - 25);
			assert_int_equal(packet.payload, f.len - 5);
			assert_int_equal(packet.payload_len, 5);
		}
	}
}

static void as_many_as_the_frame_has_are_followed(void **state)
{
	(void)state;
	for (int ip6 = 0; ip6 <= 1; ip6++) {
		struct frame f = authenticated(ip6, 1, 2, 100, 3);

		assert_true(parsed(&f, 0)->flags & PACKET_TCP);
		assert_int_equal(packet.payload_len, 5);
	}
}

/* Who has no key for it cannot speak for a flow without, nor be it. */
static void flow_behind_it_is_not_the_one_without(void **state)
{
	(void)state;
	for (int ip6 = 0; ip6 <= 1; ip6++) {
		struct frame bare = authenticated(ip6, 1, 2, 0, 0);
		struct frame forth = authenticated(ip6, 1, 2, 1, 6);
		struct frame back = authenticated(ip6, 2, 1, 1, 8);
		struct flow_key key = parsed(&forth, 0)->key;

		assert_true(flow_key_equal(&key, &parsed(&back, 0)->key));
		assert_int_equal(packet.reversed, 1);
		assert_false(flow_key_equal(&key, &parsed(&bare, 0)->key));
	}
}

static void length_that_cannot_be_is_malformed(void **state)
{
	(void)state;
	for (int ip6 = 0; ip6 <= 1; ip6++) {
		struct frame f = authenticated(ip6, 1, 2, 1, 6);
		uint32_t at = ip6 ? 54 : 34;

		f.bytes[at + 1] = 0; /* 8 bytes, without a sequence number */
		assert_int_equal(parsed(&f, 0)->reason, MALFORMED_IP_EXTENSION);
		f.bytes[at + 1] = 255;
		assert_int_equal(parsed(&f, 0)->reason, MALFORMED_IP_EXTENSION);
	}
}

static void each_cut_of_it_is_malformed(void **state)
{
	(void)state;
	for (int ip6 = 0; ip6 <= 1; ip6++) {
		struct frame f = authenticated(ip6, 1, 2, 2, 6);

		for (f.len--; f.len >= (ip6 ? 54u : 34u); f.len--) {
			frame_put16(&f, ip6 ? 18 : 16, (uint16_t)(f.len - (ip6 ? 54 : 14)));
			parsed(&f, 0);
			if (f.len >= (ip6 ? 54u : 34u) + 48 + 20)
				continue; /* of the data */
			assert_true(packet.flags & PACKET_MALFORMED);
			assert_false(packet.flags & PACKET_TCP);
		}
	}
}

/* Tunnel mode. */
static void packet_inside_of_it_is_found_by_decap(void **state)
{
	struct tunnel_frame t = {.lengths = 0};
	struct flow_key key;

	(void)state;
	tunnel_eth(&t, 0x0800);
	tunnel_ip4(&t, 50, 51, 51);
	add_authentication(&t.f, 4, 6, 9);
	tunnel_tcp4(&t, 1, 2, 5);
	key = parsed(&t.f, TUNNEL_IPIP)->key;
	assert_true(packet.flags & PACKET_TCP);
	t = (struct tunnel_frame){.lengths = 0};
	tunnel_eth(&t, 0x0800);
	tunnel_ip4(&t, 50, 51, 4);
	tunnel_tcp4(&t, 1, 2, 5);
	assert_false(flow_key_equal(&key, &parsed(&t.f, TUNNEL_IPIP)->key));
}

/* Its integrity value would be wrong, and its end refuse the packet. */
static void packet_behind_it_is_not_written_to(void **state)
{
	struct frame bare = authenticated(false, 1, 2, 0, 0), f = authenticated(false, 1, 2, 1, 6);

	(void)state;
	assert_false(burst_refuses_write(parsed(&bare, 0)));
	assert_true(burst_refuses_write(parsed(&f, 0)));
}

/* Bytes [from, to) of the IP packet's data. */
static struct frame fragment_of(const struct frame *whole, uint32_t from, uint32_t to)
{
	bool ip6 = whole->bytes[14] >> 4 == 6;
	uint32_t header = ip6 ? 54 : 34;
	uint16_t more = to < whole->len - header;
	struct frame f = {.len = 0};

	frame_add(&f, whole->bytes, header);
	if (ip6) {
		f.bytes[20] = 44;
		frame_put16(&f, 18, (uint16_t)(8 + to - from));
		frame_fill(&f, 0, 8);
		f.bytes[54] = whole->bytes[20];
		frame_put16(&f, 56, (uint16_t)(from | more));
	} else {
		frame_put16(&f, 16, (uint16_t)(20 + to - from));
		frame_put16(&f, 20, (uint16_t)(from >> 3 | more << 13));
	}
	frame_add(&f, whole->bytes + header + from, to - from);
	return f;
}

static void fragments_of_it_are_put_together_first(void **state)
{
	(void)state;
	for (int ip6 = 0; ip6 <= 1; ip6++) {
		struct frame whole = authenticated(ip6, 1, 2, 1, 6);
		uint32_t data = whole.len - (ip6 ? 54 : 34), cut = ip6 ? 48 : 8;
		struct rig *r = full_open(pool, 64, 1 << 16);

		for (int i = 0; i < 2; i++) {
			struct frame f = fragment_of(&whole, i == 0 ? 0 : cut, i == 0 ? cut : data);
			struct rte_mbuf *m = rig_mbuf(pool, f.bytes, f.len, 1000000000);

			assert_false(parsed(&f, 0)->flags & PACKET_AUTHENTICATED && !ip6);
			assert_true(packet.flags & PACKET_FRAGMENT);
			rig_run(r, &m, 1, LINK_ETHERNET);
		}
		assert_int_equal(r->counters.fragments_completed, 1);
		assert_int_equal(rig_event_count(r, EVENT_PKT_TCP), 1);
		assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 1);
		parsed(&whole, 0);
		assert_true(flow_key_equal(&r->flows[0].key, &packet.key));
		rig_finish(r, 1000000000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(segment_behind_it_is_found),
	    cmocka_unit_test(as_many_as_the_frame_has_are_followed),
	    cmocka_unit_test(flow_behind_it_is_not_the_one_without),
	    cmocka_unit_test(length_that_cannot_be_is_malformed),
	    cmocka_unit_test(each_cut_of_it_is_malformed),
	    cmocka_unit_test(packet_inside_of_it_is_found_by_decap),
	    cmocka_unit_test(packet_behind_it_is_not_written_to),
	    cmocka_unit_test(fragments_of_it_are_put_together_first),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 1023, 4096);
	return cmocka_run_group_tests_name("authentication", tests, NULL, parsed_release);
}
