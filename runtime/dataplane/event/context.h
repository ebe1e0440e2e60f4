/* One network function in one burst, and whose flow it handles: its event, the
 * records that its handles name, and its own state of them. */
#pragma once

#include <rte_prefetch.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../lcore/program.h"
#include "burst.h"
#include "event.h"

/* Where an event stands in its burst's log: with it a worker in C says before which
 * record its publications belong. */
#define EVENT_LOG_FIRST UINT16_MAX

struct ring_place {
	uint16_t at;	 /* slot of the log */
	uint16_t behind; /* that of the record before it, or EVENT_LOG_FIRST */
};

_Static_assert(sizeof(struct ring_place) == 4, "part of the format");

/* One NF of a chain while it handles a burst. The generated context of an NF
 * begins with it. */
struct nf_context {
	struct chain *chain;
	struct burst *burst;	     /* NULL for an answer whose burst is gone */
	const struct event *event;   /* being handled; NULL for an answer of a worker */
	struct event_cursor *cursor; /* where publications go; NULL for an answer */
	uint64_t answered;	     /* time of the event that an answer is about, or 0 */
	uint64_t handled;	     /* events in this pass: to count in memory is slower */
	uint16_t packet;	     /* causing packet, or EVENT_NO_PACKET */
	uint8_t number;		     /* of the NF in the chain */
	uint8_t place;		     /* in the path: names it as a publisher */
	uint8_t block;		     /* number among the NFs that drop */
	uint8_t timer;		     /* number among the NFs that hear TIMER */
	struct ring_place log;	     /* of `event`, while it is sent to a worker in C */
};

/* The flow of a handle while its record is readable: until the end of the burst
 * in which it ended. NULL for a stale handle, which is counted. */
static inline struct flow *nf_flow(const struct nf_context *nf, struct mbx_flow handle)
{
	struct flow_table *table = nf->chain->stack.table;

	if (table != NULL && handle.index < flow_table_capacity(table)) {
		struct flow *f = flow_table_at(table, handle.index);

		if (f->generation == handle.generation && handle.generation != 0)
			return f;
	}
	nf->chain->counters->stale_handles++;
	return NULL;
}

/* The record of an event's flow while it is readable; NULL for none. */
static inline struct flow *chain_flow_of(const struct chain *c, const struct event *e)
{
	struct flow *f;

	if (e->flow.index == FLOW_NONE || c->stack.table == NULL ||
	    e->flow.index >= flow_table_capacity(c->stack.table))
		return NULL;
	f = flow_table_at(c->stack.table, e->flow.index);
	return f->generation == e->flow.generation && e->flow.generation != 0 ? f : NULL;
}

/* The same for an event that the stack has raised of a flow: its record is readable. */
static inline struct flow *chain_flow_at(const struct chain *c, const struct event *e)
{
	return flow_table_at(c->stack.table, e->flow.index);
}

/* Whether a handle is of the flow of the event being handled, by the stack: its record
 * is readable, and nothing of it has to be read to know that. */
static inline bool nf_is_current(const struct nf_context *nf, struct mbx_flow flow)
{
	const struct event *e = nf->event;

	return likely(e != NULL && e->publisher == EVENT_FROM_STACK &&
		      e->flow.index == flow.index && e->flow.generation == flow.generation);
}

/* Per-flow state of an NF: zeroed on first use of a flow's generation. Each
 * record begins with the generation. NULL for a stale handle. */
static inline void *nf_state(const struct nf_context *nf, struct mbx_flow flow, size_t size)
{
	uint8_t *record;
	uint32_t generation;

	if (flow.index == FLOW_NONE || (!nf_is_current(nf, flow) && nf_flow(nf, flow) == NULL))
		return NULL;
	record = (uint8_t *)nf->chain->state[nf->number] + (size_t)flow.index * size;
	memcpy(&generation, record, sizeof(generation));
	if (generation != flow.generation) {
		memset(record, 0, size);
		memcpy(record, &flow.generation, sizeof(generation));
	}
	return record;
}

/* Fetches what an NF keeps of a flow when an event of it is recorded, where a cache has not
 * room for all: its turn comes behind the whole burst's, and is too short to fetch anything
 * in it. */
static inline void nf_state_fetch(const struct chain *c, uint8_t nf, const struct flow *f,
				  size_t size)
{
	const uint8_t *state;

	if (f == NULL)
		return;
	state = (const uint8_t *)c->state[nf] + (size_t)f->index * size;
	rte_prefetch0(state);
	if (size % FLOW_LINE != 0 && size <= FLOW_LINE) /* some lie in two lines */
		rte_prefetch0(state + size - 1);
}
