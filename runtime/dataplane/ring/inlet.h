/* The worker's side of an outlet, for a network function in C that runs on another
 * core than its stack: reads events in place, keeps what belongs to flows, and writes
 * answers. The worker's thread owns it; the words marked so are read by others. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>

#include "../event/event.h"
#include "ring.h"
#include "sleeper.h"

struct inlet {
	struct ring events;	      /* `tail`: what is handled next; `head`: as last seen */
	struct ring answers;	      /* `head`: what is written next; `tail`: as last seen */
	uint32_t answered;	      /* of the answers' head: the lcore sees up to here */
	uint32_t flows;		      /* records there are */
	uint8_t *records;	      /* by flow index; NULL: the function keeps nothing */
	const uint8_t *packet_memory; /* base that offsets in records count from */
	void *instance;		      /* what the function has prepared */
	struct sleeper *lcore;	      /* who takes the answers */
	const bool *drains;	      /* any thread: the lcore still does */
	bool by_burst; /* packets wait for the answers: they are shown after each burst */
	bool ended;    /* nobody takes answers any more */
	bool stop;     /* handle nothing more; any thread */
	uint32_t turn; /* events handled; read by any thread */
	bool busy;     /* a handler may run; read by any thread */
	/* Where answers go when there is nobody to take them. */
	uint64_t nowhere[RING_RECORD_SLOTS_MAX * RING_SLOT_SIZE / sizeof(uint64_t)];
};

/* Generations have 29 bits and wrap. */
#define INLET_GENERATION_SHIFT 3

/* The oldest record that is not handled yet; NULL: there was none when the ring was
 * last looked at. */
static inline const struct ring_event *inlet_next(struct inlet *in)
{
	struct ring *r = &in->events;

	while (r->tail != r->head) {
		const struct ring_record *record = ring_slot(r, r->tail);

		/* What cannot be ends the batch. */
		if (record->slots == 0 || record->slots > r->head - r->tail)
			r->tail = r->head;
		else if (record->kind == RING_FILLER)
			r->tail += record->slots;
		else
			return (const struct ring_event *)record;
	}
	return NULL;
}

/* Has handled the record that inlet_next() gave. True: the batch ends here, because
 * another burst's comes next, and packets of this one wait, or because all is to stop. */
static inline bool inlet_pass(struct inlet *in, const struct ring_event *e)
{
	const struct ring_event *next;

	in->events.tail += e->slots;
	__atomic_store_n(&in->turn, in->turn + 1, __ATOMIC_RELAXED);
	if (unlikely(__atomic_load_n(&in->stop, __ATOMIC_ACQUIRE)))
		return true;
	if (!in->by_burst)
		return false;
	next = inlet_next(in);
	return next != NULL && next->serial != e->serial;
}

/* How many events a RING_NOTICE_LOST tells of. */
static inline uint32_t inlet_lost(const struct ring_event *notice)
{
	uint32_t count;

	memcpy(&count, notice + 1, sizeof(count));
	return count;
}

/* Bytes that a record points to. */
static inline const uint8_t *inlet_bytes(const struct inlet *in, uint32_t offset)
{
	return in->packet_memory + offset;
}

/* What the function keeps of a flow: zeroed on the first use of its generation. NULL:
 * the handle is stale. */
static inline void *inlet_record(struct inlet *in, struct mbx_flow flow, size_t size)
{
	uint32_t generation;
	uint8_t *record;

	if (flow.index >= in->flows || flow.generation == 0)
		return NULL;
	record = in->records + (size_t)flow.index * size;
	memcpy(&generation, record, sizeof(generation));
	if (generation == flow.generation)
		return record;
	if (generation != 0 &&
	    (int32_t)((flow.generation - generation) << INLET_GENERATION_SHIFT) < 0)
		return NULL;
	memset(record, 0, size);
	memcpy(record, &flow.generation, sizeof(flow.generation));
	return record;
}

/* Room for an answer of `slots` slots about the event `e`, its head zeroed but for
 * what names event and flow. Waits while the ring is full: the lcore always drains it. */
struct ring_answer *inlet_answer(struct inlet *in, const struct ring_event *e, uint16_t kind,
				 unsigned int slots, struct mbx_flow flow);

/* The flow has selected another callback. */
static inline void inlet_switch(struct inlet *in, const struct ring_event *e, struct mbx_flow flow,
				uint16_t subscription, uint8_t index)
{
	struct ring_answer *a = inlet_answer(in, e, ANSWER_SWITCH, 1, flow);

	a->subscription = subscription;
	a->argument = index;
}

/* Overwrites payload of the causing packet; `number` is that of the field. */
void inlet_set_payload(struct inlet *in, const struct ring_event *e, uint8_t number,
		       uint32_t offset, const uint8_t *bytes, uint32_t len);

/* Shows the lcore the answers, then what is handled: who sees that an event has
 * passed has all answers to it. Wakes the lcore if it sleeps. */
void inlet_publish(struct inlet *in);

/* Learns what there is to handle. False: nothing. */
bool inlet_look(struct inlet *in);

/* Sleeps until there is something to handle, at most `timeout_ms`. */
void inlet_sleep(struct inlet *in, unsigned int timeout_ms);
