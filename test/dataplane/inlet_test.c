/* The end of the rings that a function in C on another core reads and writes. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memory/chunk.h"
#include "ring/inlet.h"
#include "ring/outlet.h"

/* Indices begin here, so that every test crosses 2^32. */
#define START (UINT32_MAX - 20)
#define FLOWS 4

struct kept {
	uint32_t generation;
	uint32_t count;
};

struct rig {
	struct outlet *outlet;
	struct inlet inlet;
	struct sleeper lcore;
	struct kept records[FLOWS];
	bool drains;
};

static struct chunk_pool chunks;

static void rig_begin(struct rig *r)
{
	const struct outlet_config config = {
	    .event_slots = 64, .answer_slots = 16, .spill_slots = 1024, .start = START};

	memset(r, 0, sizeof(*r));
	r->outlet = outlet_create(&config, &chunks);
	assert_non_null(r->outlet);
	r->drains = true;
	r->inlet = (struct inlet){
	    .events = *outlet_events(r->outlet),
	    .answers = *outlet_answers(r->outlet),
	    .answered = START,
	    .flows = FLOWS,
	    .records = (uint8_t *)r->records,
	    .lcore = &r->lcore,
	    .drains = &r->drains,
	};
}

static void rig_end(struct rig *r)
{
	outlet_destroy(r->outlet);
}

static void send(struct rig *r, uint32_t serial, unsigned int slots)
{
	struct ring_event *e = outlet_reserve(r->outlet, slots, OUTLET_FLOW, OWNER_NONE);

	assert_non_null(e);
	e->serial = serial;
}

static void records_come_in_order_over_the_end_of_the_ring(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	for (uint32_t i = 1; i < 200; i++) {
		const struct ring_event *e;

		send(&r, i, 1 + i % 5);
		outlet_flush(r.outlet);
		assert_true(inlet_look(&r.inlet));
		e = inlet_next(&r.inlet);
		assert_non_null(e);
		assert_int_equal(e->serial, i);
		assert_false(inlet_pass(&r.inlet, e));
		inlet_publish(&r.inlet);
		assert_true(outlet_passed(r.outlet, outlet_position(r.outlet)));
	}
	rig_end(&r);
}

static void a_record_without_slots_ends_the_batch(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	send(&r, 1, 1);
	outlet_flush(r.outlet);
	((struct ring_record *)ring_slot(outlet_events(r.outlet), START))->slots = 0;
	assert_true(inlet_look(&r.inlet));
	assert_null(inlet_next(&r.inlet));
	assert_false(inlet_look(&r.inlet));
	rig_end(&r);
}

/* Nobody is told that an event has passed before it can see the answers to it. */
static void answers_and_tail_are_shown_together(void **state)
{
	const struct mbx_flow flow = {.index = 2, .generation = 7};
	const struct ring_event *e;
	const struct ring_answer *a;
	struct rig r;

	(void)state;
	rig_begin(&r);
	send(&r, 9, 1);
	outlet_flush(r.outlet);
	assert_true(inlet_look(&r.inlet));
	e = inlet_next(&r.inlet);
	inlet_switch(&r.inlet, e, flow, 3, 1);
	(void)inlet_pass(&r.inlet, e);
	assert_false(outlet_passed(r.outlet, outlet_position(r.outlet)));
	assert_null(outlet_answer(r.outlet));
	inlet_publish(&r.inlet);
	assert_true(outlet_passed(r.outlet, outlet_position(r.outlet)));
	a = outlet_answer(r.outlet);
	assert_non_null(a);
	assert_int_equal(a->kind, ANSWER_SWITCH);
	assert_int_equal(a->flow_index, 2);
	assert_int_equal(a->flow_generation, 7);
	assert_int_equal(a->serial, 9);
	assert_int_equal(a->subscription, 3);
	assert_int_equal(a->argument, 1);
	rig_end(&r);
}

static void a_burst_ends_the_batch_where_packets_wait(void **state)
{
	const struct ring_event *e;
	struct rig r;

	(void)state;
	rig_begin(&r);
	r.inlet.by_burst = true;
	send(&r, 1, 1);
	send(&r, 1, 1);
	send(&r, 2, 1);
	outlet_flush(r.outlet);
	assert_true(inlet_look(&r.inlet));
	e = inlet_next(&r.inlet);
	assert_false(inlet_pass(&r.inlet, e));
	e = inlet_next(&r.inlet);
	assert_true(inlet_pass(&r.inlet, e));
	e = inlet_next(&r.inlet);
	assert_false(inlet_pass(&r.inlet, e));
	rig_end(&r);
}

