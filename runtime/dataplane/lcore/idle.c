/* Time, and sleeping when there is nothing to do. */
#include <sched.h>
#include <time.h>

#include "distributor.h"

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t clock_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

void runner_wake(struct runner *r)
{
	sleeper_wake(&r->sleeper);
}

static bool ask_to_be_woken(struct runner *r)
{
	for (uint8_t i = 0; i < r->chain_count; i++) {
		struct chain *c = r->chains[i].chain;

		for (uint8_t k = 0; k < c->program->outlet_count; k++)
			if (!outlet_abandoned(c->outlets[k]) && !outlet_sleep(c->outlets[k]))
				return false;
	}
	return true;
}

static void awake(struct runner *r)
{
	for (uint8_t i = 0; i < r->chain_count; i++)
		for (uint8_t k = 0; k < r->chains[i].chain->program->outlet_count; k++)
			outlet_awake(r->chains[i].chain->outlets[k]);
}

/* Frames have come from the feeder, from who is fed, or from who hands on. */
static bool has_been_brought_more(const struct runner *r)
{
	for (uint8_t i = 0; r->fed && i < r->port_count; i++) {
		const struct queue *q = port_queue_in(&r->port[i]);

		if (q != NULL && queue_has_more(q))
			return true;
	}
	if (r->steer != NULL && steer_has_more(r->steer))
		return true;
	return r->distributor != NULL && distributor_has_more(r->distributor);
}

void runner_sleep(struct runner *r, uint64_t limit_ns)
{
	uint32_t seen = sleeper_announce(&r->sleeper);

	if (ask_to_be_woken(r) && !has_been_brought_more(r) &&
	    __atomic_load_n(&r->stop, __ATOMIC_SEQ_CST) == r->stop_seen)
		sleeper_sleep(&r->sleeper, seen, limit_ns);
	else
		sched_yield();
	sleeper_rise(&r->sleeper);
	awake(r);
}
