/* What generated network functions call: verdicts, publications, answers and
 * timers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../lcore/program.h"
#include "../memory/stash.h"
#include "../packet/packet.h"
#include "../timer/wheel.h"
#include "burst.h"
#include "context.h"
#include "event.h"

/* A run of packet memory as a ring carries it. */
struct ring_data {
	uint32_t offset; /* from the start of packet memory */
	uint32_t len;	 /* bytes */
};

static inline struct ring_data chain_ring_data(const struct chain *c, const uint8_t *data,
					       uint32_t len)
{
	return (struct ring_data){.offset = (uint32_t)(data - c->packet_memory), .len = len};
}

/* Head of an event's record towards a worker; `slots` is set already. */
static inline void chain_ring_head(struct ring_event *head, const struct nf_context *nf,
				   const struct event *e, uint16_t subscription, uint8_t callback)
{
	head->kind = subscription;
	head->callback = callback;
	head->flow_index = e->flow.index;
	head->flow_generation = e->flow.generation;
	head->packet = e->packet;
	head->time = e->time;
	head->dir = e->dir;
	head->flags = (uint8_t)((e->flags & ~RING_FLAG_DATA) |
				(e->type == EVENT_DATA_TCP ? RING_FLAG_DATA : 0));
	head->type = e->type;
	if (nf->burst != NULL) {
		head->burst = nf->burst->slot;
		head->serial = nf->burst->serial;
	}
}

/* What was kept of a flow for a worker is sent from now on, as its ring has room;
 * then the worker is told. */
static inline void nf_owe(const struct nf_context *nf, const struct flow *f, struct stash *s,
			  uint8_t subscription)
{
	struct chain *c = nf->chain;

	s->answers++;
	if (s->owed)
		return;
	s->owed = true;
	s->full = 0; /* what comes from now on is kept behind, until all is sent */
	s->flow = flow_handle(f);
	s->nf = nf->number;
	s->subscription = subscription;
	s->next = NULL;
	if (c->owed == NULL)
		c->owed = s;
	else
		*c->owed_last = s;
	c->owed_last = &s->next;
}

/* Answers one choice: all that was kept has been sent, so what waits for that in
 * the worker can go on. */
static inline void nf_kept_sent(const struct nf_context *nf, struct outlet *o, struct mbx_flow flow)
{
	struct ring_event *head = outlet_reserve(o, 1, OUTLET_FLOW, OWNER_NONE);

	if (head == NULL)
		return; /* the notice of the loss says as much */
	head->kind = RING_NOTICE_KEPT;
	head->flow_index = flow.index;
	head->flow_generation = flow.generation;
	head->packet = EVENT_NO_PACKET;
	head->time = nf->chain->stack.now;
}

/* The head of every event that is sent to a worker in C which publishes. */
struct ring_placed {
	struct ring_event head;
	struct ring_place place;
};

/* Finds the event that a publication was made on, and where it goes: before that.
 * False: it is not in the log, because it was on its way to the worker by itself; or the
 * burst has not waited for it. Then a place in the log may be another event's by now, and
 * those who would hear it may have had their turn. */
static inline bool nf_answer_cause(struct nf_context *nf, struct ring_place place,
				   struct event_cursor *cursor)
{
	const struct event_log *log;

	if (nf->burst == NULL || place.at >= nf->burst->log.used ||
	    burst_is_late(nf->burst, nf->chain->program->nfs[nf->number].outlet))
		return false;
	log = &nf->burst->log;
	if (place.behind == EVENT_LOG_FIRST)
		cursor->link = &nf->burst->log.first;
	else if (place.behind < log->used)
		cursor->link = &event_log_at(log, place.behind)->next;
	else
		return false;
	/* Others may have published before the same event. */
	while (*cursor->link != place.at) {
		if (*cursor->link == EVENT_END)
			return false;
		cursor->link = &event_log_at(log, *cursor->link)->next;
	}
	nf->event = event_log_at(log, place.at);
	return true;
}

/* A subscription whose callback a flow selects. */
struct nf_slot {
	uint16_t bit;	  /* in the flow's mask */
	uint8_t selector; /* index in the flow's selected callbacks */
	uint8_t ignore;	  /* index of `ignore` among the callbacks, UINT8_MAX for none */
};

