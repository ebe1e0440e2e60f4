/* Chunks and what `from start` keeps in them: nothing is lost unsaid, nothing is
 * kept beyond the limit, everything comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "memory/owner.h"
#include "memory/stash.h"

#define CHUNKS 4

struct memory {
	void *bytes;
	struct chunk_pool pool;
	struct stash stash;
	uint8_t stream[4 * CHUNK_SIZE];
	/* What a visit found. */
	uint8_t seen[4 * CHUNK_SIZE];
	uint32_t seen_bytes, pieces;
	const struct chunk *owner[16];
};

static int memory_setup(void **state)
{
	struct memory *m = calloc(1, sizeof(*m));

	m->bytes = aligned_alloc(64, CHUNKS * sizeof(struct chunk));
	chunk_pool_init(&m->pool, m->bytes, CHUNKS * sizeof(struct chunk));
	for (size_t i = 0; i < sizeof(m->stream); i++)
		m->stream[i] = (uint8_t)(i * 7 + i / 256);
	*state = m;
	return 0;
}

static int memory_teardown(void **state)
{
	struct memory *m = *state;

	stash_free(&m->pool, &m->stash);
	assert_int_equal(m->pool.available, m->pool.capacity);
	free(m->bytes);
	free(m);
	return 0;
}

/* Bytes [from, from + len) of the stream; returns how many were not kept. */
static uint32_t keep(struct memory *m, uint32_t limit, uint32_t from, uint32_t len)
{
	struct stash_piece piece = {.data = m->stream + from,
				    .offset = from,
				    .time = 1000 + from,
				    .len = len,
				    .seq = 0xfffffff0u + from,
				    .dir = (uint8_t)(from & 1)};

	return stash_append(&m->pool, &m->stash, limit, &piece);
}

static void see(const struct stash_piece *piece, void *arg)
{
	struct memory *m = arg;

	assert_int_equal(piece->offset, m->seen_bytes);
	assert_int_equal(piece->seq, (uint32_t)(0xfffffff0u + m->seen_bytes));
	assert_true(piece->data >= piece->owner->data);
	assert_true(piece->data + piece->len <= piece->owner->data + sizeof(piece->owner->data));
	memcpy(m->seen + m->seen_bytes, piece->data, piece->len);
	m->seen_bytes += piece->len;
	m->owner[m->pieces++ % 16] = piece->owner;
}

static void stash_is(struct memory *m, uint32_t len)
{
	m->seen_bytes = 0;
	m->pieces = 0;
	stash_visit(&m->stash, see, m);
	assert_int_equal(m->stash.bytes, len);
	assert_int_equal(m->seen_bytes, len);
	assert_memory_equal(m->seen, m->stream, len);
}

static void pool_gives_each_chunk_once_and_then_none(void **state)
{
	struct memory *m = *state;
	struct chunk *taken[CHUNKS];

	for (int i = 0; i < CHUNKS; i++) {
		taken[i] = chunk_take(&m->pool);
		assert_non_null(taken[i]);
		for (int other = 0; other < i; other++)
			assert_ptr_not_equal(taken[i], taken[other]);
	}
	assert_null(chunk_take(&m->pool));
	assert_int_equal(m->pool.available, 0);
	for (int i = 0; i < CHUNKS; i++)
		chunk_release(&m->pool, taken[i]);
}

static void memory_short_of_a_chunk_makes_none(void **state)
{
	struct memory *m = *state;
	struct chunk_pool small;

	chunk_pool_init(&small, m->bytes, sizeof(struct chunk) - 1);
	assert_int_equal(small.capacity, 0);
	assert_null(chunk_take(&small));
	chunk_pool_init(&m->pool, m->bytes, CHUNKS * sizeof(struct chunk));
}

static void chunk_comes_back_with_its_last_owner(void **state)
{
	struct memory *m = *state;
	struct chunk *c = chunk_take(&m->pool);
	uintptr_t owner = owner_of_chunk(c);

	owner_hold(owner);
	chunk_release(&m->pool, c);
	assert_int_equal(m->pool.available, CHUNKS - 1);
	owner_release(&m->pool, owner);
	assert_int_equal(m->pool.available, CHUNKS);
	owner_hold(OWNER_NONE);
	owner_release(&m->pool, OWNER_NONE);
}

