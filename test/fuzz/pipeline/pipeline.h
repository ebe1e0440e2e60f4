/* A capture through parser, tunnels, monitor and a network function that drops,
 * as one lcore runs them, with what has to hold of any capture:
 *   - no read outside of a frame, and no byte of one changed;
 *   - a packet leaves or has one cause why not;
 *   - events come in the order of packets; a flow begins once, ends once, and its
 *     bytes are contiguous;
 *   - afterwards all memory is back;
 *   - the size of bursts and the room in the log change nothing of this. */
#pragma once

#include <sanitizer/asan_interface.h>

#include "event/handler.h"
#include "fragment/table.h"
#include "frames.h"
#include "support/monitor_rig.h"

#define PIPELINE_FLOWS 256
#define PIPELINE_LOG_SLOTS 8192
#define PIPELINE_PIECES 64 /* mbufs of a frame, about */

struct pipeline_record {
	struct rig_record base;
	struct flow_block block;
} __rte_cache_aligned;

/* An event with what its catalog entry has beside the head. */
struct pipeline_event {
	struct event_data data;
	uint64_t length;
	uint8_t reason;
};

#define PIPELINE_EVENT_SLOTS                                                                       \
	((sizeof(struct pipeline_event) + EVENT_SLOT_SIZE - 1) / EVENT_SLOT_SIZE)

/* What was heard, to compare; flows by number in order of their first event. */
struct pipeline_heard {
	uint8_t type, dir, reason, flags;
	uint32_t frame;		   /* whose packet it belongs to, from 1; 0 for none */
	uint32_t flow, seq, bytes; /* of DATA: a sum over them */
	uint32_t reserved;	   /* no padding: compared as memory */
	uint64_t time, offset, length;
};

struct pipeline_flow {
	uint32_t generation, number;
	bool started, ended;
	uint64_t offset[2];
};

struct pipeline_result {
	struct pipeline_heard *heard;
	size_t count, room;
	uint8_t verdict[FRAMES_MAX];
	struct counters counters;
};

struct pipeline {
	struct chain chain;
	struct program_chain program;
	struct nf_counters nf;
	struct stack_features features;
	struct counters counters;
	struct chunk_pool chunks;
	void *chunk_memory;
	struct burst burst;
	struct rte_mempool *pool;
	struct fragment_table *fragments;
	uint32_t cut;	    /* bytes in an mbuf; 0: as many as fit */
	uint32_t flows_max; /* 0: as many as the table has room for */
	struct pipeline_flow flow[PIPELINE_FLOWS * 2];
	uint32_t flows;
	struct pipeline_result *result;
	uint32_t first; /* frame of the burst's first packet */
	uint16_t last_packet;
};

static struct stack_features pipeline_features;

#define PIPELINE_REQUIRE(holds)                                                                    \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                \
			__builtin_trap();                                                          \
		}                                                                                  \
	} while (0)

static inline void pipeline_raise(struct stack *s, struct burst *b, enum event_type type,
				  const struct event_site *site)
{
	struct pipeline_event *e;

	(void)s;
	PIPELINE_REQUIRE(b->log.used + PIPELINE_EVENT_SLOTS <= b->log.capacity);
	e = (struct pipeline_event *)event_log_append(&b->log, PIPELINE_EVENT_SLOTS);
	event_fill(&e->data.head, (uint16_t)type, site);
	e->data.data = site->data;
	e->data.owner = site->owner;
	e->data.len = (uint32_t)site->length;
	e->data.seq = site->seq;
	e->length = site->length;
	e->reason = site->reason;
}

static const struct stack_hooks pipeline_hooks = {
    .match = rig_match,
    .subscribe = rig_subscribe,
    .wants_data = rig_wants_data,
    .follows = rig_follows_flow,
    .unsettled = rig_unsettled,
    .raise = pipeline_raise,
};

/* ---- the network function ---- */

static inline uint32_t pipeline_sum(const uint8_t *data, uint32_t len)
{
	uint32_t sum = 2166136261u;

	for (uint32_t i = 0; i < len; i++)
		sum = (sum ^ data[i]) * 16777619u;
	return sum;
}

