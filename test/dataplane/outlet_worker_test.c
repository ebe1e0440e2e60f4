/* The worker behind an outlet: it answers, hangs, is gone, or runs at the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "support/outlet_ends.h"
#include "support/random.h"

static void abandoned_outlet_holds_nothing_and_stops_nobody(void **state)
{
	struct outlet *o = outlet_make(16, 16);

	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		assert_true(send(o, 1, OUTLET_FLOW, i));
	outlet_flush(o);
	assert_false(outlet_passed(o, outlet_position(o)));
	outlet_abandon(o);
	assert_true(outlet_passed(o, outlet_position(o)));
	assert_false(outlet_spilled(o));
	assert_false(send(o, 1, OUTLET_FLOW, 20));
	outlet_flush(o);
	assert_int_equal(owners_held(), 0);
	/* What waited in ring and spill was never handled either. */
	assert_int_equal(outlet_unread(o), 20);
	assert_int_equal(outlet_lost(o), 21);
	outlet_flush(o);
	assert_int_equal(outlet_lost(o), 21);
	outlet_destroy(o);
}

static void count_event(void *arg, const struct ring_event *e)
{
	uint32_t *count = arg;

	(void)e;
	(*count)++;
}

static void events_that_a_hanging_worker_has_not_handled_are_found(void **state)
{
	struct outlet *o = outlet_make(16, 32);
	struct ring worker = worker_of(o);
	uint64_t lost = 0;
	uint32_t found = 0;

	(void)state;
	/* More than the ring holds: the last are in the spill. */
	for (uint32_t i = 0; i < 24; i++)
		assert_true(send(o, 1, OUTLET_PACKET, i));
	outlet_flush(o);
	assert_int_equal(handle(&worker, &lost), 0);
	/* The number is their burst's serial, too. */
	outlet_unhandled(o, 0, 0, count_event, &found);
	assert_int_equal(found, 0);
	for (uint32_t i = 1; i < 24; i++)
		outlet_unhandled(o, 0, i, count_event, &found);
	assert_int_equal(found, 23);
	outlet_unhandled(o, 1, 5, count_event, &found);
	assert_int_equal(found, 23);
	outlet_destroy(o);
}

static void hanging_worker_gets_no_packet_events_until_it_handles_one(void **state)
{
	struct outlet *o = outlet_make(16, 32);
	struct ring worker = worker_of(o);
	uint64_t lost = 0;

	(void)state;
	assert_true(send(o, 1, OUTLET_PACKET, 0));
	outlet_flush(o);
	assert_false(outlet_hangs(o));
	outlet_give_up(o);
	assert_true(outlet_hangs(o));
	assert_false(send(o, 1, OUTLET_PACKET, 1));
	assert_true(send(o, 1, OUTLET_FLOW, 2));
	outlet_flush(o);
	assert_int_equal(outlet_lost(o), 1);
	assert_int_equal(handle(&worker, &lost), 0);
	assert_false(outlet_hangs(o));
	assert_true(send(o, 1, OUTLET_PACKET, 3));
	outlet_flush(o);
	assert_int_equal(handle(&worker, &lost), 2);
	assert_int_equal(handle(&worker, &lost), 3);
	assert_int_equal(lost, 1);
	outlet_destroy(o);
	assert_int_equal(owners_held(), 0);
}

/* Nothing follows that would bring the notice. */
static void worker_is_told_what_it_lost_last(void **state)
{
	struct outlet *o = outlet_make(16, 16);
	struct ring worker = worker_of(o);
	uint64_t lost = 0;

	(void)state;
	for (uint32_t i = 0; send(o, 1, OUTLET_PACKET, i); i++)
		;
	assert_int_equal(outlet_lost(o), 1);
	while (!outlet_passed(o, outlet_position(o))) {
		assert_false(outlet_settled(o));
		handle(&worker, &lost);
		if (outlet_spilled(o))
			outlet_flush(o);
	}
	assert_int_equal(lost, 0);
	assert_false(outlet_settled(o));
	assert_int_equal(handle(&worker, &lost), UINT32_MAX);
	assert_int_equal(lost, 1);
	assert_true(outlet_settled(o));
	outlet_destroy(o);
}

