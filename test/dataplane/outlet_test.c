/* Events on their way to a worker: their order, the spill, and what is lost first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/outlet_ends.h"
#include "support/random.h"

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
	    cmocka_unit_test_setup(outlet_agrees_with_a_queue, setup_owners),
	};

	return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
