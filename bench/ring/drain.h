/* What a generated C drain of the bench shares with the addon that calls it. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "nf.h"
#include "ring/ring.h"

struct ring_data {
	uint32_t offset, len; /* in packet memory */
};

struct drain {
	struct ring *events, *answers;
	const struct ring_event *event; /* being handled */
	const uint8_t *packets;
	void *state; /* by flow index, drain_state_size each */
};

/* Head of an answer about the event being handled; the caller writes `kind` last.
 * The bench gives the ring room for all answers of a lap. */
static inline struct ring_answer *drain_answer(struct drain *d, unsigned int slots,
					       struct mbx_flow flow)
{
	struct ring_answer *a = ring_push(d->answers, slots);

	a->flow_index = flow.index;
	a->flow_generation = flow.generation;
	a->packet = d->event->packet;
	a->burst = d->event->burst;
	a->serial = d->event->serial;
	return a;
}

/* Generated. */
extern const size_t drain_state_size;
uint32_t drain_batch(struct drain *d, uint32_t limit);
extern uint64_t bench_sum; /* of the handler */
