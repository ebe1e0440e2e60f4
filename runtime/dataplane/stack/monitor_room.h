/* Room for one packet: bytes that are held, places of flows, and which flow it is. */
#pragma once

#include "monitor_flow.h"

/* Memory for held bytes runs out: the largest holder loses what it remembers,
 * then its first hole, then all. */
static __rte_always_inline bool monitor_relieve_tmpl(struct stack *s, struct burst *b,
						     uint16_t packet, const struct stack_features f,
						     const struct stack_hooks *h)
{
	struct event_site site = {.packet = packet, .time = b->packet[packet].time};

	if (!monitor_has_streams(f))
		return true;
	if (unlikely(s->tentative && s->reassembly.pages > s->reassembly.limit))
		return false;
	while (unlikely(s->reassembly.pages > s->reassembly.limit)) {
		uint32_t id = reassembly_largest(&s->reassembly);
		struct stream *st;
		uint32_t pages;
		uint64_t kept;
		uint64_t next;

		if (id == STREAM_NONE)
			return true;
		site.flow = flow_table_at(s->table, id >> 1);
		if (h->unsettled(s, site.flow))
			return false;
		site.dir = id & 1;
		st = monitor_stream(site.flow, (enum mbx_direction)site.dir, f);
		pages = st->pages;
		kept = stream_remembered(st);
		stream_trim(&s->reassembly, st, id, st->pos);
		if (st->pages < pages) {
			st->lost = RTE_MAX(st->lost, kept);
			continue;
		}
		next = stream_next(st->held, st->pos);
		if (next == STREAM_NOWHERE) {
			stream_clear(&s->reassembly, st, id);
			st->lost = RTE_MAX(st->lost, kept);
			continue;
		}
		s->counters->held_lost += st->given_up < next;
		st->given_up = RTE_MAX(st->given_up, next);
		st->lost = RTE_MAX(st->lost, next);
		st->flags |= STREAM_AHEAD;
		if (!monitor_stream_drain_tmpl(s, b, &site, true, f, h))
			return false;
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
