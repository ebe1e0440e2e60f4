/* A stack under test, and a recorder of what it raises. */
#pragma once

#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#include "stack/monitor.h"

/* What was raised, with its bytes. */
struct rig_event {
	uint8_t type, dir, reason, flags, nf;
	uint16_t packet, icmp;
	bool has_packet;
	bool ttl_changed; /* of its flow, then */
	uint64_t time, offset, length;
	uint32_t seq;
	size_t bytes;  /* where its data begins in rig->bytes */
	uint32_t flow; /* number in order of start */
};

struct rig_flow {
	struct mbx_flow handle;
	struct flow_key key;
	bool client_second;
	uint8_t *stream[2];
	size_t len[2], room[2];
	uint64_t gap[2];
	uint8_t end_reason;
	bool ended;
};

struct rig {
	const struct stack_features *features;
	struct stack stack;
	struct burst burst;
	struct counters counters;
	struct chunk_pool chunks;
	void *chunk_memory;
	struct rte_mempool *pool;
	struct rig_event *events;
	size_t event_count, event_room;
	uint8_t *bytes;
	size_t byte_count, byte_room;
	struct rig_flow *flows;
	size_t flow_count, flow_room;
	uint8_t *verdicts; /* of all packets, in order */
	size_t verdict_count, verdict_room;
	unsigned int rounds;
	void (*run)(struct stack *s, struct burst *b);
	void (*tick)(struct stack *s, struct burst *b);
	void (*shutdown)(struct stack *s, struct burst *b);
};

static inline void *rig_grow(void *memory, size_t *room, size_t need, size_t size)
{
	if (need <= *room)
		return memory;
	*room = need * 2;
	return realloc(memory, *room * size);
}

static inline uint32_t rig_flow_number(struct rig *r, const struct flow *f)
{
	for (size_t i = r->flow_count; i-- > 0;)
		if (r->flows[i].handle.index == f->index &&
		    r->flows[i].handle.generation == f->generation)
			return (uint32_t)i;
	r->flows = rig_grow(r->flows, &r->flow_room, r->flow_count + 1, sizeof(*r->flows));
	r->flows[r->flow_count] = (struct rig_flow){
	    .handle = flow_handle(f),
	    .key = f->key,
	    .client_second = (f->flags & FLOW_CLIENT_SECOND) != 0,
	};
	return (uint32_t)r->flow_count++;
}

static inline void rig_stream_append(struct rig_flow *f, int dir, const uint8_t *data, size_t len)
{
	f->stream[dir] = rig_grow(f->stream[dir], &f->room[dir], f->len[dir] + len, 1);
	if (data != NULL)
		memcpy(f->stream[dir] + f->len[dir], data, len);
	else
		memset(f->stream[dir] + f->len[dir], 0, len);
	f->len[dir] += len;
}

static inline void rig_keep_stream(struct rig *r, uint32_t flow, enum event_type type,
				   const struct event_site *site)
{
	struct rig_flow *f = &r->flows[flow];

	switch (type) {
	case EVENT_DATA_TCP:
		rig_stream_append(f, site->dir, site->data, site->length);
		break;
	case EVENT_FLOW_GAP:
		if (site->length < 100000000)
			rig_stream_append(f, site->dir, NULL, site->length);
		f->gap[site->dir] += site->length;
		break;
	case EVENT_FLOW_END:
		f->ended = true;
		f->end_reason = site->reason;
		break;
	default:
		break;
	}
}

static inline void rig_raise(struct stack *s, struct burst *b, enum event_type type,
			     const struct event_site *site)
{
	struct rig *r = s->chain;
	struct event *e = event_log_append(&b->log, EVENT_SLOTS_MAX);
	struct rig_event *kept;

	e->type = (uint16_t)type;
	r->events = rig_grow(r->events, &r->event_room, r->event_count + 1, sizeof(*r->events));
	kept = &r->events[r->event_count++];
	*kept = (struct rig_event){
	    .type = (uint8_t)type,
	    .dir = site->dir,
	    .reason = site->reason,
	    .flags = site->flags,
	    .nf = site->nf,
	    .packet = site->packet,
	    .icmp = site->icmp,
	    .has_packet = site->packet != EVENT_NO_PACKET,
	    .time = site->time,
	    .offset = site->offset,
	    .length = site->length,
	    .seq = site->seq,
	    .bytes = r->byte_count,
	    .flow = UINT32_MAX,
	};
	if (site->flow != NULL && r->features->ttl) {
		const struct flow_ttl *ttl = stack_flow_part(site->flow, r->features->ttl_at);

		kept->ttl_changed = ttl->changed != 0;
	}
	if (site->flow != NULL && !(type < EVENT_FLOW_START))
		kept->flow = rig_flow_number(r, site->flow);
	if (type == EVENT_DATA_TCP) {
		r->bytes = rig_grow(r->bytes, &r->byte_room, r->byte_count + site->length, 1);
		memcpy(r->bytes + r->byte_count, site->data, site->length);
		r->byte_count += site->length;
	}
	if (kept->flow != UINT32_MAX)
		rig_keep_stream(r, kept->flow, type, site);
}

/* The nth event of a type, or NULL. */
static inline const struct rig_event *rig_event_find(const struct rig *r, enum event_type type,
						     size_t nth)
{
	for (size_t i = 0; i < r->event_count; i++)
		if (r->events[i].type == type && nth-- == 0)
			return &r->events[i];
	return NULL;
}

static inline size_t rig_event_count(const struct rig *r, enum event_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < r->event_count; i++)
		n += r->events[i].type == type;
	return n;
}
