/* Room for one packet: bytes that are held, places of flows, and which flow it is. */
#pragma once

#include "monitor_flow.h"

#define MONITOR_RECLAIM_TRIES 4

/* The other side was never heard: what this one sends is not acknowledged here. */
static inline bool monitor_is_onesided(const struct flow *flow, enum mbx_direction dir)
{
	return !(flow->flags & (dir == MBX_CLIENT ? FLOW_SERVER_SEEN : FLOW_CLIENT_SEEN));
}

/* Forgets bytes that were delivered and that the peer has acknowledged. False when there
 * were none. */
static __rte_always_inline bool monitor_forget_acked_tmpl(struct stack *s, const struct flow *flow,
							  enum mbx_direction dir, struct stream *st,
							  const struct stack_features f)
{
	const struct tcp_track *t = stack_flow_part(flow, f.tcp_at);
	int64_t acked = RTE_MIN(stream_position(st, t->side[dir].una), (int64_t)st->pos);
	uint32_t pages = st->pages;

	if (acked > 0)
		stream_forget(&s->reassembly, st, monitor_stream_id(flow, dir), 0, (uint64_t)acked);
	return st->pages < pages;
}

/* Forgets all bytes that were delivered. False when there were none. */
static __rte_always_inline bool monitor_forget_all_tmpl(struct stack *s, const struct flow *flow,
							enum mbx_direction dir, struct stream *st)
{
	uint32_t pages = st->pages;
	uint64_t kept = stream_remembered(st);

	stream_forget(&s->reassembly, st, monitor_stream_id(flow, dir), 0, st->pos);
	if (st->pages == pages)
		return false;
	st->lost = RTE_MAX(st->lost, kept);
	return true;
}

/* Forgets bytes that nobody will need. Of a sender whose peer is not heard no byte is ever
 * known to have arrived: it would stand still if all were kept. */
static __rte_always_inline bool monitor_forget_done_tmpl(struct stack *s, const struct flow *flow,
							 enum mbx_direction dir, struct stream *st,
							 const struct stack_features f)
{
	return monitor_forget_acked_tmpl(s, flow, dir, st, f) ||
	       (monitor_is_onesided(flow, dir) && monitor_forget_all_tmpl(s, flow, dir, st));
}

/* Forgets bytes that were delivered, first those that the peer has acknowledged: a copy of
 * others, when nobody can compare it any more, is dropped, and its sender needs it. False
 * when there were none. */
static __rte_always_inline bool monitor_forget_tmpl(struct stack *s, const struct flow *flow,
						    enum mbx_direction dir, struct stream *st,
						    const struct stack_features f)
{
	if (f.drops && monitor_forget_acked_tmpl(s, flow, dir, st, f))
		return true;
	return monitor_forget_all_tmpl(s, flow, dir, st);
}

/* Memory gets tight where functions may drop: of a few streams, each in its turn, what
 * nobody will need goes. */
static __rte_always_inline void monitor_reclaim_tmpl(struct stack *s, const struct stack_features f)
{
	struct reassembly *r = &s->reassembly;

	for (int tries = 0; tries < MONITOR_RECLAIM_TRIES && unlikely(reassembly_is_tight(r));) {
		uint32_t id = reassembly_turn(r);
		struct flow *flow;

		if (id == STREAM_NONE)
			return;
		flow = flow_table_at(s->table, id >> 1);
		tries +=
		    !monitor_forget_done_tmpl(s, flow, id & 1, monitor_stream(flow, id & 1, f), f);
	}
}

/* The packet's flow as of now: an earlier packet of the burst may have made or
 * ended it. */
static __rte_always_inline struct flow *monitor_lookup(struct stack *s, struct burst *b,
						       uint16_t packet)
{
	struct flow *flow = b->flow[packet];

	if (likely(flow != NULL && (flow->flags & FLOW_LIVE)))
		return flow;
	return flow_table_lookup(s->table, &b->packet[packet].key, b->packet[packet].hash);
}

/* Memory for held bytes runs out: the largest holder loses what it remembers,
 * then its first hole, then all. */
static __rte_always_inline bool monitor_relieve_tmpl(struct stack *s, struct burst *b,
						     uint16_t packet, const struct stack_features f,
						     const struct stack_hooks *h)
{
	struct event_site site = {.packet = packet, .time = b->packet[packet].time};

	if (!monitor_has_streams(f))
		return true;
	if (unlikely(b->resume_stream != STREAM_NONE)) {
		site.flow = flow_table_at(s->table, b->resume_stream >> 1);
		site.dir = b->resume_stream & 1;
		if (!monitor_stream_drain_tmpl(s, b, &site, true, f, h))
			return false;
		b->resume_stream = STREAM_NONE;
	}
	if (unlikely(s->tentative && (f.drops ? reassembly_is_tight(&s->reassembly)
					      : s->reassembly.pages > s->reassembly.limit)))
		return false;
	if (f.drops)
		monitor_reclaim_tmpl(s, f);
	while (unlikely(s->reassembly.pages > s->reassembly.limit)) {
		uint32_t id = reassembly_largest(&s->reassembly);
		struct stream *st;
		uint64_t next;

		if (id == STREAM_NONE)
			return true;
		site.flow = flow_table_at(s->table, id >> 1);
		if (h->unsettled(s, site.flow))
			return false;
		site.dir = id & 1;
		st = monitor_stream(site.flow, (enum mbx_direction)site.dir, f);
		if (monitor_forget_tmpl(s, site.flow, (enum mbx_direction)site.dir, st, f))
			continue;
		next = stream_next(stream_held(st), st->pos);
		if (next == STREAM_NOWHERE) {
			uint64_t kept = stream_remembered(st);

			stream_clear(&s->reassembly, st, id);
			st->lost = RTE_MAX(st->lost, kept);
			continue;
		}
		/* Who drops the flow for what comes now drops this packet of it too. */
		b->flow[packet] = monitor_lookup(s, b, packet);
		s->counters->held_lost += st->given_up < next;
		st->given_up = RTE_MAX(st->given_up, next);
		st->lost = RTE_MAX(st->lost, next);
		st->flags |= STREAM_AHEAD;
		if (!monitor_stream_drain_tmpl(s, b, &site, true, f, h)) {
			/* Pages that come back in between do not end it. */
			b->resume_stream = id;
			return false;
		}
	}
	return true;
}

/* Makes room for one more flow; false when the log is full. */
static __rte_always_inline bool monitor_evict_tmpl(struct stack *s, struct burst *b,
						   uint16_t packet, const struct stack_features f,
						   const struct stack_hooks *h)
{
	struct flow *victim;

	while (unlikely(flow_table_live(s->table) >= s->flows_max)) {
		victim = stack_victim(s);
		if (victim == NULL)
			return true;
		if (victim->flags & FLOW_ENDING) {
			stack_flow_bury(s, b, victim);
			continue;
		}
		if (monitor_end_waits_tmpl(s, victim, f, h) ||
		    !monitor_settle_tmpl(s, b, victim, packet, b->packet[packet].time,
					 FLOW_END_EVICTED, f, h))
			return false;
	}
	return true;
}
