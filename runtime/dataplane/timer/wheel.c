#include <limits.h>
#include <stddef.h>

#include "wheel.h"

#define TURN_BITS 8
#define TURN_MASK (TIMER_TURN - 1)
#define SLOT_MASK (TIMER_SLOTS - 1)
#define WORDS (TIMER_SLOTS / 64)

_Static_assert(TIMER_TURN == 1 << TURN_BITS, "slots of a turn are indexed by its bits");

static void list_init(struct timer_list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

void timer_wheel_init(struct timer_wheel *w, uint64_t now_ns)
{
	w->tick = now_ns / TIMER_TICK_NS;
	w->armed = 0;
	for (unsigned int level = 0; level < TIMER_LEVELS; level++) {
		for (unsigned int i = 0; i < WORDS; i++)
			w->occupied[level][i] = 0;
		for (unsigned int i = 0; i < TIMER_SLOTS; i++)
			list_init(&w->slot[level][i]);
	}
	list_init(&w->far);
	w->far_first = UINT64_MAX;
}

static uint16_t level_slot(unsigned int level, uint64_t deadline)
{
	return (uint16_t)(level * TIMER_SLOTS + ((deadline >> (level * TURN_BITS)) & SLOT_MASK));
}

/* The list of a deadline at or after the present tick. */
static uint16_t wheel_slot(const struct timer_wheel *w, uint64_t deadline)
{
	uint64_t differ = deadline ^ w->tick;
	unsigned int level;

	if (differ >> (TURN_BITS * TIMER_LEVELS) != 0)
		return TIMER_SLOT_FAR;
	level = differ == 0 ? 0 : (63 - (unsigned int)__builtin_clzll(differ)) / TURN_BITS;
	return level_slot(level, deadline);
}

static struct timer_list *wheel_list(struct timer_wheel *w, uint16_t slot)
{
	if (slot == TIMER_SLOT_FAR)
		return &w->far;
	return &w->slot[slot / TIMER_SLOTS][slot % TIMER_SLOTS];
}

static void slot_mark(struct timer_wheel *w, uint16_t slot)
{
	if (slot != TIMER_SLOT_FAR)
		w->occupied[slot / TIMER_SLOTS][slot % TIMER_SLOTS / 64] |= 1ull << (slot % 64);
}

static void slot_unmark(struct timer_wheel *w, uint16_t slot)
{
	if (slot != TIMER_SLOT_FAR)
		w->occupied[slot / TIMER_SLOTS][slot % TIMER_SLOTS / 64] &= ~(1ull << (slot % 64));
}

static void wheel_link(struct timer_wheel *w, struct wheel_timer *t, uint16_t slot)
{
	struct timer_list *list = wheel_list(w, slot);

	t->slot = slot;
	t->next = NULL;
	t->link = list->last;
	*list->last = t;
	list->last = &t->next;
	slot_mark(w, slot);
	if (slot == TIMER_SLOT_FAR && t->deadline < w->far_first)
		w->far_first = t->deadline;
}

static void wheel_unlink(struct timer_wheel *w, struct wheel_timer *t)
{
	struct timer_list *list = wheel_list(w, t->slot);

	*t->link = t->next;
	if (t->next != NULL)
		t->next->link = t->link;
	else
		list->last = t->link;
	if (list->first == NULL)
		slot_unmark(w, t->slot);
	t->next = NULL;
	t->link = NULL;
}

void timer_arm(struct timer_wheel *w, struct wheel_timer *t, uint64_t at_ns)
{
	uint64_t deadline = at_ns / TIMER_TICK_NS + (at_ns % TIMER_TICK_NS != 0);

	timer_cancel(w, t);
	t->deadline = deadline > w->tick ? deadline : w->tick + 1;
	wheel_link(w, t, wheel_slot(w, t->deadline));
	w->armed++;
}

void timer_cancel(struct timer_wheel *w, struct wheel_timer *t)
{
	if (!timer_armed(t))
		return;
	wheel_unlink(w, t);
	w->armed--;
}

/* First occupied slot of a turn of a level, from `from` on; TIMER_SLOTS when none. */
static unsigned int turn_next(const struct timer_wheel *w, unsigned int level, unsigned int from)
{
	unsigned int end = (from | TURN_MASK) / 64, word = from / 64;
	uint64_t bits = w->occupied[level][word] & (~0ull << (from % 64));

	while (bits == 0) {
		if (word++ == end)
			return TIMER_SLOTS;
		bits = w->occupied[level][word];
	}
	return word * 64 + (unsigned int)__builtin_ctzll(bits);
}

/* First tick of a slot of the turn that is `ahead` of the present one. */
static uint64_t slot_tick(const struct timer_wheel *w, unsigned int level, unsigned int slot,
			  unsigned int ahead)
{
	unsigned int shift = level * TURN_BITS;
	uint64_t turn = (w->tick >> (shift + TURN_BITS)) + ahead;

	return turn << (shift + TURN_BITS) | (uint64_t)(slot & TURN_MASK) << shift;
}

/* The next tick at which something fires or comes down a level, this one while
 * some of it is left; UINT64_MAX when nothing is armed. Slots behind the present
 * one are empty on every level. What a lower level has of this turn comes before
 * all of a higher one; what it has of the next turn, only before what the higher
 * level has behind that. */
static uint64_t wheel_next_tick(const struct timer_wheel *w)
{
	uint64_t next = UINT64_MAX;

	if (w->slot[0][w->tick & SLOT_MASK].first != NULL)
		return w->tick;
	for (unsigned int level = 0; level < TIMER_LEVELS; level++) {
		unsigned int now = (w->tick >> (level * TURN_BITS)) & SLOT_MASK;
		unsigned int slot = TIMER_SLOTS;

		if ((now & TURN_MASK) != TURN_MASK)
			slot = turn_next(w, level, now + 1);
		if (slot != TIMER_SLOTS) {
			uint64_t tick = slot_tick(w, level, slot, 0);

			return tick < next ? tick : next;
		}
		slot = turn_next(w, level, (now ^ TIMER_TURN) & ~(unsigned int)TURN_MASK);
		if (slot != TIMER_SLOTS && slot_tick(w, level, slot, 1) < next)
			next = slot_tick(w, level, slot, 1);
	}
	if (next != UINT64_MAX || w->far.first == NULL)
		return next;
	return w->far_first & ~((1ull << (TURN_BITS * TIMER_LEVELS)) - 1);
}

/* Far timers to where they belong as of the present tick. The list is detached
 * first: some may go back to it. */
static void far_redistribute(struct timer_wheel *w)
{
	struct wheel_timer *t = w->far.first;

	list_init(&w->far);
	w->far_first = UINT64_MAX;
	while (t != NULL) {
		struct wheel_timer *next = t->next;

		wheel_link(w, t, wheel_slot(w, t->deadline));
		t = next;
	}
}

/* The first timers of a slot, `count` at most, one level down: behind those that
 * were armed before them and came down before. */
static void slot_descend(struct timer_wheel *w, unsigned int level, unsigned int slot,
			 unsigned int count)
{
	struct timer_list *list = &w->slot[level][slot];

	for (; count > 0 && list->first != NULL; count--) {
		struct wheel_timer *t = list->first;

		wheel_unlink(w, t);
		wheel_link(w, t, level_slot(level - 1, t->deadline));
	}
}

/* Brings down what begins at the present tick, highest level first, so that it
 * may fall through several levels. */
static void wheel_cascade(struct timer_wheel *w)
{
	if (w->tick << (64 - TURN_BITS * TIMER_LEVELS) == 0)
		far_redistribute(w);
	for (unsigned int level = TIMER_LEVELS - 1; level > 0; level--) {
		unsigned int shift = level * TURN_BITS;

		if ((w->tick & ((1ull << shift) - 1)) == 0)
			slot_descend(w, level, (w->tick >> shift) & SLOT_MASK, UINT_MAX);
	}
}

void timer_wheel_prepare(struct timer_wheel *w, uint64_t now_ns, unsigned int portion)
{
	if (timer_wheel_due(w, now_ns) != NULL)
		return;
	for (unsigned int level = TIMER_LEVELS - 1; level > 0; level--) {
		uint64_t next = (w->tick >> (level * TURN_BITS)) + 1;

		slot_descend(w, level, next & SLOT_MASK, portion);
	}
}

/* Nothing can be armed for the present tick, so its list only gets shorter. */
struct wheel_timer *timer_wheel_due(struct timer_wheel *w, uint64_t now_ns)
{
	uint64_t target = now_ns / TIMER_TICK_NS;

	while (w->tick <= target) {
		struct wheel_timer *first = w->slot[0][w->tick & SLOT_MASK].first;
		uint64_t next;

		if (first != NULL)
			return first;
		next = wheel_next_tick(w);
		if (next > target) {
			w->tick = target;
			break;
		}
		w->tick = next;
		wheel_cascade(w);
	}
	return NULL;
}

unsigned int timer_wheel_advance(struct timer_wheel *w, uint64_t now_ns, timer_expire expire,
				 void *arg)
{
	struct wheel_timer *t;
	unsigned int fired = 0;

	while ((t = timer_wheel_due(w, now_ns)) != NULL) {
		timer_cancel(w, t);
		fired++;
		expire(t, arg);
	}
	return fired;
}

uint64_t timer_wheel_next(const struct timer_wheel *w)
{
	uint64_t tick = wheel_next_tick(w);

	return tick > UINT64_MAX / TIMER_TICK_NS ? UINT64_MAX : tick * TIMER_TICK_NS;
}
