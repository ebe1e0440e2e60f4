/* What a function drops has not arrived: resets behind it. */
#pragma once

#include "monitor_payload.h"

/* Whether verdicts on what came before a reset are still to come: what was dropped
 * has not arrived, and the host takes the next byte's number only. */
static __rte_always_inline bool monitor_reset_waits_tmpl(struct burst *b,
							 const struct monitor_segment *g,
							 const struct packet *p,
							 const struct stack_features f)
{
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	const struct tcp_side *side = &t->side[flow_direction(g->flow, p->reversed)];

	if (f.blocks == 0 || likely(!(g->tcp.flags & TCP_RST)) || (g->flow->flags & FLOW_ENDING))
		return false;
	/* Outside of what is in flight none ends a connection that stands; in the place of
	 * a FIN that was acknowledged one does. */
	if (g->flow->state >= TCP_FLOW_ESTABLISHED && (side->flags & TCP_SIDE_SEEN) &&
	    (seq_before(g->tcp.seq, side->una - 1) || seq_after(g->tcp.seq, side->top)))
		return false;
	if (b->behind)
		b->wants_front = 1;
	return b->behind || b->log.first != EVENT_END;
}

/* A reset that does not reach its host is in vain, and so is one behind bytes that did
 * not: the host challenges it (RFC 5961, section 3.2), and takes one in the place of
 * the first of these bytes. That one gets the number that the tracker waits for. */
static __rte_always_inline bool monitor_reset_is_vain_tmpl(struct monitor_segment *g,
							   const struct stack_features f)
{
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	const struct flow_block *block = stack_flow_part(g->flow, f.blocks_at);
	uint32_t next = t->side[g->dir].next;

	if (f.blocks == 0 || likely(!(g->tcp.flags & TCP_RST)) || !(g->flow->flags & FLOW_BLOCKED))
		return false;
	for (unsigned int i = 0; i < f.blocks; i++) {
		const struct flow_ban *ban = &block[i].stream[g->dir];

		if (block[i].flow.active)
			return true;
		if (ban->active && seq_before(ban->seq, next))
			next = ban->seq;
	}
	if (next == t->side[g->dir].next || seq_before(g->tcp.seq, next))
		return false;
	if (g->tcp.seq != next)
		return true;
	g->tcp.seq = t->side[g->dir].next;
	return false;
}