static void pieces_come_back_in_order_as_they_were(void **state)
{
	struct memory *m = *state;

	assert_int_equal(keep(m, 16384, 0, 1), 0);
	assert_int_equal(keep(m, 16384, 1, 13), 0);
	assert_int_equal(keep(m, 16384, 14, 0), 0);
	assert_int_equal(keep(m, 16384, 14, 1460), 0);
	stash_is(m, 1474);
	assert_int_equal(m->pieces, 3);
}

static void piece_longer_than_a_chunk_is_cut(void **state)
{
	struct memory *m = *state;

	assert_int_equal(keep(m, 16384, 0, 5000), 0);
	stash_is(m, 5000);
	assert_true(m->pieces >= 3);
	assert_ptr_not_equal(m->owner[0], m->owner[1]);
}

static void every_length_at_a_chunks_end_is_kept(void **state)
{
	struct memory *m = *state;
	uint32_t room = sizeof(((struct chunk *)0)->data);

	for (uint32_t len = room - 100; len <= room; len++) {
		assert_int_equal(keep(m, 16384, 0, len), 0);
		assert_int_equal(keep(m, 16384, len, 20), 0);
		stash_is(m, len + 20);
		stash_free(&m->pool, &m->stash);
		assert_int_equal(m->pool.available, CHUNKS);
	}
}

static void limit_cuts_a_piece_and_nothing_follows_the_gap(void **state)
{
	struct memory *m = *state;

	assert_int_equal(keep(m, 100, 0, 60), 0);
	assert_int_equal(keep(m, 100, 60, 60), 20);
	assert_true(m->stash.full);
	assert_int_equal(keep(m, 1000, 100, 10), 10);
	stash_is(m, 100);
}

static void limit_that_is_met_exactly_loses_nothing(void **state)
{
	struct memory *m = *state;

	assert_int_equal(keep(m, 60, 0, 60), 0);
	assert_false(m->stash.full);
	assert_int_equal(keep(m, 60, 60, 1), 1);
	assert_true(m->stash.full);
	stash_is(m, 60);
}

static void empty_pool_is_a_gap_and_not_a_hole(void **state)
{
	struct memory *m = *state;
	struct chunk *others[CHUNKS - 1];
	uint32_t lost;

	for (int i = 0; i < CHUNKS - 1; i++)
		others[i] = chunk_take(&m->pool);
	lost = keep(m, 16384, 0, 3000);
	assert_true(lost > 0 && lost < 3000);
	for (int i = 0; i < CHUNKS - 1; i++)
		chunk_release(&m->pool, others[i]);
	assert_int_equal(keep(m, 16384, 3000, 10), 10);
	stash_is(m, 3000 - lost);
}

static void freed_stash_can_be_filled_again(void **state)
{
	struct memory *m = *state;

	keep(m, 10, 0, 20);
	stash_free(&m->pool, &m->stash);
	assert_false(m->stash.full);
	assert_int_equal(keep(m, 100, 0, 20), 0);
	stash_is(m, 20);
}

static void bytes_that_somebody_holds_outlive_their_stash(void **state)
{
	struct memory *m = *state;
	struct chunk *held;

	keep(m, 16384, 0, 100);
	stash_is(m, 100);
	held = m->stash.first;
	chunk_hold(held);
	stash_free(&m->pool, &m->stash);
	assert_int_equal(m->pool.available, CHUNKS - 1);
	assert_memory_equal(m->seen, m->stream, 100);
	chunk_release(&m->pool, held);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, memory_setup, memory_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(pool_gives_each_chunk_once_and_then_none),
	    CASE(memory_short_of_a_chunk_makes_none),
	    CASE(chunk_comes_back_with_its_last_owner),
	    CASE(pieces_come_back_in_order_as_they_were),
	    CASE(piece_longer_than_a_chunk_is_cut),
	    CASE(every_length_at_a_chunks_end_is_kept),
	    CASE(limit_cuts_a_piece_and_nothing_follows_the_gap),
	    CASE(limit_that_is_met_exactly_loses_nothing),
	    CASE(empty_pool_is_a_gap_and_not_a_hole),
	    CASE(freed_stash_can_be_filled_again),
	    CASE(bytes_that_somebody_holds_outlive_their_stash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
