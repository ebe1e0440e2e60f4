/* Memory that will be written, fetched ahead: with a million flows each of these lines
 * is in no cache. */
#pragma once

#include <rte_prefetch.h>

#include "monitor_flow.h"

/* Packets ahead: their flows' records have been fetched by the lookup. */
#define MONITOR_FETCH_AHEAD 4

static inline void monitor_fetch_listed(const struct stack *s, uint32_t index)
{
	if (index != FLOW_NONE)
		rte_prefetch0(&flow_table_at(s->table, index)->older);
}

/* A flow that is about to change lists, or to end, is unlinked from records before and
 * behind it, of its list and of its timer's. */
static inline void monitor_fetch_neighbours(const struct stack *s, const struct flow *flow)
{
	monitor_fetch_listed(s, flow->older);
	monitor_fetch_listed(s, flow->newer);
	rte_prefetch0(flow->idle.next);
	rte_prefetch0(flow->idle.link);
}

/* Most packets are in the middle of their connection, and move nothing. */
static __rte_always_inline void monitor_fetch_tmpl(const struct stack *s, const struct burst *b,
						   uint32_t packet, const struct stack_features f)
{
	const struct flow *flow;

	if (!f.tcp || packet >= b->count)
		return;
	flow = b->flow[packet];
	if (flow != NULL && unlikely(flow->state != TCP_FLOW_ESTABLISHED))
		monitor_fetch_neighbours(s, flow);
}
