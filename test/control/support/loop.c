/* A thread that stands for the lcore: sends numbered events to the first outlet,
 * and what a worker publishes to the next one. */
#include "loop.h"

#include <sched.h>
#include <string.h>
#include <time.h>

#include "event/event.h"

struct loop loop;

/* Sends what was published, until a target is full: then it stays in the ring. */
static void loop_relay(unsigned int from)
{
	const struct ring_answer *a;

	while ((a = outlet_answer(loop.outlet[from])) != NULL) {
		if (a->kind >= ANSWER_PUBLISH && from + 1 < loop.outlets) {
			struct ring_event *e;

			if (outlet_spilled(loop.outlet[from + 1]))
				return;
			e = outlet_reserve(loop.outlet[from + 1], a->slots, OUTLET_FLOW,
					   OWNER_NONE);
			if (e == NULL)
				return;
			memcpy(e, a, (size_t)a->slots * RING_SLOT_SIZE);
			e->kind = 0;
			e->callback = 0;
			loop.handed[from + 1]++;
		}
		if (a->kind >= ANSWER_PUBLISH)
			loop.published[from]++;
		else if (a->kind == ANSWER_ERROR)
			loop.errors++;
		else
			loop.verdicts++;
		outlet_answer_done(loop.outlet[from]);
	}
}

static void loop_send(void)
{
	uint32_t number = (uint32_t)loop.sent;
	struct ring_event *e =
	    outlet_reserve(loop.outlet[0], loop.slots, OUTLET_PACKET, OWNER_NONE);

	loop.sent++;
	if (e == NULL)
		return;
	loop.handed[0]++;
	e->kind = (uint16_t)(number % loop.kinds);
	e->flow_index = number % 64;
	e->flow_generation = 1;
	e->serial = number;
	e->packet = (uint16_t)(number % 32);
	e->time = 1700000000000000000ull + number;
	memcpy(e + 1, &number, sizeof(number));
}

static bool loop_busy(void)
{
	bool busy = false;

	for (unsigned int i = 0; i < loop.outlets; i++) {
		outlet_flush(loop.outlet[i]);
		busy |= outlet_spilled(loop.outlet[i]);
	}
	return busy;
}

/* All outlets are flushed before any is asked: one waits for room in the next. */
static bool loop_passed(void)
{
	bool passed = true;

	for (unsigned int i = 0; i < loop.outlets; i++)
		loop_relay(i);
	if (loop_busy())
		return false;
	for (unsigned int i = 0; i < loop.outlets; i++)
		passed &= outlet_answer(loop.outlet[i]) == NULL &&
			  outlet_passed(loop.outlet[i], outlet_position(loop.outlet[i]));
	return passed;
}

void loop_pause(uint32_t ns)
{
	nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

void *loop_run(void *arg)
{
	(void)arg;
	while (loop.stop == 0 && (loop.events == 0 || loop.sent < loop.events)) {
		for (unsigned int i = 0; i < loop.outlets; i++)
			loop_relay(i);
		if (loop_busy() && !loop.live) {
			sched_yield();
			continue;
		}
		for (unsigned int i = 0; i < 32 && (loop.events == 0 || loop.sent < loop.events);
		     i++)
			loop_send();
		if (loop.pace_ns != 0)
			loop_pause(loop.pace_ns);
	}
	/* Twice: what passed last may have published. */
	for (unsigned int rounds = 0; loop.stop < 2 && rounds < 2; rounds += loop_passed())
		sched_yield();
	loop.running = 0;
	napi_call_threadsafe_function(loop.ended, NULL, napi_tsfn_blocking);
	napi_release_threadsafe_function(loop.ended, napi_tsfn_release);
	return NULL;
}
