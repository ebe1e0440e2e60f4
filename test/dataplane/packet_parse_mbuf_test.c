/* Frames as they come in mbufs: in segments, shared, in bursts, with their time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/parsed.h"

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
	if (parse_start(state) < 0)
		return -1;
	*state = test_pool_create("parse", 8, 1024);
	return *state == NULL ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_in_two_segments_are_drawn_together),
	    cmocka_unit_test(shared_segments_are_not_changed),
	    cmocka_unit_test(burst_parses_each_frame_as_alone),
	    cmocka_unit_test(mbuf_without_port_time_has_none),
	};

	return cmocka_run_group_tests_name("packet parser: mbufs", tests, start, parse_stop);
}
