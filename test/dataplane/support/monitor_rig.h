/* A monitor with everything it needs, and a recorder of what it raises. Each
 * test defines its feature set and instantiates the spine with it. */
#pragma once

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eal.h"
#include "fragment/table.h"
#include "packet/dynfield.h"
#include "stack/fragment.h"
#include "stack/monitor.h"

#define RIG_LOG_SLOTS 4096
#define RIG_MBUFS 2048
#define RIG_DATAGRAMS 256

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

static inline bool rig_match(const struct packet *p)
{
	RTE_SET_USED(p);
	return true;
}

static inline void rig_subscribe(struct stack *s, struct flow *f, const struct packet *p)
{
	RTE_SET_USED(s);
	RTE_SET_USED(f);
	RTE_SET_USED(p);
}

/* Weak: one for a test and the instances that it shares with others (shared_rigs.h). */
__attribute__((weak)) bool rig_deaf;	/* nobody hears bytes */
__attribute__((weak)) bool rig_follows; /* somebody hears other events even so */

static inline bool rig_wants_data(const struct stack *s, const struct flow *f,
				  enum mbx_direction dir)
{
	RTE_SET_USED(s);
	RTE_SET_USED(f);
	RTE_SET_USED(dir);
	return !rig_deaf;
}

static inline bool rig_follows_flow(const struct flow *f)
{
	RTE_SET_USED(f);
	return !rig_deaf || rig_follows;
}

static inline bool rig_unsettled(const struct stack *s, const struct flow *f)
{
	RTE_SET_USED(s);
	RTE_SET_USED(f);
	return false;
}

static const struct stack_hooks rig_hooks = {
    .match = rig_match,
    .subscribe = rig_subscribe,
    .wants_data = rig_wants_data,
    .follows = rig_follows_flow,
    .unsettled = rig_unsettled,
    .raise = rig_raise,
};

/* The record with all optional parts. */
struct rig_record {
	struct flow flow;
	struct tcp_track tcp;
	struct flow_counters counters;
	struct flow_ttl ttl;
	struct stream stream[2];
	struct stream_digests digests[2];
	uint8_t prefix[FLOW_PREFIX_SIZE(FLOW_PREFIX_TUNNEL)];
} __rte_cache_aligned;

#define RIG_FEATURES_FULL                                                                          \
	.flows = true, .tcp = true, .udp = true, .packet_events = true, .counters = true,          \
	.rtt = true, .ttl = true, .ttl_at = offsetof(struct rig_record, ttl), .fragments = true,   \
	.data_client = true, .data_server = true, .rexmit = true, .overlap = true, .gap = true,    \
	.injects = true, .history = 4096, .idle_ns = 60000000000ull,                               \
	.record_size = sizeof(struct rig_record), .tcp_at = offsetof(struct rig_record, tcp),      \
	.counters_at = offsetof(struct rig_record, counters),                                      \
	.stream_at = offsetof(struct rig_record, stream),                                          \
	.digests_at = offsetof(struct rig_record, digests),                                        \
	.prefix_at = offsetof(struct rig_record, prefix), .prefix_room = FLOW_PREFIX_TUNNEL