static inline struct pipeline_flow *pipeline_flow_of(struct pipeline *p, const struct event *e)
{
	struct pipeline_flow *f;

	if (e->flow.index == FLOW_NONE)
		return NULL;
	PIPELINE_REQUIRE(e->flow.index < RTE_DIM(p->flow));
	f = &p->flow[e->flow.index];
	if (f->generation != e->flow.generation)
		*f = (struct pipeline_flow){.generation = e->flow.generation, .number = p->flows++};
	return f;
}

/* A flow's events are between its start and its end, its bytes contiguous. */
static inline void pipeline_check_flow(struct pipeline_flow *f, const struct pipeline_event *e)
{
	const struct event *head = &e->data.head;

	bool idle = head->type == EVENT_FLOW_UDP || head->type == EVENT_FLOW_ICMP;

	if (head->type < EVENT_FLOW_START)
		return; /* packets: late copies come after the end */
	PIPELINE_REQUIRE(!f->ended);
	if (head->type == EVENT_FLOW_START || (idle && e->reason == 0)) {
		PIPELINE_REQUIRE(!f->started);
		f->started = true;
	}
	PIPELINE_REQUIRE(f->started);
	f->ended = head->type == EVENT_FLOW_END || (idle && e->reason != 0);
	if (head->type != EVENT_DATA_TCP && head->type != EVENT_FLOW_GAP)
		return;
	PIPELINE_REQUIRE(e->length > 0 && head->offset == f->offset[head->dir]);
	f->offset[head->dir] += e->length;
}

static inline void pipeline_hear(struct pipeline *p, const struct pipeline_event *e,
				 const struct pipeline_flow *flow)
{
	struct pipeline_result *r = p->result;
	const struct event *head = &e->data.head;
	bool data = head->type == EVENT_DATA_TCP;

	r->heard = rig_grow(r->heard, &r->room, r->count + 1, sizeof(*r->heard));
	r->heard[r->count++] = (struct pipeline_heard){
	    .type = (uint8_t)head->type,
	    .dir = head->dir,
	    .reason = e->reason,
	    .flags = head->flags,
	    .frame = head->packet == EVENT_NO_PACKET ? 0 : p->first + head->packet + 1,
	    .flow = flow == NULL ? FLOW_NONE : flow->number,
	    .time = head->time,
	    .offset = head->offset,
	    .length = e->length,
	    .seq = data ? e->data.seq : 0,
	    .bytes = data ? pipeline_sum(e->data.data, e->data.len) : 0,
	};
}

/* Drops some of what it hears, by its content. */
static inline void pipeline_handle(struct pipeline *p, struct nf_context *nf,
				   const struct pipeline_event *e)
{
	const struct event *head = &e->data.head;
	uint32_t chance = (uint32_t)(head->offset * 31 + e->length * 7 + head->type);

	if (!p->features.drops)
		return;
	if (chance % 64 == 0)
		nf_drop_packet(nf);
	else if (chance % 256 == 1 && head->flow.index != FLOW_NONE)
		nf_drop_flow(nf, head->flow);
}

/* The function's turn: over the log, in order. */
static inline void pipeline_turn(struct pipeline *p)
{
	struct burst *b = &p->burst;
	struct nf_context nf = {.chain = &p->chain, .burst = b};

	for (uint32_t at = b->log.first; at != EVENT_END; at = event_log_at(&b->log, at)->next) {
		const struct event *head = event_log_at(&b->log, at);
		const struct pipeline_event *e = (const struct pipeline_event *)head;
		struct pipeline_flow *flow = pipeline_flow_of(p, head);

		if (head->packet != EVENT_NO_PACKET) {
			PIPELINE_REQUIRE(b->kind == BURST_PACKETS && head->packet < b->count);
			PIPELINE_REQUIRE(head->packet >= p->last_packet);
			p->last_packet = head->packet;
		}
		if (flow != NULL)
			pipeline_check_flow(flow, e);
		pipeline_hear(p, e, flow);
		nf.event = head;
		nf.packet = head->packet;
		pipeline_handle(p, &nf, e);
	}
	if (b->any_blocked)
		burst_apply_blocks(&p->chain, b, 0);
}

/* ---- bursts ---- */