static inline void nf_slot_select(const struct nf_slot *slot, uint64_t *mask, uint8_t *callback,
				  uint8_t index)
{
	callback[slot->selector] = index;
	if (index == slot->ignore)
		mask[slot->bit / 64] &= ~(1ull << (slot->bit % 64));
	else
		mask[slot->bit / 64] |= 1ull << (slot->bit % 64);
}

/* Flows that stopped ignoring while a handler ran: what was kept for them is
 * delivered when it has returned. */
#define NF_REPLAYS_MAX 4

struct nf_replays {
	struct flow *flow[NF_REPLAYS_MAX];
	uint8_t subscription[NF_REPLAYS_MAX];
	uint8_t count;
	struct flow *current; /* whose pieces are delivered now */
};

/* Asks for what was kept of a flow; where too many are asked for at once, it is
 * lost and counted. */
static inline void nf_replay_request(struct nf_context *nf, struct nf_replays *replays,
				     struct flow *f, struct stash *stash, uint8_t subscription)
{
	if (stash->first == NULL)
		return;
	if (replays->count < NF_REPLAYS_MAX) {
		replays->flow[replays->count] = f;
		replays->subscription[replays->count++] = subscription;
		return;
	}
	nf->chain->counters->from_start_lost += stash->bytes;
	stash_free(nf->chain->stack.chunks, stash);
}

static inline void event_fill(struct event *e, uint16_t type, const struct event_site *site)
{
	e->type = type;
	e->packet = site->packet;
	e->flow =
	    site->flow != NULL ? flow_handle(site->flow) : (struct mbx_flow){.index = FLOW_NONE};
	e->time = site->time;
	e->publisher = EVENT_FROM_STACK;
	e->dir = site->dir;
	e->flags = site->flags;
	e->target = site->nf;
	e->offset = site->offset;
}

/* Time of the event that a worker's answer is about; of the stack where there was
 * none. */
static inline uint64_t nf_answer_time(const struct nf_context *nf)
{
	return nf->answered != 0 ? nf->answered : nf->chain->stack.now;
}

/* Head of a publication: who, what, for which flow; the rest is inherited from
 * the event being handled. */
static inline void event_inherit(struct event *e, uint16_t type, const struct nf_context *nf,
				 struct mbx_flow flow)
{
	e->type = type;
	e->packet = nf->packet;
	e->flow = flow;
	e->publisher = nf->place;
	e->time = nf->event != NULL ? nf->event->time : nf_answer_time(nf);
	e->dir = nf->event != NULL ? nf->event->dir : 0;
	e->offset = nf->event != NULL ? nf->event->offset : 0;
}

/* Keeps the bytes of an event for a flow that may choose later. False when the
 * limit is reached: nothing more has to be heard until then. */
static inline bool chain_keep(struct chain *c, struct stash *stash, uint32_t limit,
			      const struct event_data *e)
{
	struct stash_piece piece = {.data = e->data,
				    .offset = e->head.offset,
				    .time = e->head.time,
				    .len = e->len,
				    .seq = e->seq,
				    .dir = e->head.dir};
	uint32_t lost = stash_append(c->stack.chunks, stash, limit, &piece);

	if (lost != 0 && stash->bytes < limit)
		c->counters->from_start_lost += lost;
	return lost == 0;
}

/* A kept piece as the record of DATA_TCP that it was, now caused by `packet`. */
static inline void chain_piece_record(struct event_data *r, const struct flow *f,
				      const struct stash_piece *piece, uint16_t packet)
{
	r->head.type = EVENT_DATA_TCP;
	r->head.packet = packet;
	r->head.flow = flow_handle(f);
	r->head.time = piece->time;
	r->head.publisher = EVENT_FROM_STACK;
	r->head.dir = piece->dir;
	r->head.offset = piece->offset;
	r->data = piece->data;
	r->owner = owner_of_chunk(piece->owner);
	r->len = piece->len;
	r->seq = piece->seq;
}

