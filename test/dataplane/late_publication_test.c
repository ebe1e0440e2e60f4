/* Where a publication of a function in C on another core goes: before its event, unless
 * the burst has not waited for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "event/handler.h"

#define OUTLET 70 /* of the function: not in the first word of bits */

struct rig {
	uint8_t slots[8 * EVENT_SLOT_SIZE];
	struct burst burst;
	struct program_nf nf;
	struct program_chain program;
	struct chain chain;
	struct nf_context context;
};

static void rig_begin(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	r->burst.log = (struct event_log){.slots = r->slots, .capacity = 8, .stack_limit = 8};
	event_log_reset(&r->burst.log);
	r->nf.outlet = OUTLET;
	r->program.nfs = &r->nf;
	r->chain.program = &r->program;
	r->context = (struct nf_context){.chain = &r->chain, .burst = &r->burst, .packet = 3};
}

static struct ring_place raise(struct rig *r, uint16_t packet)
{
	uint16_t behind =
	    r->burst.log.last == EVENT_END ? EVENT_LOG_FIRST : (uint16_t)r->burst.log.last;

	event_log_append(&r->burst.log, 1)->packet = packet;
	return (struct ring_place){.at = (uint16_t)r->burst.log.last, .behind = behind};
}

static void a_publication_goes_before_its_event(void **state)
{
	struct event_cursor cursor;
	struct ring_place place;
	struct rig r;

	(void)state;
	rig_begin(&r);
	raise(&r, 3);
	place = raise(&r, 3);
	assert_true(nf_answer_cause(&r.context, place, &cursor));
	assert_ptr_equal(r.context.event, event_log_at(&r.burst.log, 1));
	assert_int_equal(*cursor.link, 1);
}

/* The packet has more events than fit the log: the burst's next round has others of it
 * at the same places. */
static void one_that_was_not_waited_for_goes_before_no_event_of_a_later_round(void **state)
{
	struct event_cursor cursor;
	struct ring_place place;
	struct rig r;

	(void)state;
	rig_begin(&r);
	raise(&r, 3);
	place = raise(&r, 3);
	burst_give_up(&r.burst, OUTLET);
	event_log_reset(&r.burst.log);
	raise(&r, 3);
	raise(&r, 3);
	assert_false(nf_answer_cause(&r.context, place, &cursor));
}

static void other_functions_are_not_late_with_it(void **state)
{
	struct event_cursor cursor;
	struct ring_place place;
	struct rig r;

	(void)state;
	rig_begin(&r);
	place = raise(&r, 3);
	burst_give_up(&r.burst, OUTLET % 64);
	burst_give_up(&r.burst, OUTLET + 1);
	assert_true(nf_answer_cause(&r.context, place, &cursor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_publication_goes_before_its_event),
	    cmocka_unit_test(one_that_was_not_waited_for_goes_before_no_event_of_a_later_round),
	    cmocka_unit_test(other_functions_are_not_late_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
