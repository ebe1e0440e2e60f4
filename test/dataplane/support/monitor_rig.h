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
#include "rig_recorder.h"
#include "stack/fragment.h"
#include "stack/monitor.h"

#define RIG_LOG_SLOTS 4096
#define RIG_MBUFS 2048
#define RIG_DATAGRAMS 256

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
