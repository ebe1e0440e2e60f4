#include "outlet.h"

#include <rte_branch_prediction.h>
#include <stdlib.h>
#include <string.h>

#include "../event/event.h"
#include "../flow/flow.h"

/* Positions count the slots of records and not of fillers, because a spilled
 * record's place in the ring is not known yet. A lap has at most one filler, so
 * those of two laps are enough to turn the worker's tail into a position. */
struct outlet {
	struct ring events;
	struct ring answers;
	struct ring spill; /* same format, in private memory */
	struct chunk_pool *chunks;
	uintptr_t *owners;	 /* by slot of the event ring */
	uintptr_t *spill_owners; /* by slot of the spill */
	uint64_t reserved;	 /* position: slots handed out since the start */
	uint64_t head;		 /* of the event ring, not wrapped */
	uint64_t tail;		 /* of the event ring, not wrapped; as last seen */
	uint64_t released;	 /* owners up to here are released; not wrapped */
	uint64_t fillers;	 /* slots of fillers that the tail has passed */
	uint64_t start;
	uint64_t lost;
	uint64_t told;	       /* of `lost`, in notices */
	uint8_t lap_filler[2]; /* by lap, modulo 2 */
	bool abandoned;	       /* set by any thread */
	uint64_t unread;       /* of `lost`: left in ring and spill by a worker that is gone */
	bool unread_counted;
	bool hangs;
	uint64_t hangs_at; /* the tail, since it hangs */
};

#define OUTLET_LINE 128

/* Slots of the spill that packet events leave to flow and user events. */
static inline uint32_t outlet_reserve_slots(const struct outlet *o)
{
	return o->spill.capacity / 4;
}

static size_t outlet_align(size_t size)
{
	return (size + OUTLET_LINE - 1) & ~(size_t)(OUTLET_LINE - 1);
}

size_t outlet_memory(const struct outlet_config *config)
{
	return outlet_align(sizeof(struct outlet)) +
	       outlet_align(ring_memory(config->event_slots)) +
	       outlet_align(ring_memory(config->answer_slots)) +
	       outlet_align(ring_memory(config->spill_slots)) +
	       outlet_align(config->event_slots * sizeof(uintptr_t)) +
	       outlet_align(config->spill_slots * sizeof(uintptr_t));
}

static void *outlet_cut(uint8_t **memory, size_t size)
{
	void *part = *memory;

	*memory += outlet_align(size);
	return part;
}

static int outlet_init(struct outlet *o, const struct outlet_config *config, uint8_t *memory)
{
	int err;

	o->owners = outlet_cut(&memory, config->event_slots * sizeof(uintptr_t));
	o->spill_owners = outlet_cut(&memory, config->spill_slots * sizeof(uintptr_t));
	err = ring_init(&o->events, outlet_cut(&memory, ring_memory(config->event_slots)),
			config->event_slots, config->start);
	if (err != 0)
		return err;
	err = ring_init(&o->answers, outlet_cut(&memory, ring_memory(config->answer_slots)),
			config->answer_slots, config->start);
	if (err != 0)
		return err;
	return ring_init(&o->spill, outlet_cut(&memory, ring_memory(config->spill_slots)),
			 config->spill_slots, config->start);
}

struct outlet *outlet_create(const struct outlet_config *config, struct chunk_pool *chunks)
{
	size_t size = outlet_memory(config);
	uint8_t *memory = aligned_alloc(OUTLET_LINE, size);
	struct outlet *o = (struct outlet *)memory;

	if (o == NULL)
		return NULL;
	/* All pages are touched here, and none for the first time by a packet. */
	memset(memory, 0, size);
	o->chunks = chunks;
	o->start = o->head = o->tail = o->released = config->start;
	if (outlet_init(o, config, memory + outlet_align(sizeof(*o))) != 0) {
		free(o);
		return NULL;
	}
	return o;
}

/* The ring's owners up to the tail that was last seen. */
static void outlet_release(struct outlet *o, uint64_t until)
{
	uint32_t mask = o->events.capacity - 1;

	for (; o->released != until; o->released++) {
		uintptr_t *owner = &o->owners[o->released & mask];

		if (*owner == OWNER_NONE)
			continue;
		owner_release(o->chunks, *owner);
		*owner = OWNER_NONE;
	}
}

/* Forgets what waits in the spill. */
static void outlet_drop_spill(struct outlet *o)
{
	const struct ring_record *record;

	ring_publish(&o->spill);
	while ((record = ring_peek(&o->spill)) != NULL) {
		uintptr_t *owner = &o->spill_owners[o->spill.tail & (o->spill.capacity - 1)];

		owner_release(o->chunks, *owner);
		*owner = OWNER_NONE;
		ring_pop(&o->spill);
	}
}

void outlet_destroy(struct outlet *o)
{
	if (o == NULL)
		return;
	outlet_drop_spill(o);
	outlet_release(o, o->head);
	free(o);
}

