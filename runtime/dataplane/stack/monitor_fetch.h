/* Flows of packets ahead: found before their turn, and all that they are linked to
 * fetched. With a million flows each of these lines is in no cache, and to wait for one
 * takes as long as two packets. */
#pragma once

#include <rte_prefetch.h>

#include "../tcp/row.h"
#include "monitor_flow.h"

#define MONITOR_LOOK_STEP 4	 /* packets looked up together */
#define MONITOR_FOUND_AHEAD 4u	 /* packets whose flows are known before their turn, at least */
#define MONITOR_GUESSED_AHEAD 16 /* the same for those that are being fetched */

static inline void monitor_fetch_listed(const struct stack *s, uint32_t index)
{
	if (index != FLOW_NONE)
		rte_prefetch0(flow_table_at(s->table, index));
}

/* A flow whose handshake is about to be completed changes lists; one that is about to
 * end does, and its timer is armed anew; and one that was listed long ago. */
static inline bool monitor_moves(const struct stack *s, const struct flow *flow, uint32_t now)
{
	return flow->state == TCP_FLOW_SYN_RECEIVED || flow->state >= TCP_FLOW_CLOSING ||
	       stack_list_is_old(s, flow, now);
}

/* It is unlinked from records before and behind it. */
static inline void monitor_fetch_list(const struct stack *s, const struct flow *flow)
{
	monitor_fetch_listed(s, flow->older);
	monitor_fetch_listed(s, flow->newer);
	rte_prefetch0(&flow->idle);
}

/* And from timers before and behind its own. */
static inline void monitor_fetch_timers(const struct flow *flow)
{
	rte_prefetch0(flow->idle.next);
	rte_prefetch0(flow->idle.link);
}

static inline void monitor_guess(const struct stack *s, struct burst *b, unsigned int count)
{
	count = RTE_MIN(count, (unsigned int)(b->count - b->guessed));
	flow_table_guess_bulk(s->table, b->packet + b->guessed, count, b->flow + b->guessed);
	b->guessed = (uint16_t)(b->guessed + count);
}

/* Before the first packet of a burst. */
static inline void monitor_look_begin(const struct stack *s, struct burst *b)
{
	b->guessed = 0;
	b->found = 0;
	flow_table_hash_bulk(s->table, b->packet, b->count);
	monitor_guess(s, b, MONITOR_GUESSED_AHEAD);
}

/* The bytes of a segment are written behind those that its stream keeps, which nobody has
 * looked at since they were written. */
static __rte_always_inline void monitor_fetch_row_tmpl(const struct stack *s,
						       const struct packet *p,
						       const struct flow *flow,
						       const struct stack_features f)
{
	enum mbx_direction dir = flow_direction(flow, p->reversed);

	if (p->payload_len > 0 && monitor_hears(f, dir))
		row_fetch(&s->reassembly, monitor_stream(flow, dir, f), p->payload_len);
}

/* Before each packet. */
static __rte_always_inline void monitor_look_ahead_tmpl(const struct stack *s, struct burst *b,
							const struct stack_features f)
{
	unsigned int from = b->found, behind;
	uint32_t now;

	if (likely(b->next + MONITOR_FOUND_AHEAD < from) || from == b->count)
		return;
	behind = RTE_MIN(from + MONITOR_LOOK_STEP, (unsigned int)b->count);
	flow_table_lookup_bulk(s->table, b->packet + from, behind - from, b->flow + from);
	b->found = (uint16_t)behind;
	monitor_guess(s, b, MONITOR_LOOK_STEP);
	if (!f.tcp)
		return;
	now = (uint32_t)(b->packet[from].time / TIMER_TICK_NS);
	for (unsigned int i = from; i < behind; i++)
		if (b->flow[i] != NULL && unlikely(monitor_moves(s, b->flow[i], now)))
			monitor_fetch_list(s, b->flow[i]);
	if (monitor_has_streams(f) && monitor_remembers(f))
		for (unsigned int i = from; i < behind; i++)
			if (b->flow[i] != NULL)
				monitor_fetch_row_tmpl(s, &b->packet[i], b->flow[i], f);
	for (unsigned int i = b->next; i < from; i++)
		if (b->flow[i] != NULL && unlikely(b->flow[i]->state >= TCP_FLOW_CLOSING))
			monitor_fetch_timers(b->flow[i]);
}