static inline void pipeline_stack(struct stack *s, struct burst *b)
{
	switch (b->kind) {
	case BURST_PACKETS:
		monitor_run_tmpl(s, b, pipeline_features, &pipeline_hooks);
		break;
	case BURST_TICK:
		monitor_tick_tmpl(s, b, pipeline_features, &pipeline_hooks);
		break;
	default:
		monitor_shutdown_tmpl(s, b, pipeline_features, &pipeline_hooks);
		break;
	}
}

static inline void pipeline_run(struct pipeline *p, enum burst_kind kind, uint16_t count,
				uint64_t now)
{
	struct burst *b = &p->burst;

	b->kind = (uint8_t)kind;
	b->count = count;
	b->next = 0;
	b->complete = 0;
	b->serial++;
	b->now = now;
	b->counters = &p->counters;
	b->dead = FLOW_NONE;
	b->released = NULL;
	b->resume_stream = STREAM_NONE;
	b->resume_stage = 0;
	b->any_blocked = 0;
	p->last_packet = 0;
	do {
		event_log_reset(&b->log);
		pipeline_stack(&p->chain.stack, b);
		pipeline_turn(p);
		stack_free_burst(&p->chain.stack, b);
	} while (!b->complete);
	stack_free_datagrams(&p->chain.stack, b);
	stack_free_flows(&p->chain.stack, b->dead);
}

static inline struct rte_mbuf *pipeline_mbuf(const struct pipeline *p,
					     const struct captured_frame *f)
{
	struct rte_mbuf *head = NULL, *last = NULL;
	uint32_t done = 0;

	do {
		struct rte_mbuf *m = rte_pktmbuf_alloc(p->pool);
		uint32_t some;

		PIPELINE_REQUIRE(m != NULL);
		some = RTE_MIN(f->len - done, (uint32_t)rte_pktmbuf_tailroom(m));
		if (p->cut != 0)
			some = RTE_MIN(some, RTE_MAX(p->cut, f->len / PIPELINE_PIECES));
		memcpy(rte_pktmbuf_append(m, (uint16_t)some), f->data + done, some);
		done += some;
		if (head == NULL) {
			head = m;
		} else {
			last->next = m;
			head->nb_segs++;
			head->pkt_len += some;
		}
		last = m;
	} while (done < f->len);
	packet_mbuf_set_time(head, f->time);
	if (f->wire > f->len)
		packet_mbuf_set_wire_length(head, f->wire);
	/* Of a frame in one piece, nobody may read what lies behind it. */
	if (head->next == NULL)
		ASAN_POISON_MEMORY_REGION(rte_pktmbuf_mtod_offset(head, void *, head->data_len),
					  rte_pktmbuf_tailroom(head));
	return head;
}

/* The packet leaves, unchanged, or was dropped for a cause. */
static inline void pipeline_leave(struct pipeline *p, uint16_t packet,
				  const struct captured_frame *f)
{
	struct rte_mbuf *m = p->burst.mbuf[packet];
	uint8_t verdict = p->burst.verdict[packet];
	uint32_t at = 0;

	PIPELINE_REQUIRE(verdict == VERDICT_FORWARD ||
			 (verdict >= VERDICT_DROP && verdict <= VERDICT_DROP_ERROR));
	PIPELINE_REQUIRE(verdict == VERDICT_FORWARD || p->features.drops ||
			 verdict == VERDICT_DROP_MALFORMED);
	PIPELINE_REQUIRE(m->pkt_len == f->len);
	for (const struct rte_mbuf *s = m; s != NULL; s = s->next) {
		PIPELINE_REQUIRE(at + s->data_len <= f->len);
		PIPELINE_REQUIRE(memcmp(rte_pktmbuf_mtod(s, void *), f->data + at, s->data_len) ==
				 0);
		at += s->data_len;
	}
	PIPELINE_REQUIRE(at == f->len);
	p->result->verdict[p->first + packet] = verdict;
	if (m->next == NULL)
		ASAN_UNPOISON_MEMORY_REGION(m->buf_addr, m->buf_len);
	rte_pktmbuf_free(m);
}

