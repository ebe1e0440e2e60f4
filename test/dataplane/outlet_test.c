#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "event/event.h"
#include "flow/flow.h"
#include "ring/outlet.h"
#include "support/random.h"

#define START (UINT32_MAX - 20)
#define OWNERS 8

/* Mbufs that the test holds as well, so that none goes back to a pool. */
static struct rte_mbuf owner_mbuf[OWNERS];

static uintptr_t owner_number(unsigned int number)
{
	return owner_of_mbuf(&owner_mbuf[number % OWNERS]);
}

static unsigned int owners_held(void)
{
	unsigned int held = 0;

	for (unsigned int i = 0; i < OWNERS; i++)
		held += rte_mbuf_refcnt_read(&owner_mbuf[i]) - 1u;
	return held;
}

static int setup_owners(void **state)
{
	(void)state;
	memset(owner_mbuf, 0, sizeof(owner_mbuf));
	for (unsigned int i = 0; i < OWNERS; i++) {
		owner_mbuf[i].nb_segs = 1;
		rte_mbuf_refcnt_set(&owner_mbuf[i], 1);
	}
	return 0;
}

static struct outlet *outlet_make(uint32_t events, uint32_t spill)
{
	struct outlet *o = outlet_create(
	    &(struct outlet_config){
		.event_slots = events, .answer_slots = 16, .spill_slots = spill, .start = START},
	    NULL);

	assert_non_null(o);
	return o;
}

/* The worker's end of the event ring. */
static struct ring worker_of(struct outlet *o)
{
	const struct ring *r = outlet_events(o);

	return (struct ring){
	    .memory = r->memory, .capacity = r->capacity, .head = START, .tail = START};
}

static bool send(struct outlet *o, unsigned int slots, enum outlet_class class, uint32_t number)
{
	struct ring_event *e = outlet_reserve(o, slots, class, owner_number(number));

	if (e == NULL)
		return false;
	assert_int_equal(e->slots, slots);
	assert_int_equal(e->kind, 0);
	e->serial = number;
	return true;
}

/* Handles one record; returns its number, or UINT32_MAX when there is none. A
 * notice adds to `lost`. */
static uint32_t handle(struct ring *worker, uint64_t *lost)
{
	const struct ring_record *record;

	while ((record = ring_peek(worker)) != NULL) {
		struct ring_event e;
		uint32_t count;

		memcpy(&e, record, sizeof(e));
		memcpy(&count, (const uint8_t *)record + sizeof(e), sizeof(count));
		ring_pop(worker);
		if (e.kind != RING_NOTICE_LOST)
			return e.serial;
		assert_int_equal(e.flow_index, FLOW_NONE);
		assert_int_equal(e.packet, EVENT_NO_PACKET);
		assert_int_not_equal(count, 0);
		*lost += count;
	}
	return UINT32_MAX;
}

static void wrong_sizes_make_no_outlet(void **state)
{
	(void)state;
	assert_null(outlet_create(
	    &(struct outlet_config){.event_slots = 24, .answer_slots = 16, .spill_slots = 16},
	    NULL));
	assert_null(outlet_create(
	    &(struct outlet_config){.event_slots = 16, .answer_slots = 16, .spill_slots = 8},
	    NULL));
}

static void events_arrive_when_flushed_and_owners_stay_until_they_are_handled(void **state)
{
	struct outlet *o = outlet_make(32, 16);
	struct ring worker = worker_of(o);
	uint64_t lost = 0;

	(void)state;
	assert_true(send(o, 2, OUTLET_PACKET, 1));
	assert_true(send(o, 1, OUTLET_PACKET, 2));
	assert_int_equal(handle(&worker, &lost), UINT32_MAX);
	outlet_flush(o);
	assert_int_equal(owners_held(), 2);
	assert_int_equal(handle(&worker, &lost), 1);
	outlet_flush(o);
	assert_int_equal(owners_held(), 1);
	assert_int_equal(handle(&worker, &lost), 2);
	outlet_flush(o);
	assert_int_equal(owners_held(), 0);
	outlet_destroy(o);
}