/* Learns how far the worker is; counts the fillers of laps it has finished. */
static void outlet_see_tail(struct outlet *o)
{
	uint64_t lap_size = o->events.capacity;
	uint64_t before = o->tail;
	uint64_t lap;

	ring_see_tail(&o->events);
	o->tail = o->head - (uint32_t)(o->events.head - o->events.tail);
	for (lap = before / lap_size; lap != o->tail / lap_size; lap++) {
		o->fillers += o->lap_filler[lap & 1];
		o->lap_filler[lap & 1] = 0;
	}
}

static struct ring_event *outlet_push(struct outlet *o, unsigned int slots, uintptr_t owner)
{
	struct ring *r = &o->events;
	uint32_t cost = ring_cost(r, slots);
	struct ring_event *record;

	if (cost != slots)
		o->lap_filler[o->head / r->capacity & 1] = (uint8_t)(cost - slots);
	for (unsigned int i = 0; i < slots; i++)
		ring_claim(r, r->head + RING_CLAIM_AHEAD + i);
	record = ring_push(r, slots);
	o->head += cost;
	o->owners[(o->head - slots) & (r->capacity - 1)] = owner;
	return record;
}

static bool outlet_fits(const struct outlet *o, unsigned int slots)
{
	return ring_room(&o->events) >= ring_cost(&o->events, slots);
}

/* Moves what waits in the spill into the ring, oldest first, as room allows. */
static void outlet_unspill(struct outlet *o)
{
	const struct ring_record *record;

	ring_publish(&o->spill);
	while ((record = ring_peek(&o->spill)) != NULL && outlet_fits(o, record->slots)) {
		uintptr_t *owner = &o->spill_owners[o->spill.tail & (o->spill.capacity - 1)];

		memcpy(outlet_push(o, record->slots, *owner), record,
		       (size_t)record->slots * RING_SLOT_SIZE);
		*owner = OWNER_NONE;
		ring_pop(&o->spill);
	}
}

/* Lets the worker go on with what is complete, and takes the room it made. */
static void outlet_make_room(struct outlet *o)
{
	ring_publish(&o->events);
	outlet_see_tail(o);
	outlet_release(o, o->tail);
	if (outlet_spilled(o))
		outlet_unspill(o);
}

/* Tells the worker how much it did not get, once there is room for more than
 * the notice: else notices and losses would alternate. False: not yet. */
static bool outlet_recover(struct outlet *o)
{
	uint64_t lost = o->lost - o->told;
	struct ring_event *notice;
	uint32_t count;

	if (outlet_spilled(o) || ring_room(&o->events) < o->events.capacity / 4)
		return false;
	count = lost < UINT32_MAX ? (uint32_t)lost : UINT32_MAX;
	notice = outlet_push(o, 1, OWNER_NONE);
	notice->kind = RING_NOTICE_LOST;
	notice->flow_index = FLOW_NONE;
	notice->packet = EVENT_NO_PACKET;
	memcpy(notice + 1, &count, sizeof(count));
	o->told += count;
	o->reserved++;
	return true;
}

static struct ring_event *outlet_push_spill(struct outlet *o, unsigned int slots, uintptr_t owner)
{
	struct ring_event *record = ring_push(&o->spill, slots);

	o->spill_owners[(o->spill.head - slots) & (o->spill.capacity - 1)] = owner;
	return record;
}

/* Where the record finds room: ring, else spill; NULL: nowhere. Nothing
 * overtakes what is in the spill. */
static struct ring_event *outlet_place(struct outlet *o, unsigned int slots,
				       enum outlet_class class, uintptr_t owner)
{
	uint32_t kept_free = class == OUTLET_PACKET ? outlet_reserve_slots(o) : 0;

	if (!outlet_spilled(o) && outlet_fits(o, slots))
		return outlet_push(o, slots, owner);
	outlet_make_room(o);
	if (!outlet_spilled(o) && outlet_fits(o, slots))
		return outlet_push(o, slots, owner);
	if (ring_room(&o->spill) >= ring_cost(&o->spill, slots) + kept_free)
		return outlet_push_spill(o, slots, owner);
	return NULL;
}

struct ring_event *outlet_reserve(struct outlet *o, unsigned int slots, enum outlet_class class,
				  uintptr_t owner)
{
	struct ring_event *record = NULL;
	bool losing = o->lost != o->told;

	if (losing && !outlet_abandoned(o)) {
		outlet_make_room(o);
		losing = !outlet_recover(o);
	}
	if (unlikely(o->hangs) && class == OUTLET_PACKET)
		losing |= outlet_hangs(o);
	if (!outlet_abandoned(o) && !(losing && class == OUTLET_PACKET))
		record = outlet_place(o, slots, class, owner);
	if (record == NULL) {
		o->lost++;
		return NULL;
	}
	owner_hold(owner);
	o->reserved += slots;
	return record;
}

