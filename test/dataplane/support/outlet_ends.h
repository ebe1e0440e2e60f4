/* Both ends of an outlet, and mbufs that its records own. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "flow/flow.h"
#include "ring/outlet.h"

#define START (UINT32_MAX - 20)
#define OWNERS 8

/* Mbufs that the test holds as well, so that none goes back to a pool. */
static struct rte_mbuf owner_mbuf[OWNERS];

static inline uintptr_t owner_number(unsigned int number)
{
	return owner_of_mbuf(&owner_mbuf[number % OWNERS]);
}

static inline unsigned int owners_held(void)
{
	unsigned int held = 0;

	for (unsigned int i = 0; i < OWNERS; i++)
		held += rte_mbuf_refcnt_read(&owner_mbuf[i]) - 1u;
	return held;
}

static inline int setup_owners(void **state)
{
	(void)state;
	memset(owner_mbuf, 0, sizeof(owner_mbuf));
	for (unsigned int i = 0; i < OWNERS; i++) {
		owner_mbuf[i].nb_segs = 1;
		rte_mbuf_refcnt_set(&owner_mbuf[i], 1);
	}
	return 0;
}

static inline struct outlet *outlet_make(uint32_t events, uint32_t spill)
{
	struct outlet *o = outlet_create(
	    &(struct outlet_config){
		.event_slots = events, .answer_slots = 16, .spill_slots = spill, .start = START},
	    NULL);

	assert_non_null(o);
	return o;
}

/* The worker's end of the event ring. */
static inline struct ring worker_of(struct outlet *o)
{
	const struct ring *r = outlet_events(o);

	return (struct ring){
	    .memory = r->memory, .capacity = r->capacity, .head = START, .tail = START};
}

static inline bool send(struct outlet *o, unsigned int slots, enum outlet_class class,
			uint32_t number)
{
	struct ring_event *e = outlet_reserve(o, slots, class, owner_number(number));

	if (e == NULL)
		return false;
	assert_int_equal(e->slots, slots);
	assert_int_equal(e->kind, 0);
	e->serial = number;
	return true;
}

/* Handles one record; returns its number, or UINT32_MAX when there is none. A
 * notice adds to `lost`. */
static inline uint32_t handle(struct ring *worker, uint64_t *lost)
{
	const struct ring_record *record;

	while ((record = ring_peek(worker)) != NULL) {
		struct ring_event e;
		uint32_t count;

		memcpy(&e, record, sizeof(e));
		memcpy(&count, (const uint8_t *)record + sizeof(e), sizeof(count));
		ring_pop(worker);
		if (e.kind != RING_NOTICE_LOST)
			return e.serial;
		assert_int_equal(e.flow_index, FLOW_NONE);
		assert_int_equal(e.packet, EVENT_NO_PACKET);
		assert_int_not_equal(count, 0);
		*lost += count;
	}
	return UINT32_MAX;
}