static void what_does_not_fit_is_spilled_and_arrives_in_order(void **state)
{
	struct outlet *o = outlet_make(16, 64);
	struct ring worker = worker_of(o);
	uint64_t lost = 0;

	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		assert_true(send(o, 3, OUTLET_FLOW, i));
	outlet_flush(o);
	assert_true(outlet_spilled(o));
	assert_int_equal(owners_held(), 20);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(handle(&worker, &lost), i);
		outlet_flush(o);
		assert_int_equal(owners_held(), 19 - i);
	}
	assert_false(outlet_spilled(o));
	assert_int_equal(lost, 0);
	outlet_destroy(o);
}

static void nothing_overtakes_the_spill(void **state)
{
	struct outlet *o = outlet_make(16, 64);
	struct ring worker = worker_of(o);
	uint64_t lost = 0;

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		assert_true(send(o, 8, OUTLET_FLOW, i));
	outlet_flush(o);
	assert_int_equal(handle(&worker, &lost), 0);
	/* One slot would fit the ring now, three records wait before it. */
	assert_true(send(o, 1, OUTLET_FLOW, 4));
	for (uint32_t i = 1; i < 5; i++) {
		outlet_flush(o);
		assert_int_equal(handle(&worker, &lost), i);
	}
	outlet_destroy(o);
}

static void packet_events_are_lost_first_and_flow_events_have_a_reserve(void **state)
{
	struct outlet *o = outlet_make(16, 32);
	uint32_t sent = 0;

	(void)state;
	while (send(o, 1, OUTLET_PACKET, sent))
		sent++;
	assert_int_equal(sent, 16 + 24);
	assert_int_equal(outlet_lost(o), 1);
	for (uint32_t i = 0; i < 8; i++)
		assert_true(send(o, 1, OUTLET_FLOW, sent + i));
	assert_false(send(o, 1, OUTLET_FLOW, 99));
	assert_int_equal(outlet_lost(o), 2);
	outlet_flush(o);
	outlet_destroy(o);
	assert_int_equal(owners_held(), 0);
}

static void worker_is_told_of_losses_where_they_happened(void **state)
{
	struct outlet *o = outlet_make(16, 16);
	struct ring worker = worker_of(o);
	uint64_t lost = 0;
	uint32_t sent = 0;

	(void)state;
	while (send(o, 1, OUTLET_PACKET, sent))
		sent++;
	assert_false(send(o, 1, OUTLET_PACKET, 99));
	outlet_flush(o);
	for (uint32_t i = 0; i < sent; i++) {
		assert_int_equal(lost, 0);
		assert_int_equal(handle(&worker, &lost), i);
		outlet_flush(o);
	}
	assert_true(send(o, 1, OUTLET_PACKET, 100));
	outlet_flush(o);
	assert_int_equal(handle(&worker, &lost), 100);
	assert_int_equal(lost, 2);
	assert_int_equal(outlet_lost(o), 2);
	outlet_destroy(o);
}

static void worker_is_told_of_losses_although_nothing_follows(void **state)
{
	struct outlet *o = outlet_make(16, 16);
	struct ring worker = worker_of(o);
	uint64_t lost = 0;
	uint32_t sent = 0;

	(void)state;
	while (send(o, 2, OUTLET_FLOW, sent))
		sent++;
	for (uint32_t i = 0; i < sent; i++) {
		outlet_flush(o);
		handle(&worker, &lost);
	}
	outlet_flush(o);
	assert_int_equal(handle(&worker, &lost), UINT32_MAX);
	assert_int_equal(lost, 1);
	outlet_destroy(o);
}