static void a_batch_ends_after_the_event_in_hand_when_all_is_to_stop(void **state)
{
	const struct ring_event *e;
	struct rig r;

	(void)state;
	rig_begin(&r);
	send(&r, 1, 1);
	send(&r, 1, 1);
	outlet_flush(r.outlet);
	assert_true(inlet_look(&r.inlet));
	e = inlet_next(&r.inlet);
	r.inlet.stop = true;
	assert_true(inlet_pass(&r.inlet, e));
	rig_end(&r);
}

/* A ring and a spill that are full, and a worker that then goes on. */
static void what_was_lost_is_told_with_its_number(void **state)
{
	uint32_t sent = 0, told = 0, handled = 0;
	struct rig r;

	(void)state;
	rig_begin(&r);
	while (outlet_reserve(r.outlet, 1, OUTLET_PACKET, OWNER_NONE) != NULL)
		sent++;
	assert_null(outlet_reserve(r.outlet, 1, OUTLET_PACKET, OWNER_NONE));
	while (told == 0) {
		const struct ring_event *e;

		outlet_flush(r.outlet);
		assert_true(inlet_look(&r.inlet));
		while ((e = inlet_next(&r.inlet)) != NULL) {
			if (e->kind == RING_NOTICE_LOST)
				told = inlet_lost(e);
			else
				handled++;
			(void)inlet_pass(&r.inlet, e);
		}
		inlet_publish(&r.inlet);
	}
	assert_int_equal(handled, sent);
	assert_int_equal(told, 2);
	rig_end(&r);
}

static void state_is_zeroed_for_a_new_generation_and_kept_from_an_old_one(void **state)
{
	struct mbx_flow flow = {.index = 1, .generation = (1u << 29) - 1};
	struct kept *k;
	struct rig r;

	(void)state;
	rig_begin(&r);
	k = inlet_record(&r.inlet, flow, sizeof(*k));
	assert_non_null(k);
	k->count = 5;
	assert_ptr_equal(inlet_record(&r.inlet, flow, sizeof(*k)), k);
	assert_int_equal(k->count, 5);
	flow.generation = 1; /* it wraps */
	assert_ptr_equal(inlet_record(&r.inlet, flow, sizeof(*k)), k);
	assert_int_equal(k->count, 0);
	flow.generation = (1u << 29) - 1;
	assert_null(inlet_record(&r.inlet, flow, sizeof(*k)));
	flow.index = FLOWS;
	assert_null(inlet_record(&r.inlet, flow, sizeof(*k)));
	rig_end(&r);
}

static void *take_answers(void *arg)
{
	struct rig *r = arg;
	uint32_t taken = 0;

	while (taken < 100) {
		const struct ring_answer *a = outlet_answer(r->outlet);

		if (a == NULL)
			continue;
		assert_int_equal(a->value, taken);
		taken++;
		outlet_answer_done(r->outlet);
	}
	return NULL;
}

static void a_full_ring_of_answers_is_waited_for(void **state)
{
	const struct mbx_flow flow = {.index = 0, .generation = 1};
	const struct ring_event *e;
	pthread_t thread;
	struct rig r;

	(void)state;
	rig_begin(&r);
	send(&r, 1, 1);
	outlet_flush(r.outlet);
	assert_true(inlet_look(&r.inlet));
	e = inlet_next(&r.inlet);
	assert_int_equal(pthread_create(&thread, NULL, take_answers, &r), 0);
	for (uint32_t i = 0; i < 100; i++)
		inlet_answer(&r.inlet, e, ANSWER_SET_TIMER, 1 + i % 3, flow)->value = i;
	inlet_publish(&r.inlet);
	assert_int_equal(pthread_join(thread, NULL), 0);
	rig_end(&r);
}

static void answers_that_nobody_takes_go_nowhere(void **state)
{
	const uint8_t bytes[2000] = {0};
	const struct ring_event *e;
	struct rig r;

	(void)state;
	rig_begin(&r);
	r.drains = false;
	send(&r, 1, 1);
	outlet_flush(r.outlet);
	assert_true(inlet_look(&r.inlet));
	e = inlet_next(&r.inlet);
	for (unsigned int i = 0; i < 100; i++)
		inlet_set_payload(&r.inlet, e, 0, 0, bytes, sizeof(bytes));
	assert_true(r.inlet.ended);
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_come_in_order_over_the_end_of_the_ring),
	    cmocka_unit_test(a_record_without_slots_ends_the_batch),
	    cmocka_unit_test(answers_and_tail_are_shown_together),
	    cmocka_unit_test(a_burst_ends_the_batch_where_packets_wait),
	    cmocka_unit_test(a_batch_ends_after_the_event_in_hand_when_all_is_to_stop),
	    cmocka_unit_test(what_was_lost_is_told_with_its_number),
	    cmocka_unit_test(state_is_zeroed_for_a_new_generation_and_kept_from_an_old_one),
	    cmocka_unit_test(a_full_ring_of_answers_is_waited_for),
	    cmocka_unit_test(answers_that_nobody_takes_go_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