/* Drops the causing packet. On DATA_TCP the direction is blocked from the
 * event's first byte on, so that a retransmission does not carry it through. */
void nf_drop_packet(struct nf_context *nf);

/* The same because of a policy: `cause` names the counter. */
void nf_refuse(struct nf_context *nf, enum verdict cause);

/* What a worker's answer tells of the event it is about. */
enum nf_answer_bit {
	NF_ANSWER_SERVER = 1, /* enum mbx_direction */
	NF_ANSWER_DATA = 2,   /* DATA_TCP; the low half is the number of its first byte */
	NF_ANSWER_HELD = 4,   /* with EVENT_HELD */
	NF_ANSWER_ERROR = 8,  /* the number is not known */
};

/* The same for a worker's answer with `value`: enum nf_answer_bit in its high
 * half. */
void nf_answer_refuse(struct nf_context *nf, enum verdict cause, struct mbx_flow flow,
		      uint64_t value);

/* What a worker in C says of a DATA_TCP that it refuses, whose first byte has the number
 * `seq`. */
static inline uint64_t inlet_bytes_refused(const struct ring_event *e, uint32_t seq)
{
	uint32_t bits = NF_ANSWER_DATA | (e->dir & NF_ANSWER_SERVER) |
			(e->flags & EVENT_HELD ? NF_ANSWER_HELD : 0u);

	return (uint64_t)bits << 32 | seq;
}

/* Drops the causing packet and all later ones of the flow. */
void nf_drop_flow(struct nf_context *nf, struct mbx_flow flow);

/* The same, and both ends get a reset. */
void nf_reset_flow(struct nf_context *nf, struct mbx_flow flow);

/* Sends a reset to both ends; the flow is dropped by the caller. */
void nf_inject_resets(const struct nf_context *nf, const struct flow *f);

/* TIMER for this NF and flow after `milliseconds`; a second call moves it, 0
 * cancels it. */
void nf_set_timer(struct nf_context *nf, struct mbx_flow flow, uint32_t milliseconds);

/* Blocks a direction of a flow from a sequence number on. */
void nf_block_stream(struct nf_context *nf, struct flow *f, enum mbx_direction dir, uint32_t seq);

/* Applies what the NF with this number among those that drop has forbidden to
 * the burst's packets; called after its turn when b->any_blocked. */
void burst_apply_blocks(struct chain *c, struct burst *b, uint8_t block);

/* Event by event: prepares the round of the burst's next packet; all network functions
 * have handled the last one's. False: there is none, or something has to be done first
 * that is for the caller of the stage. */
static inline bool burst_goes_on(struct chain *c, struct burst *b)
{
	if (b->complete || c->injected_count > 0 || b->wants_front || stack_is_short(&c->stack))
		return false;
	stack_free_burst(&c->stack, b);
	event_log_reset(&b->log);
	return true;
}

/* Whether an NF still hears packet events of a packet: not when an NF before it
 * in the path dropped it. `upstream` has a bit for each of these by their number
 * among the NFs that drop. */
static inline bool burst_hears(const struct burst *b, uint16_t packet, uint64_t upstream)
{
	return packet == EVENT_NO_PACKET || (b->dropped_by[packet] & upstream) == 0;
}

/* The packet of an event, or NULL. */
static inline struct packet *burst_packet(struct burst *b, uint16_t packet)
{
	return packet == EVENT_NO_PACKET ? NULL : &b->packet[packet];
}

/* Counts a publication that found no room. */
static inline void nf_publication_lost(const struct nf_context *nf)
{
	nf->chain->counters->publications_lost++;
}

/* Whether a packet cannot be written to: there is none, it was put together from
 * fragments, which leave as they came, or its bytes lie in several segments that
 * somebody else holds, so that DATA_TCP records could not be moved to a private
 * copy. The caller counts it. */
bool burst_refuses_write(const struct packet *p);

/* After a write that replaced the packet's mbuf `before` by a private copy:
 * DATA_TCP records of this packet in the log point into the copy, and it is what
 * leaves. Counts a refused write. */
void burst_written(struct burst *b, uint16_t packet, struct rte_mbuf *before, int result);