static inline void pipeline_burst(struct pipeline *p, const struct captured_frame *f,
				  uint16_t count)
{
	struct burst *b = &p->burst;

	do /* a tick that fills its log leaves the rest to the next one */
		pipeline_run(p, BURST_TICK, 0, f[0].time);
	while (timer_wheel_next(&p->chain.stack.wheel) <= f[0].time);
	for (uint16_t i = 0; i < count; i++) {
		b->mbuf[i] = pipeline_mbuf(p, &f[i]);
		b->verdict[i] = VERDICT_FORWARD;
		b->dropped_by[i] = 0;
	}
	packet_parse_bulk(b->packet, b->mbuf, count, f[0].link);
	for (uint16_t i = 0; i < count; i++)
		b->packet[i].time = f[i].time;
	pipeline_run(p, BURST_PACKETS, count, f[0].time);
	for (uint16_t i = 0; i < count; i++)
		pipeline_leave(p, i, &f[i]);
}

static inline void pipeline_finish(struct pipeline *p, uint64_t now)
{
	const struct counters *c = &p->counters;

	pipeline_run(p, BURST_SHUTDOWN, 0, now);
	PIPELINE_REQUIRE(p->chunks.available == p->chunks.capacity);
	PIPELINE_REQUIRE(flow_table_live(p->chain.stack.table) == 0);
	PIPELINE_REQUIRE(p->chain.stack.wheel.armed == 0);
	PIPELINE_REQUIRE(rte_mempool_in_use_count(p->pool) == 0);
	PIPELINE_REQUIRE(c->flows_started == c->flows_fin + c->flows_rst + c->flows_idle +
						 c->flows_evicted + c->flows_shutdown);
}

/* The capture in bursts of at most `limit`, cut at milliseconds as replay does. */
static inline void pipeline_replay(struct pipeline *p, const struct frames *frames, uint16_t limit,
				   uint32_t log_limit, struct pipeline_result *result)
{
	uint16_t count = 0;

	memset(p->flow, 0, sizeof(p->flow));
	p->flows = 0;
	p->counters = (struct counters){0};
	p->result = result;
	result->count = 0;
	pipeline_features = p->features;
	stack_init(&p->chain.stack, &pipeline_features, p->chain.stack.table, &p->chunks,
		   &p->counters, 0);
	stack_fragments_init(&p->chain.stack, p->fragments);
	if (p->flows_max != 0)
		p->chain.stack.flows_max = p->flows_max;
	p->burst.log.stack_limit = log_limit;
	for (p->first = 0; p->first < frames->count; p->first += count) {
		const struct captured_frame *f = &frames->frame[p->first];

		for (count = 1; count < limit && p->first + count < frames->count; count++)
			if (f[count].link != f->link ||
			    f[count].time / TIMER_TICK_NS != f->time / TIMER_TICK_NS)
				break;
		pipeline_burst(p, f, count);
	}
	pipeline_finish(p, frames->count == 0 ? 0 : frames->frame[frames->count - 1].time);
	result->counters = p->counters;
}

static inline void pipeline_print(const char *name, const struct pipeline_heard *h)
{
	fprintf(stderr,
		"%s: type %u dir %u reason %u flow %u, %lu+%lu, %08x, frame %u at %lu, flags %u\n",
		name, h->type, h->dir, h->reason, h->flow, h->offset, h->length, h->bytes, h->frame,
		h->time, h->flags);
}

static inline void pipeline_equal(const struct pipeline_result *a, const struct pipeline_result *b,
				  unsigned int frames)
{
	for (size_t i = 0; i < RTE_MIN(a->count, b->count); i++) {
		if (memcmp(&a->heard[i], &b->heard[i], sizeof(a->heard[i])) == 0)
			continue;
		for (size_t at = i < 8 ? 0 : i - 8; at <= i; at++) {
			pipeline_print("bursts of 32", &a->heard[at]);
			pipeline_print("bursts of 1 ", &b->heard[at]);
		}
		PIPELINE_REQUIRE(!"events that hang on the size of bursts");
	}
	PIPELINE_REQUIRE(a->count == b->count);
	for (unsigned int i = 0; i < frames; i++) {
		if (a->verdict[i] == b->verdict[i])
			continue;
		fprintf(stderr, "frame %u: verdict %u in bursts of 32, %u in bursts of 1\n", i + 1,
			a->verdict[i], b->verdict[i]);
		PIPELINE_REQUIRE(!"verdicts that hang on the size of bursts");
	}
	PIPELINE_REQUIRE(memcmp(&a->counters, &b->counters, sizeof(a->counters)) == 0);
}
