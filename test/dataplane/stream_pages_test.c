/* The worst that an attacker can ask of held bytes: how deep their tree gets, and
 * how many pages they take. Steps and pages are counted, not time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rig_finish.h"
#include "support/stream_store.h"

RIG_INSTANCE(holding, .flows = true, .tcp = true, .data_client = true, .gap = true,
	     .idle_ns = 60000000000ull, .checksum = CHECKSUM_TRUST,
	     .record_size = sizeof(struct rig_record), .tcp_at = offsetof(struct rig_record, tcp),
	     .stream_at = offsetof(struct rig_record, stream))

static struct rte_mempool *pool;

static void store_open(struct store *s, uint32_t pages)
{
	store_begin(s, holding_open(pool, 16, pages * sizeof(struct chunk)));
}

/* A segment of one byte, or of `len` equal ones. */
static bool store_put(struct store *s, uint64_t at, uint32_t len)
{
	static const uint8_t bytes[4096] = {7};
	struct stream_extent extent = {at, at + len};
	struct stream_overlap found = {0};

	return stream_hold(s->r, s->stream, s->id, &extent, at, bytes, len, OVERLAP_LINUX, &found);
}

static void a_million_segments_of_one_byte_backwards_lie_in_few_pages(void **state)
{
	const uint32_t segments = 1000000;
	struct store s;

	(void)state;
	store_open(&s, segments / PAGE_BYTES + 1);
	for (uint32_t at = segments; at > 0; at--)
		assert_true(store_put(&s, at, 1));
	assert_int_equal(s.stream->pages, segments / PAGE_BYTES + 1);
	depth_check(stream_held(s.stream), 1);
	store_close(&s);
}

/* Every order in which pages can come leaves a shallow tree. */
static void the_tree_stays_shallow(uint64_t (*place)(uint32_t i))
{
	struct store s;

	store_open(&s, PAGES);
	for (uint32_t i = 0; i < PAGES; i++)
		assert_true(store_put(&s, place(i) * PAGE_BYTES + 1, 1));
	assert_int_equal(s.stream->pages, PAGES);
	depth_check(stream_held(s.stream), 1);
	/* Half of them go, in order: as when a stream is delivered. */
	for (uint32_t i = 0; i < PAGES / 2; i++)
		stream_trim(s.r, s.stream, s.id, (uint64_t)(i + 1) * PAGE_BYTES);
	assert_int_equal(s.stream->pages, PAGES / 2);
	depth_check(stream_held(s.stream), 1);
	store_close(&s);
}

static uint64_t ascending(uint32_t i)
{
	return i;
}

static uint64_t descending(uint32_t i)
{
	return PAGES - 1 - i;
}

static uint64_t from_both_ends(uint32_t i)
{
	return i % 2 == 0 ? i / 2 : PAGES - 1 - i / 2;
}

static uint64_t in_strides(uint32_t i)
{
	return i * 4099ull % PAGES;
}

static void holes_in_any_order_leave_a_shallow_tree(void **state)
{
	(void)state;
	the_tree_stays_shallow(ascending);
	the_tree_stays_shallow(descending);
	the_tree_stays_shallow(from_both_ends);
	the_tree_stays_shallow(in_strides);
}

/* Every second byte, then long segments over them: as many pages as before. */
static void alternating_holes_take_no_more_pages_than_bytes(void **state)
{
	const uint32_t bytes = 20 * PAGE_BYTES;
	struct store s;

	(void)state;
	store_open(&s, 20);
	for (uint32_t at = 1; at < bytes; at += 2)
		assert_true(store_put(&s, at, 1));
	for (uint32_t at = 1; at + 4096 < bytes; at += 1024)
		assert_true(store_put(&s, at, 4096));
	assert_int_equal(s.stream->pages, 20);
	store_close(&s);
}

/* One flow, all of it at the edge of a window of a gigabyte, a page a segment. */
static void a_flow_at_the_edge_of_its_window_keeps_to_the_buffer(void **state)
{
	static const uint8_t scale[] = {1, 3, 3, 14};
	const uint32_t chunks = 64, window = 65535u << 14;
	struct rig *r = holding_open(pool, 16, chunks * sizeof(struct chunk));

	(void)state;
	tcp_send(
	    r, &(struct tcp_spec){.seq = 0, .flags = TCP_SYN, .options = scale, .options_len = 4});
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = 0,
				       .ack = 1,
				       .flags = TCP_SYN | TCP_ACK,
				       .options = scale,
				       .options_len = 4});
	tcp_send(r, &(struct tcp_spec){.seq = 1, .ack = 1, .flags = TCP_ACK});
	tcp_send(
	    r, &(struct tcp_spec){.dir = 1, .seq = 1, .ack = 1, .flags = TCP_ACK, .window = 65535});
	for (uint32_t i = 0; i < 2000; i++) {
		tcp_send(r, &(struct tcp_spec){.seq = window - i * PAGE_BYTES,
					       .ack = 1,
					       .flags = TCP_ACK,
					       .data = "x",
					       .len = 1});
		assert_true(r->stack.reassembly.pages <= chunks - chunks / 4 + 1);
	}
	assert_true(r->counters.held_lost > 0); /* the bound was hit, and counted */
	assert_int_equal(r->counters.tcp_ignored_window, 0);
	rig_finish(r, tcp_clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_million_segments_of_one_byte_backwards_lie_in_few_pages),
	    cmocka_unit_test(holes_in_any_order_leave_a_shallow_tree),
	    cmocka_unit_test(alternating_holes_take_no_more_pages_than_bytes),
	    cmocka_unit_test(a_flow_at_the_edge_of_its_window_keeps_to_the_buffer),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 64, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
