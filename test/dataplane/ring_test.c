#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "ring/ring.h"
#include "support/random.h"

/* Indices begin here, so that every test crosses 2^32. */
#define START (UINT32_MAX - 20)

static struct ring ring_make(uint32_t capacity, uint32_t start)
{
	struct ring r;
	void *memory = aligned_alloc(128, ring_memory(capacity));

	assert_non_null(memory);
	assert_int_equal(ring_init(&r, memory, capacity, start), 0);
	return r;
}

/* The same memory as the other end sees it. */
static struct ring ring_other_end(const struct ring *r)
{
	return (struct ring){
	    .memory = r->memory, .capacity = r->capacity, .head = r->tail, .tail = r->tail};
}

/* Fills all of a record behind its head with bytes that depend on `number`. */
static void record_fill(void *record, unsigned int slots, uint32_t number)
{
	struct ring_event *e = record;

	e->kind = (uint16_t)(number % 7);
	e->serial = number;
	memset(e + 1, (int)(number & 0xff), slots * RING_SLOT_SIZE - sizeof(*e));
}

static void record_check(const struct ring_record *record, unsigned int slots, uint32_t number)
{
	const struct ring_event *e = (const void *)record;
	const uint8_t *last = (const uint8_t *)record + slots * RING_SLOT_SIZE - 1;

	assert_int_equal(e->slots, slots);
	assert_int_equal(e->serial, number);
	assert_int_equal(e->kind, number % 7);
	assert_int_equal(*(const uint8_t *)(e + 1), number & 0xff);
	assert_int_equal(*last, number & 0xff);
}

static void ring_refuses_sizes_that_cannot_work(void **state)
{
	struct ring r;
	uint8_t *memory = aligned_alloc(128, ring_memory(32));

	(void)state;
	assert_int_equal(ring_init(&r, memory, 0, 0), -EINVAL);
	assert_int_equal(ring_init(&r, memory, 8, 0), -EINVAL);
	assert_int_equal(ring_init(&r, memory, 24, 0), -EINVAL);
	assert_int_equal(ring_init(&r, memory + 64, 16, 0), -EINVAL);
	assert_int_equal(ring_init(&r, memory, 16, 0), 0);
	free(memory);
}

static void header_words_stand_where_the_other_language_reads_them(void **state)
{
	struct ring r = ring_make(16, 3);
	uint32_t words[RING_DATA_OFFSET / 4];

	(void)state;
	ring_push(&r, 2);
	ring_publish(&r);
	memcpy(words, r.memory, sizeof(words));
	assert_int_equal(words[0], 0x4d425852);
	assert_int_equal(words[1], 1);
	assert_int_equal(words[2], 16);
	assert_int_equal(words[32], 5);
	assert_int_equal(words[64], 3);
	assert_int_equal(words[96], 0);
	free(r.memory);
}

static void record_is_not_seen_before_it_is_published(void **state)
{
	struct ring r = ring_make(16, START);
	struct ring c = ring_other_end(&r);

	(void)state;
	ring_push(&r, 1);
	assert_null(ring_peek(&c));
	ring_publish(&r);
	assert_non_null(ring_peek(&c));
	free(r.memory);
}

static void record_that_does_not_fit_before_the_end_begins_behind_a_filler(void **state)
{
	struct ring r = ring_make(16, 13);
	struct ring c = ring_other_end(&r);
	const struct ring_record *first;

	(void)state;
	assert_int_equal(ring_cost(&r, 3), 3);
	assert_int_equal(ring_cost(&r, 8), 11);
	record_fill(ring_push(&r, 8), 8, 42);
	ring_publish(&r);
	first = (const void *)(r.memory + RING_DATA_OFFSET + 13 * RING_SLOT_SIZE);
	assert_int_equal(first->kind, RING_FILLER);
	assert_int_equal(first->slots, 3);
	record_check(ring_peek(&c), 8, 42);
	assert_ptr_equal(ring_peek(&c), r.memory + RING_DATA_OFFSET);
	ring_pop(&c);
	assert_null(ring_peek(&c));
	ring_see_tail(&r);
	assert_int_equal(ring_room(&r), 16);
	free(r.memory);
}

static void record_without_slots_ends_the_batch_instead_of_hanging(void **state)
{
	struct ring r = ring_make(16, START);
	struct ring c = ring_other_end(&r);
	struct ring_record *broken = ring_push(&r, 2);

	(void)state;
	broken->slots = 0;
	ring_publish(&r);
	assert_null(ring_peek(&c));
	assert_int_equal(c.tail, c.head);
	broken = ring_push(&r, 1);
	broken->slots = 200;
	ring_publish(&r);
	assert_null(ring_peek(&c));
	free(r.memory);
}

