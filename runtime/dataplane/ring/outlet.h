/* The dataplane's side of a network function that runs in a worker: events go
 * out, answers come back. Never blocks: what finds no room waits in a bounded
 * spill list. One lcore owns it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../memory/owner.h"
#include "ring.h"

/* Decides what goes first when a worker is behind (live only; in replay a burst
 * is taken only when every spill is empty). */
enum outlet_class {
	OUTLET_PACKET = 0, /* PKT and DATA: dropped first */
	OUTLET_FLOW,	   /* FLOW and user events: have a reserve */
};

struct outlet_config {
	uint32_t event_slots;  /* power of two, at least 16 */
	uint32_t answer_slots; /* power of two, at least 16 */
	/* Power of two, at least 16. A quarter is the reserve of OUTLET_FLOW: in
	 * replay the rest holds all that a burst can send. */
	uint32_t spill_slots;
	uint32_t start; /* first index of the rings: 0, but for tests */
};

struct outlet;

/* Bytes that outlet_create() takes. */
size_t outlet_memory(const struct outlet_config *config);
/* NULL when the sizes are wrong or there is no memory. */
struct outlet *outlet_create(const struct outlet_config *config, struct chunk_pool *chunks);
/* Releases what is still held. The rings' memory must not be in use any more. */
void outlet_destroy(struct outlet *o);

/* Room for a record of `slots` slots in the ring or the spill list, its head
 * zeroed but for `slots`; NULL: lost, and counted (the worker is told by a
 * RING_NOTICE_LOST). `owner` is held until the worker's tail has passed the
 * record (OWNER_NONE: nothing to hold). The record is complete when the next
 * one is reserved or the outlet is flushed. */
struct ring_event *outlet_reserve(struct outlet *o, unsigned int slots, enum outlet_class class,
				  uintptr_t owner);

/* Publishes what was reserved, wakes the worker if it sleeps, moves spilled
 * records into the ring as room allows, releases owners the tail has passed. */
void outlet_flush(struct outlet *o);

/* Slots handed to this outlet since the start, spilled ones included. */
uint64_t outlet_position(const struct outlet *o);

/* Whether the worker has handled everything up to `position`; answers that it
 * gave while doing so are then in the answer ring. */
bool outlet_passed(struct outlet *o, uint64_t position);

/* Whether the worker has handled everything, and knows how much it lost: what it was not
 * told yet goes to it first. Called again until it is so. */
bool outlet_settled(struct outlet *o);

/* How far the worker is: two different values, and it has handled something. */
uint64_t outlet_progress(struct outlet *o);

/* The worker handles nothing any more, as it seems. Until it does, packet events are
 * lost as if there were no room. */
void outlet_give_up(struct outlet *o);
bool outlet_hangs(struct outlet *o);

/* Events of a burst that the worker has not handled, as far as is known. */
typedef void (*outlet_each)(void *arg, const struct ring_event *e);
void outlet_unhandled(struct outlet *o, uint16_t burst, uint32_t serial, outlet_each each,
		      void *arg);

/* Slots of the event ring and the spill that hold something. */
uint32_t outlet_waiting(const struct outlet *o);

bool outlet_spilled(const struct outlet *o);

/* Events that the worker did not get; the number of a RING_NOTICE_LOST adds up
 * to it. */
uint64_t outlet_lost(const struct outlet *o);

/* Of these, what it was sent and had not handled when it was abandoned; known
 * from the flush after that on. */
uint64_t outlet_unread(const struct outlet *o);
/* Counts that now, of a worker that is none any more but may still read what it was sent:
 * nothing is released. Returns it; 0 when it was counted before. */
uint64_t outlet_count_unread(struct outlet *o);

/* From any thread: the worker is gone for good and reads nothing any more. From
 * then on all events are lost, nothing waits, and what was held is released at
 * the next flush. */
void outlet_abandon(struct outlet *o);
bool outlet_abandoned(const struct outlet *o);

/* Before the lcore sleeps: asks the worker to wake it (RING_WORD_SLEEPING of the
 * answer ring). False when there is an answer or progress already: no sleep. */
bool outlet_sleep(struct outlet *o);
void outlet_awake(struct outlet *o);

/* The oldest answer, or NULL; it stays until outlet_answer_done(). */
const struct ring_answer *outlet_answer(struct outlet *o);
void outlet_answer_done(struct outlet *o);

/* Memory of the two rings, for the worker's ArrayBuffers. */
struct ring *outlet_events(struct outlet *o);
struct ring *outlet_answers(struct outlet *o);