/* What is compiled of an instance: `linkage` is static, or nothing where tests share it. */
#define RIG_SPINE(linkage, name, hooks, ...)                                                       \
	linkage const struct stack_features name##_features = {__VA_ARGS__};                       \
	linkage void name##_run(struct stack *s, struct burst *b)                                  \
	{                                                                                          \
		monitor_run_tmpl(s, b, name##_features, hooks);                                    \
	}                                                                                          \
	linkage void name##_tick(struct stack *s, struct burst *b)                                 \
	{                                                                                          \
		monitor_tick_tmpl(s, b, name##_features, hooks);                                   \
	}                                                                                          \
	linkage void name##_shutdown(struct stack *s, struct burst *b)                             \
	{                                                                                          \
		monitor_shutdown_tmpl(s, b, name##_features, hooks);                               \
	}

#define RIG_OPEN(name)                                                                             \
	static inline struct rig *name##_open(struct rte_mempool *pool, uint32_t flows,            \
					      size_t buffer)                                       \
	{                                                                                          \
		return rig_open(pool, &name##_features, name##_run, name##_tick, name##_shutdown,  \
				flows, buffer);                                                    \
	}

#define RIG_INSTANCE_WITH(name, hooks, ...)                                                        \
	RIG_SPINE(static, name, hooks, __VA_ARGS__)                                                \
	RIG_OPEN(name)

#define RIG_INSTANCE(name, ...) RIG_INSTANCE_WITH(name, &rig_hooks, __VA_ARGS__)

typedef void (*rig_entry)(struct stack *s, struct burst *b);

/* `flows` live ones beside the spare records. */
static inline struct rig *rig_open(struct rte_mempool *pool, const struct stack_features *f,
				   rig_entry run, rig_entry tick, rig_entry shutdown,
				   uint32_t flows, size_t buffer)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct flow_table *t = flow_table_create(&(struct flow_table_config){
	    .flows = flows, .record_size = f->record_size, .seed = 7, .socket = -1});

	rig_deaf = false;
	rig_follows = false;
	r->features = f;
	r->pool = pool;
	r->chunk_memory = aligned_alloc(64, buffer);
	chunk_pool_init(&r->chunks, r->chunk_memory, buffer);
	stack_init(&r->stack, f, t, &r->chunks, &r->counters, 0);
	if (f->fragments)
		stack_fragments_init(
		    &r->stack, fragment_table_create(
				   &(struct fragment_config){.datagrams = RIG_DATAGRAMS, .seed = 7},
				   pool, &r->stack.wheel, &r->counters));
	r->stack.chain = r;
	r->run = run;
	r->tick = tick;
	r->shutdown = shutdown;
	r->burst.log.slots = aligned_alloc(64, RIG_LOG_SLOTS * EVENT_SLOT_SIZE);
	r->burst.log.capacity = RIG_LOG_SLOTS;
	r->burst.log.stack_limit = 512;
	return r;
}

static inline void rig_burst_begin(struct rig *r, uint64_t now)
{
	struct burst *b = &r->burst;

	b->next = 0;
	b->complete = 0;
	b->now = now;
	b->counters = &r->counters;
	b->dead = FLOW_NONE;
	b->released = NULL;
	b->resume_stream = STREAM_NONE;
	b->resume_stage = 0;
	b->any_blocked = 0;
	b->any_held = false;
	b->whole_count = 0;
	event_log_reset(&b->log);
}

static inline void rig_rounds(struct rig *r, rig_entry entry)
{
	struct burst *b = &r->burst;

	for (;;) {
		entry(&r->stack, b);
		r->rounds++;
		stack_free_burst(&r->stack, b);
		event_log_reset(&b->log);
		if (b->complete)
			break;
	}
	stack_free_datagrams(&r->stack, b);
	stack_free_flows(&r->stack, b->dead);
}

/* As the lcore does: a burst that fills its log is followed by another. */
static inline void rig_tick(struct rig *r, uint64_t now)
{
	do {
		r->burst.count = 0;
		rig_burst_begin(r, now);
		rig_rounds(r, r->tick);
	} while (timer_wheel_next(&r->stack.wheel) <= now);
}

/* Runs mbufs as one burst at the time of the first; frees them. */
static inline void rig_run(struct rig *r, struct rte_mbuf **mbufs, uint16_t count,
			   enum link_type link)
{
	struct burst *b = &r->burst;
	uint64_t now = packet_mbuf_time(mbufs[0]);

	rig_tick(r, now);
	b->count = count;
	rig_burst_begin(r, now);
	for (uint16_t i = 0; i < count; i++) {
		b->mbuf[i] = mbufs[i];
		b->verdict[i] = VERDICT_FORWARD;
		b->dropped_by[i] = 0;
	}
	packet_parse_bulk(b->packet, mbufs, count, link);
	for (uint16_t i = 0; i < count; i++)
		b->packet[i].time = packet_mbuf_time(mbufs[i]);
	rig_rounds(r, r->run);
	r->verdicts = rig_grow(r->verdicts, &r->verdict_room, r->verdict_count + count, 1);
	memcpy(r->verdicts + r->verdict_count, b->verdict, count);
	r->verdict_count += count;
	for (uint16_t i = 0; i < count; i++)
		rte_pktmbuf_free(mbufs[i]);
}

static inline void rig_end(struct rig *r, uint64_t now)
{
	r->burst.count = 0;
	rig_burst_begin(r, now);
	rig_rounds(r, r->shutdown);
}

static inline void rig_close(struct rig *r)
{
	for (size_t i = 0; i < r->flow_count; i++) {
		free(r->flows[i].stream[0]);
		free(r->flows[i].stream[1]);
	}
	fragment_table_destroy(r->stack.fragments);
	flow_table_destroy(r->stack.table);
	free(r->flows);
	free(r->events);
	free(r->bytes);
	free(r->verdicts);
	free(r->chunk_memory);
	free(r->burst.log.slots);
	free(r);
}

/* An mbuf with a frame, in segments of at most `cut` bytes behind the first 128;
 * 0: one segment as far as the pool's buffers allow. */
static inline struct rte_mbuf *rig_mbuf(struct rte_mempool *pool, const uint8_t *data, size_t len,
					uint64_t time)
{
	struct rte_mbuf *head = NULL, *last = NULL;
	size_t done = 0;

	do {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
		size_t some = RTE_MIN(len - done, (size_t)rte_pktmbuf_tailroom(m));

		memcpy(rte_pktmbuf_append(m, (uint16_t)some), data + done, some);
		done += some;
		if (head == NULL) {
			head = m;
		} else {
			last->next = m;
			head->nb_segs++;
			head->pkt_len += (uint32_t)some;
		}
		last = m;
	} while (done < len);
	packet_mbuf_set_time(head, time);
	return head;
}
