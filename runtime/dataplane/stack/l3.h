/* The l3 stack: packets, no flows. */
#pragma once

#include "admit.h"

/* Runs packets b->next … of the burst until all are done (b->complete) or the
 * log is full: then the caller runs the network functions, resets the log and
 * calls again. */
static __rte_always_inline void l3_run_tmpl(struct stack *s, struct burst *b,
					    const struct stack_features f,
					    const struct stack_hooks *h)
{
	s->now = b->now;
	if (b->next == 0)
		stack_decap_tmpl(s, b, f);
	for (; b->next < b->count; b->next++) {
		if (event_log_room(&b->log) < STACK_SLOTS_PER_PACKET)
			return;
		b->flow[b->next] = NULL;
		if (stack_admit_tmpl(s, b, b->next, f, h) != STACK_REFUSED)
			stack_raise_packet_tmpl(s, b, b->next, NULL, f, h);
	}
	b->complete = 1;
}