static void position_is_passed_when_the_worker_has_handled_all_before_it(void **state)
{
	struct outlet *o = outlet_make(16, 64);
	struct ring worker = worker_of(o);
	uint64_t position[12], lost = 0;

	(void)state;
	assert_true(outlet_passed(o, outlet_position(o)));
	for (uint32_t i = 0; i < 12; i++) {
		assert_true(send(o, 3, OUTLET_FLOW, i));
		position[i] = outlet_position(o);
	}
	for (uint32_t i = 0; i < 12; i++) {
		outlet_flush(o);
		assert_false(outlet_passed(o, position[i]));
		assert_int_equal(handle(&worker, &lost), i);
		assert_true(outlet_passed(o, position[i]));
	}
	outlet_destroy(o);
}

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

/* Random sizes, classes and paces; every event is delivered in order, or
 * counted as lost and told. */
static void outlet_agrees_with_a_queue(void **state)
{
	struct outlet *o = outlet_make(32, 32);
	struct ring worker = worker_of(o);
	static uint32_t queue[40000];
	uint32_t first = 0, last = 0, number = 0, seen;
	uint64_t seed = 5, lost = 0;

	(void)state;
	while (number < 40000) {
		unsigned int burst = test_random(&seed) % 24, taken = test_random(&seed) % 24;

		for (; burst > 0 && number < 40000; burst--, number++)
			if (send(o, 1 + test_random(&seed) % 8,
				 test_random(&seed) % 3 != 0 ? OUTLET_PACKET : OUTLET_FLOW, number))
				queue[last++] = number;
		outlet_flush(o);
		for (; taken > 0 && (seen = handle(&worker, &lost)) != UINT32_MAX; taken--)
			assert_int_equal(seen, queue[first++]);
	}
	while (first < last || lost < outlet_lost(o)) {
		outlet_flush(o);
		while ((seen = handle(&worker, &lost)) != UINT32_MAX)
			assert_int_equal(seen, queue[first++]);
	}
	assert_int_equal(lost, outlet_lost(o));
	assert_int_equal(last + lost, 40000);
	assert_true(lost > 0);
	outlet_flush(o);
	assert_int_equal(owners_held(), 0);
	assert_true(outlet_passed(o, outlet_position(o)));
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
	/* Twice: when the worker is done there is room for the last notice. */
	for (unsigned int round = 0; round < 2; round++)
		while (outlet_flush(o), !outlet_passed(o, outlet_position(o)))
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
	    cmocka_unit_test_setup(wrong_sizes_make_no_outlet, setup_owners),
	    cmocka_unit_test_setup(
		events_arrive_when_flushed_and_owners_stay_until_they_are_handled, setup_owners),
	    cmocka_unit_test_setup(what_does_not_fit_is_spilled_and_arrives_in_order, setup_owners),
	    cmocka_unit_test_setup(nothing_overtakes_the_spill, setup_owners),
	    cmocka_unit_test_setup(packet_events_are_lost_first_and_flow_events_have_a_reserve,
				   setup_owners),
	    cmocka_unit_test_setup(worker_is_told_of_losses_where_they_happened, setup_owners),
	    cmocka_unit_test_setup(worker_is_told_of_losses_although_nothing_follows, setup_owners),
	    cmocka_unit_test_setup(position_is_passed_when_the_worker_has_handled_all_before_it,
				   setup_owners),
	    cmocka_unit_test_setup(abandoned_outlet_holds_nothing_and_stops_nobody, setup_owners),
	    cmocka_unit_test_setup(events_that_a_hanging_worker_has_not_handled_are_found,
				   setup_owners),
	    cmocka_unit_test_setup(hanging_worker_gets_no_packet_events_until_it_handles_one,
				   setup_owners),
	    cmocka_unit_test_setup(answers_come_back_in_order_and_fillers_do_not_show,
				   setup_owners),
	    cmocka_unit_test_setup(lcore_does_not_sleep_over_an_answer_or_progress, setup_owners),
	    cmocka_unit_test_setup(outlet_agrees_with_a_queue, setup_owners),
	    cmocka_unit_test_setup(two_threads_account_for_every_event, setup_owners),
	};

	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
