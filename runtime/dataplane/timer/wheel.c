#include <stddef.h>

#include "wheel.h"

#define SLOT_BITS 8
#define SLOT_MASK (TIMER_SLOTS - 1)
#define WORDS (TIMER_SLOTS / 64)

_Static_assert(TIMER_SLOTS == 1 << SLOT_BITS, "slots of a level are indexed by its bits");

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

/* The list of a deadline at or after the present tick. */
static uint16_t wheel_slot(const struct timer_wheel *w, uint64_t deadline)
{
	uint64_t differ = deadline ^ w->tick;
	unsigned int level;

	if (differ >> (SLOT_BITS * TIMER_LEVELS) != 0)
		return TIMER_SLOT_FAR;
	level = differ == 0 ? 0 : (63 - (unsigned int)__builtin_clzll(differ)) / SLOT_BITS;
	return (uint16_t)(level * TIMER_SLOTS + ((deadline >> (level * SLOT_BITS)) & SLOT_MASK));
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

static void wheel_link(struct timer_wheel *w, struct wheel_timer *t)
{
	uint16_t slot = wheel_slot(w, t->deadline);
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
	wheel_link(w, t);
	w->armed++;
}

void timer_cancel(struct timer_wheel *w, struct wheel_timer *t)
{
	if (!timer_armed(t))
		return;
	wheel_unlink(w, t);
	w->armed--;
}

/* First occupied slot of a level at or after `from`; TIMER_SLOTS when none. */
static unsigned int level_next(const struct timer_wheel *w, unsigned int level, unsigned int from)
{
	unsigned int word = from / 64;
	uint64_t bits;

	if (from >= TIMER_SLOTS)
		return TIMER_SLOTS;
	bits = w->occupied[level][word] & (~0ull << (from % 64));
	while (bits == 0) {
		if (++word == WORDS)
			return TIMER_SLOTS;
		bits = w->occupied[level][word];
	}
	return word * 64 + (unsigned int)__builtin_ctzll(bits);
}

/* First tick of a slot that lies ahead on the present turn of its level. */
static uint64_t slot_tick(const struct timer_wheel *w, unsigned int level, unsigned int slot)
{
	unsigned int shift = level * SLOT_BITS;
	uint64_t turn = ~((1ull << (shift + SLOT_BITS)) - 1);

	return (w->tick & turn) | (uint64_t)slot << shift;
}

/* The next tick at which something fires or comes down a level; UINT64_MAX when
 * nothing is armed. Slots behind the present one are empty on every level, and
 * a lower level's slots all come before the next slot of a higher one. */
static uint64_t wheel_next_tick(const struct timer_wheel *w)
{
	for (unsigned int level = 0; level < TIMER_LEVELS; level++) {
		unsigned int now = (w->tick >> (level * SLOT_BITS)) & SLOT_MASK;
		unsigned int slot = level_next(w, level, now + 1);

		if (slot != TIMER_SLOTS)
			return slot_tick(w, level, slot);
	}
	if (w->far.first == NULL)
		return UINT64_MAX;
	return w->far_first & ~((1ull << (SLOT_BITS * TIMER_LEVELS)) - 1);
}

/* Puts each timer of a list where it belongs as of the present tick. The list is
 * detached first: far timers may go back to the list that they came from. */
static void wheel_redistribute(struct timer_wheel *w, struct timer_list *list)
{
	struct wheel_timer *t = list->first;

	list_init(list);
	while (t != NULL) {
		struct wheel_timer *next = t->next;

		wheel_link(w, t);
		t = next;
	}
}

/* Brings down what begins at the present tick, highest level first, so that it
 * may fall through several levels. */
static void wheel_cascade(struct timer_wheel *w)
{
	if (w->tick << (64 - SLOT_BITS * TIMER_LEVELS) == 0) {
		w->far_first = UINT64_MAX;
		wheel_redistribute(w, &w->far);
	}
	for (unsigned int level = TIMER_LEVELS - 1; level > 0; level--) {
		unsigned int shift = level * SLOT_BITS;
		unsigned int slot = (w->tick >> shift) & SLOT_MASK;

		if ((w->tick & ((1ull << shift) - 1)) != 0)
			continue;
		if (w->slot[level][slot].first == NULL)
			continue;
		slot_unmark(w, (uint16_t)(level * TIMER_SLOTS + slot));
		wheel_redistribute(w, &w->slot[level][slot]);
	}
}

/* Nothing can be armed for the present tick, so the list only gets shorter,
 * whatever the callbacks do. */
static unsigned int wheel_fire(struct timer_wheel *w, timer_expire expire, void *arg)
{
	struct timer_list *list = &w->slot[0][w->tick & SLOT_MASK];
	unsigned int fired = 0;

	while (list->first != NULL) {
		struct wheel_timer *t = list->first;

		timer_cancel(w, t);
		fired++;
		expire(t, arg);
	}
	return fired;
}

unsigned int timer_wheel_advance(struct timer_wheel *w, uint64_t now_ns, timer_expire expire,
				 void *arg)
{
	uint64_t target = now_ns / TIMER_TICK_NS;
	unsigned int fired = 0;

	while (w->tick < target) {
		uint64_t next = wheel_next_tick(w);

		if (next > target) {
			w->tick = target;
			break;
		}
		w->tick = next;
		wheel_cascade(w);
		fired += wheel_fire(w, expire, arg);
	}
	return fired;
}

uint64_t timer_wheel_next(const struct timer_wheel *w)
{
	uint64_t tick = wheel_next_tick(w);

	return tick > UINT64_MAX / TIMER_TICK_NS ? UINT64_MAX : tick * TIMER_TICK_NS;
}