/* The worker could write there too: a length that cannot be ends it. */
static uint64_t events_between(const struct ring *r)
{
	uint64_t count = 0;

	for (uint32_t at = r->tail; at != r->head;) {
		const struct ring_record *record = ring_slot(r, at);

		if (record->slots == 0 || record->slots > r->head - at)
			break;
		count += record->kind < RING_NOTICE_LOST; /* no notice, no filler */
		at += record->slots;
	}
	return count;
}

uint64_t outlet_count_unread(struct outlet *o)
{
	if (o->unread_counted)
		return 0;
	o->unread_counted = true;
	outlet_see_tail(o);
	o->unread = events_between(&o->events) + events_between(&o->spill);
	o->lost += o->unread;
	return o->unread;
}

void outlet_flush(struct outlet *o)
{
	if (outlet_abandoned(o)) {
		outlet_count_unread(o);
		outlet_drop_spill(o);
		outlet_release(o, o->head);
		return;
	}
	outlet_make_room(o);
	if (o->lost != o->told)
		outlet_recover(o);
	ring_publish(&o->events);
}

uint64_t outlet_position(const struct outlet *o)
{
	return o->reserved;
}

bool outlet_passed(struct outlet *o, uint64_t position)
{
	if (outlet_abandoned(o))
		return true;
	outlet_see_tail(o);
	return o->tail - o->start - o->fillers >= position;
}

bool outlet_settled(struct outlet *o)
{
	if (!outlet_passed(o, o->reserved))
		return false;
	if (outlet_abandoned(o) || o->lost == o->told)
		return true;
	/* All of the ring is free, so there is room for the notice. */
	outlet_flush(o);
	return false;
}

uint64_t outlet_progress(struct outlet *o)
{
	outlet_see_tail(o);
	return o->tail;
}

void outlet_give_up(struct outlet *o)
{
	o->hangs = true;
	o->hangs_at = outlet_progress(o);
}

bool outlet_hangs(struct outlet *o)
{
	if (unlikely(o->hangs) && outlet_progress(o) != o->hangs_at)
		o->hangs = false;
	return o->hangs;
}

static void ring_each(const struct ring *r, uint16_t burst, uint32_t serial, outlet_each each,
		      void *arg)
{
	for (uint32_t at = r->tail; at != r->head;) {
		const struct ring_event *e = ring_slot(r, at);

		if (e->slots == 0 || e->slots > r->head - at)
			return;
		if (e->kind < RING_NOTICE_LOST && e->burst == burst && e->serial == serial)
			each(arg, e);
		at += e->slots;
	}
}

void outlet_unhandled(struct outlet *o, uint16_t burst, uint32_t serial, outlet_each each,
		      void *arg)
{
	outlet_see_tail(o);
	ring_each(&o->events, burst, serial, each, arg);
	ring_each(&o->spill, burst, serial, each, arg);
}

uint32_t outlet_waiting(const struct outlet *o)
{
	return (o->events.head -
		__atomic_load_n(ring_word(&o->events, RING_WORD_TAIL), __ATOMIC_ACQUIRE)) +
	       (o->spill.head - o->spill.tail);
}

bool outlet_spilled(const struct outlet *o)
{
	return o->spill.head != o->spill.tail && !outlet_abandoned(o);
}

uint64_t outlet_lost(const struct outlet *o)
{
	return o->lost;
}

uint64_t outlet_unread(const struct outlet *o)
{
	return o->unread;
}

void outlet_abandon(struct outlet *o)
{
	__atomic_store_n(&o->abandoned, true, __ATOMIC_RELEASE);
}

bool outlet_abandoned(const struct outlet *o)
{
	return __atomic_load_n(&o->abandoned, __ATOMIC_ACQUIRE);
}

bool outlet_sleep(struct outlet *o)
{
	const struct ring *a = &o->answers;
	uint64_t tail = o->tail;

	__atomic_store_n(ring_word(a, RING_WORD_SLEEPING), 1, __ATOMIC_RELAXED);
	/* The worker stores head and tail, then loads the word, all in one order. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	outlet_see_tail(o);
	if (o->tail == tail &&
	    __atomic_load_n(ring_word(a, RING_WORD_HEAD), __ATOMIC_ACQUIRE) == a->tail)
		return true;
	outlet_awake(o);
	return false;
}

void outlet_awake(struct outlet *o)
{
	__atomic_store_n(ring_word(&o->answers, RING_WORD_SLEEPING), 0, __ATOMIC_RELAXED);
}

const struct ring_answer *outlet_answer(struct outlet *o)
{
	return (const struct ring_answer *)ring_peek(&o->answers);
}

void outlet_answer_done(struct outlet *o)
{
	ring_pop(&o->answers);
}

struct ring *outlet_events(struct outlet *o)
{
	return &o->events;
}

struct ring *outlet_answers(struct outlet *o)
{
	return &o->answers;
}
