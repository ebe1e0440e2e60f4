/* A hashed hierarchical timing wheel (Varghese and Lauck, 1987) with timers
 * embedded in their owners: arming and cancelling are O(1), nothing scans. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TIMER_TICK_NS 1000000ull /* one millisecond */
#define TIMER_LEVELS 4
#define TIMER_TURN 256		     /* slots of a level that its next one has one slot for */
#define TIMER_SLOTS (2 * TIMER_TURN) /* of a level: this turn's and the next one's */

/* Embedded; all zero is not armed. `kind` and `owner` tell the expiry callback
 * what it is: the owner is an index (of a flow), so records may be in any memory. */
struct wheel_timer {
	struct wheel_timer *next;
	struct wheel_timer **link; /* what points here; NULL when not armed */
	uint64_t deadline;	   /* tick */
	uint32_t owner;
	uint8_t kind;
	uint8_t nf;
	uint16_t slot; /* level * TIMER_SLOTS + slot, or TIMER_SLOT_FAR; the wheel's */
};

#define TIMER_SLOT_FAR (TIMER_LEVELS * TIMER_SLOTS)

/* In order of arming. */
struct timer_list {
	struct wheel_timer *first;
	struct wheel_timer **last; /* where the next one is linked */
};

/* A timer is armed on the lowest level on which its deadline and the present tick
 * differ in that level's eight bits alone, and comes down level by level, by what
 * the slots before it are done or, in small portions, while they are not yet: so
 * timers of one deadline meet in one list in the order in which they were armed,
 * and a million that were armed for the same minute do not come down at once. Not
 * to be moved in memory while a timer is armed. */
struct timer_wheel {
	uint64_t tick; /* ticks before this one have fired */
	uint64_t armed;
	uint64_t occupied[TIMER_LEVELS][TIMER_SLOTS / 64]; /* a bit per slot in use */
	struct timer_list slot[TIMER_LEVELS][TIMER_SLOTS];
	struct timer_list far; /* beyond the wheel's 2^32 ticks (50 days) */
	uint64_t far_first;    /* no deadline of these is earlier */
};

typedef void (*timer_expire)(struct wheel_timer *t, void *arg);

void timer_wheel_init(struct timer_wheel *w, uint64_t now_ns);

/* Arms or re-arms for the first tick that begins at or after `at_ns`, at least
 * the next tick. `owner`, `kind` and `nf` are left as they are. Within an expiry
 * callback "next" is counted from the tick that fires. */
void timer_arm(struct timer_wheel *w, struct wheel_timer *t, uint64_t at_ns);
void timer_cancel(struct timer_wheel *w, struct wheel_timer *t); /* also when not armed */

static inline bool timer_armed(const struct wheel_timer *t)
{
	return t->link != NULL;
}

/* The next timer whose deadline is at or before the tick of `now_ns`, in order of
 * deadline, equal ones in order of arming; NULL when none is. It stays the next
 * one until it is cancelled or armed again, so whoever has no room for what it
 * raises comes back, and nothing was moved for that. */
struct wheel_timer *timer_wheel_due(struct timer_wheel *w, uint64_t now_ns);

/* Brings down, ahead of time, some of what the next slot of each level holds. To be
 * called about once a tick when nothing is due; what fires when does not depend on
 * it, but how many come down at once: at `portion` timers a tick none are left for
 * the slot's own time where a slot of 256 ticks has up to 256 times as many. */
void timer_wheel_prepare(struct timer_wheel *w, uint64_t now_ns, unsigned int portion);

/* Fires all timers whose deadline is at or before the tick of `now_ns`, in
 * order of deadline, equal ones in order of arming. A callback may arm and
 * cancel any timer. A jump of any length costs at most the slots of the wheel
 * plus the timers that fire or come closer. A time in the past fires nothing.
 * Returns the number fired. */
unsigned int timer_wheel_advance(struct timer_wheel *w, uint64_t now_ns, timer_expire expire,
				 void *arg);

/* Nanoseconds of the next deadline, UINT64_MAX when none is armed; may be early,
 * never late. */
uint64_t timer_wheel_next(const struct timer_wheel *w);