static void tail_that_cannot_be_is_not_believed(void **state)
{
	struct ring r = ring_make(16, START);

	(void)state;
	ring_push(&r, 4);
	ring_publish(&r);
	*ring_word(&r, RING_WORD_TAIL) = START + 5;
	ring_see_tail(&r);
	assert_int_equal(ring_room(&r), 12);
	*ring_word(&r, RING_WORD_TAIL) = START - 1;
	ring_see_tail(&r);
	assert_int_equal(ring_room(&r), 12);
	free(r.memory);
}

/* Model: numbers pushed and popped in order, sizes from the same generator. */
static void ring_agrees_with_a_queue_over_many_laps(void **state)
{
	struct ring r = ring_make(32, START);
	struct ring c = ring_other_end(&r);
	uint64_t seed = 1, sizes = 2, sizes_seen = 2;
	uint32_t pushed = 0, popped = 0;
	unsigned int next = 1 + test_random(&sizes) % 8;

	(void)state;
	while (popped < 20000) {
		const struct ring_record *record;

		ring_see_tail(&r);
		while (test_random(&seed) % 4 != 0 && ring_room(&r) >= ring_cost(&r, next)) {
			record_fill(ring_push(&r, next), next, pushed++);
			next = 1 + test_random(&sizes) % 8;
		}
		ring_publish(&r);
		while (test_random(&seed) % 4 != 0 && (record = ring_peek(&c)) != NULL) {
			record_check(record, 1 + test_random(&sizes_seen) % 8, popped++);
			ring_pop(&c);
		}
	}
	assert_in_range(pushed, popped, popped + 32);
	free(r.memory);
}

static void sleeper_returns_at_its_limit(void **state)
{
	struct ring r = ring_make(16, START);
	struct timespec before, after;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_false(ring_sleep(r.memory, 5));
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true((after.tv_sec - before.tv_sec) * 1000000000l + after.tv_nsec - before.tv_nsec >=
		    5000000l);
	assert_false(ring_sleeps(&r));
	free(r.memory);
}

#define STRESS 50000u

/* Sleeps without a useful limit: a wake that gets lost hangs the test. */
static void *consumer_thread(void *arg)
{
	struct ring *c = arg;
	uint64_t sizes = 9;
	uint32_t next = 0;

	while (next < STRESS) {
		const struct ring_record *record = ring_peek(c);
		unsigned int slots;

		if (record == NULL) {
			ring_sleep(c->memory, 20000);
			continue;
		}
		slots = 1 + test_random(&sizes) % 8;
		if (record->slots != slots || ((const struct ring_event *)record)->serial != next)
			return NULL;
		next++;
		ring_pop(c);
	}
	return c;
}

static void two_threads_lose_neither_records_nor_wakes(void **state)
{
	struct ring r = ring_make(64, START);
	struct ring c = ring_other_end(&r);
	uint64_t sizes = 9, seed = 3;
	uint32_t next = 0;
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, consumer_thread, &c), 0);
	while (next < STRESS) {
		uint64_t before = sizes;
		unsigned int slots = 1 + test_random(&sizes) % 8;

		ring_see_tail(&r);
		if (ring_room(&r) < ring_cost(&r, slots)) {
			sizes = before;
			ring_publish(&r);
			sched_yield();
			continue;
		}
		record_fill(ring_push(&r, slots), slots, next++);
		if (test_random(&seed) % 8 == 0)
			ring_publish(&r);
	}
	ring_publish(&r);
	pthread_join(thread, &result);
	assert_ptr_equal(result, &c);
	free(r.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ring_refuses_sizes_that_cannot_work),
	    cmocka_unit_test(header_words_stand_where_the_other_language_reads_them),
	    cmocka_unit_test(record_is_not_seen_before_it_is_published),
	    cmocka_unit_test(record_that_does_not_fit_before_the_end_begins_behind_a_filler),
	    cmocka_unit_test(record_without_slots_ends_the_batch_instead_of_hanging),
	    cmocka_unit_test(tail_that_cannot_be_is_not_believed),
	    cmocka_unit_test(ring_agrees_with_a_queue_over_many_laps),
	    cmocka_unit_test(sleeper_returns_at_its_limit),
	    cmocka_unit_test(two_threads_lose_neither_records_nor_wakes),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