static void answers_come_back_in_order_and_fillers_do_not_show(void **state)
{
	struct outlet *o = outlet_make(16, 16);
	struct ring worker = *outlet_answers(o);

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		struct ring_answer *a;
		const struct ring_answer *seen;

		ring_see_tail(&worker);
		a = ring_push(&worker, 1 + i % 8);
		a->kind = i % 3 == 2 ? RING_FILLER : ANSWER_PUBLISH;
		a->flow_index = i;
		ring_publish(&worker);
		seen = outlet_answer(o);
		if (i % 3 == 2) {
			assert_null(seen);
			continue;
		}
		assert_ptr_equal(seen, outlet_answer(o));
		assert_int_equal(seen->flow_index, i);
		outlet_answer_done(o);
	}
	outlet_destroy(o);
}

static void lcore_does_not_sleep_over_an_answer_or_progress(void **state)
{
	struct outlet *o = outlet_make(16, 16);
	struct ring worker = worker_of(o);
	struct ring answers = *outlet_answers(o);
	uint64_t lost = 0;

	(void)state;
	assert_true(outlet_sleep(o));
	assert_true(ring_sleeps(&answers));
	outlet_awake(o);
	assert_false(ring_sleeps(&answers));
	send(o, 1, OUTLET_FLOW, 1);
	outlet_flush(o);
	assert_true(outlet_sleep(o));
	outlet_awake(o);
	handle(&worker, &lost);
	assert_false(outlet_sleep(o));
	ring_push(&answers, 1);
	ring_publish(&answers);
	assert_false(outlet_sleep(o));
	assert_false(ring_sleeps(&answers));
	outlet_destroy(o);
}

#define STRESS 40000u

struct worker_thread {
	struct ring ring;
	uint32_t handled;
	uint64_t lost;
	bool in_order;
	bool done; /* atomic: nothing follows */
};

static void *worker_main(void *arg)
{
	struct worker_thread *w = arg;
	uint32_t last = 0;

	for (;;) {
		uint32_t number = handle(&w->ring, &w->lost);

		if (number == UINT32_MAX && __atomic_load_n(&w->done, __ATOMIC_ACQUIRE))
			return NULL;
		if (number == UINT32_MAX) {
			ring_sleep(w->ring.memory, 1000);
			continue;
		}
		w->in_order &= w->handled == 0 || number > last;
		w->handled++;
		last = number;
	}
}

static void two_threads_account_for_every_event(void **state)
{
	struct outlet *o = outlet_make(64, 32);
	struct worker_thread w = {.ring = worker_of(o), .in_order = true};
	uint64_t seed = 7;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, worker_main, &w), 0);
	for (uint32_t i = 0; i < STRESS; i++) {
		send(o, 1 + test_random(&seed) % 8, i % 4 == 0 ? OUTLET_FLOW : OUTLET_PACKET, i);
		if (test_random(&seed) % 8 == 0)
			outlet_flush(o);
		if (test_random(&seed) % 64 == 0)
			sched_yield();
	}
	while (outlet_flush(o), !outlet_settled(o))
		sched_yield();
	__atomic_store_n(&w.done, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	outlet_flush(o);
	assert_true(w.in_order);
	assert_int_equal(w.lost, outlet_lost(o));
	assert_int_equal(owners_held(), 0);
	outlet_destroy(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(abandoned_outlet_holds_nothing_and_stops_nobody, setup_owners),
	    cmocka_unit_test_setup(events_that_a_hanging_worker_has_not_handled_are_found,
				   setup_owners),
	    cmocka_unit_test_setup(hanging_worker_gets_no_packet_events_until_it_handles_one,
				   setup_owners),
	    cmocka_unit_test_setup(worker_is_told_what_it_lost_last, setup_owners),
	    cmocka_unit_test_setup(answers_come_back_in_order_and_fillers_do_not_show,
				   setup_owners),
	    cmocka_unit_test_setup(lcore_does_not_sleep_over_an_answer_or_progress, setup_owners),
	    cmocka_unit_test_setup(two_threads_account_for_every_event, setup_owners),
	};

	return cmocka_run_group_tests_name("worker of an outlet", tests, NULL, NULL);
}
