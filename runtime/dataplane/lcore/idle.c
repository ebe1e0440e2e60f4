/* Time, and sleeping when there is nothing to do. */
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

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
	__atomic_fetch_add(&r->wake, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &r->wake, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
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

void runner_sleep(struct runner *r, uint64_t limit_ns)
{
	struct timespec timeout = {.tv_sec = (time_t)(limit_ns / 1000000000ull),
				   .tv_nsec = (long)(limit_ns % 1000000000ull)};
	uint32_t seen = __atomic_load_n(&r->wake, __ATOMIC_SEQ_CST);

	if (ask_to_be_woken(r) && __atomic_load_n(&r->stop, __ATOMIC_SEQ_CST) == r->stop_seen)
		syscall(SYS_futex, &r->wake, FUTEX_WAIT_PRIVATE, seen, &timeout, NULL, 0);
	else
		sched_yield();
	awake(r);
}
