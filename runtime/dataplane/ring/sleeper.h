/* A thread that sleeps when it has nothing to do, and those that bring it work. */
#pragma once

#include <stdint.h>

struct sleeper {
	uint32_t wake;	 /* futex; any thread */
	uint32_t asleep; /* it is about to sleep, or does */
};

/* Says that it is going to sleep. Who brings work after this wakes it: so it looks
 * for work once more, and then either sleeps or does not. */
static inline uint32_t sleeper_announce(struct sleeper *s)
{
	uint32_t seen = __atomic_load_n(&s->wake, __ATOMIC_SEQ_CST);

	__atomic_store_n(&s->asleep, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return seen;
}

/* `seen` is what sleeper_announce() gave. */
void sleeper_sleep(struct sleeper *s, uint32_t seen, uint64_t limit_ns);

static inline void sleeper_rise(struct sleeper *s)
{
	__atomic_store_n(&s->asleep, 0, __ATOMIC_RELAXED);
}

/* From any thread; what it brings was stored before. */
void sleeper_wake(struct sleeper *s);

/* The same, without a system call while the other is awake. */
static inline void sleeper_nudge(struct sleeper *s)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&s->asleep, __ATOMIC_RELAXED) != 0)
		sleeper_wake(s);
}
