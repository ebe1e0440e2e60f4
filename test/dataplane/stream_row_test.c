/* Delivered bytes are kept in a row until somebody looks for one: what is found, and what
 * pages are held, is as if they had been in the tree from the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/stream_store.h"

RIG_INSTANCE(keeping, .flows = true, .tcp = true, .data_client = true, .drops = true,
	     .idle_ns = 60000000000ull, .checksum = CHECKSUM_TRUST,
	     .record_size = sizeof(struct rig_record), .tcp_at = offsetof(struct rig_record, tcp),
	     .stream_at = offsetof(struct rig_record, stream),
	     .digests_at = offsetof(struct rig_record, digests))

static struct rte_mempool *pool;
static uint8_t bytes[PAGES * PAGE_BYTES];

static void store_open(struct store *s, uint32_t pages)
{
	store_begin(s, keeping_open(pool, 16, pages * sizeof(struct chunk)));
}

static void store_next(struct store *s, uint32_t len)
{
	stream_remember(s->r, s->stream, s->id, s->stream->pos, bytes + s->stream->pos, len);
	s->stream->pos += len;
}

/* Which of [from, to) is known, and that it is what was put there. */
static void store_check(struct store *s, uint64_t from, uint64_t known_from, uint64_t to)
{
	struct stream_overlap found = {0};

	stream_compare(s->stream, from, bytes + from, (uint32_t)(to - from), &found);
	assert_int_equal(found.conflict_to, found.conflict_from);
	assert_int_equal(found.unknown_to - found.unknown_from, known_from - from);
	if (known_from == to)
		return;
	bytes[to - 1] ^= 1;
	stream_compare(s->stream, to - 1, bytes + to - 1, 1, &found);
	bytes[to - 1] ^= 1;
	assert_int_equal(found.conflict_from, to - 1);
	assert_int_equal(found.conflict_to, to);
}

static void a_row_is_no_tree_until_somebody_looks(void **state)
{
	struct store s;

	(void)state;
	store_open(&s, 64);
	for (int i = 0; i < 10; i++)
		store_next(&s, 1448);
	assert_null(s.stream->tree);
	assert_int_equal(s.stream->pages, 14480 / PAGE_BYTES + 1);
	store_check(&s, 0, 0, 14480);
	assert_non_null(s.stream->tree);
	assert_null(s.stream->row_first);
	store_close(&s);
}

static void a_row_goes_on_at_the_next_page_of_a_tree(void **state)
{
	struct store s;

	(void)state;
	store_open(&s, 64);
	store_next(&s, 1000);
	store_check(&s, 0, 0, 1000);
	store_next(&s, 200);
	assert_null(s.stream->row_first);
	store_next(&s, 2000);
	assert_non_null(s.stream->row_first);
	assert_int_equal(s.stream->row_from, PAGE_BYTES);
	store_check(&s, 0, 0, 3200);
	store_close(&s);
}

/* All pages but so many, from the row's end and from its beginning. */
static void acknowledged_pages_go_and_others_stay(void **state)
{
	const uint64_t keeps[] = {1,	 1599,	1600,  1601,  3200,  8000,
				  12800, 14399, 14400, 15999, 16000, UINT64_MAX};
	struct store s;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(keeps); i++) {
		uint64_t gone = RTE_MIN(keeps[i] / PAGE_BYTES * PAGE_BYTES, UINT64_C(15900));

		store_open(&s, 64);
		store_next(&s, 15900);
		stream_trim(s.r, s.stream, s.id, keeps[i]);
		assert_int_equal(s.stream->pages, gone == 15900 ? 0 : 10 - gone / PAGE_BYTES);
		assert_int_equal(s.rig->chunks.available + s.stream->pages, s.rig->chunks.capacity);
		store_next(&s, 3000);
		store_check(&s, 0, gone, 18900);
		store_close(&s);
	}
}

static void an_indexed_row_is_a_shallow_tree(void **state)
{
	struct store s;

	(void)state;
	store_open(&s, PAGES);
	for (uint32_t i = 0; i < PAGES; i++)
		store_next(&s, PAGE_BYTES);
	assert_int_equal(s.stream->pages, PAGES);
	depth_check(stream_held(s.stream), 1);
	store_close(&s);
}

static void a_row_without_memory_says_what_is_lost(void **state)
{
	struct store s;

	(void)state;
	store_open(&s, 3);
	store_next(&s, 2 * PAGE_BYTES + 10);
	assert_int_equal(s.stream->lost, 0);
	store_next(&s, 2 * PAGE_BYTES);
	assert_int_equal(s.stream->lost, 4 * PAGE_BYTES + 10);
	stream_trim(s.r, s.stream, s.id, 2 * PAGE_BYTES);
	store_settle(&s);
	store_next(&s, 100);
	store_check(&s, s.stream->pos - 100, s.stream->pos - 100, s.stream->pos);
	store_close(&s);
}

/* A row and a tree, told the same; the latter is looked at after each step. */
static void rows_and_trees_hold_the_same(void **state)
{
	uint32_t random = 7;
	struct store a, b;

	(void)state;
	store_open(&a, 512);
	store_open(&b, 512);
	for (int step = 0; step < 20000; step++) {
		uint64_t pos = a.stream->pos, at;
		uint32_t len;

		random = random * 1664525 + 1013904223;
		at = pos - RTE_MIN(pos, (uint64_t)(random >> 8) % 20000);
		len = 1 + random % 3000;
		switch (random >> 28) {
		case 0:
			stream_trim(a.r, a.stream, a.id, at);
			stream_trim(b.r, b.stream, b.id, at);
			break;
		case 1:
			stream_forget(a.r, a.stream, a.id, at, RTE_MIN(pos, at + len));
			stream_forget(b.r, b.stream, b.id, at, RTE_MIN(pos, at + len));
			break;
		case 2:
			stream_cut(a.r, a.stream, a.id, pos);
			stream_cut(b.r, b.stream, b.id, pos);
			break;
		default:
			if (pos + len > sizeof(bytes) / 2)
				break;
			stream_trim(a.r, a.stream, a.id, pos - RTE_MIN(pos, UINT64_C(60000)));
			stream_trim(b.r, b.stream, b.id, pos - RTE_MIN(pos, UINT64_C(60000)));
			store_settle(&a);
			store_settle(&b);
			store_next(&a, len);
			store_next(&b, len);
		}
		stream_held(b.stream);
		assert_int_equal(a.stream->pages, b.stream->pages);
		assert_int_equal(stream_remembered(a.stream), stream_remembered(b.stream));
		assert_int_equal(stream_holds_from(a.stream, at), stream_holds_from(b.stream, at));
		if (random >> 24 & 1) {
			struct stream_overlap of_a = {0}, of_b = {0};

			len = RTE_MIN(len, (uint32_t)(pos - at));
			stream_compare(a.stream, at, bytes + at, len, &of_a);
			stream_compare(b.stream, at, bytes + at, len, &of_b);
			assert_memory_equal(&of_a, &of_b, sizeof(of_a));
			assert_int_equal(of_a.conflict_to, of_a.conflict_from);
		}
	}
	store_close(&a);
	store_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_is_no_tree_until_somebody_looks),
	    cmocka_unit_test(a_row_goes_on_at_the_next_page_of_a_tree),
	    cmocka_unit_test(acknowledged_pages_go_and_others_stay),
	    cmocka_unit_test(an_indexed_row_is_a_shallow_tree),
	    cmocka_unit_test(a_row_without_memory_says_what_is_lost),
	    cmocka_unit_test(rows_and_trees_hold_the_same),
	};

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 64, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
