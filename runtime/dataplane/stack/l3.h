/* The l3 stack: packets, no flows. */
#pragma once

#include "fragment.h"

/* Runs packets b->next … of the burst until all are done (b->complete), the log is
 * full, or the next one has to wait for the events of this one: then the caller runs the network
 * functions, resets the log and calls again. */
static __rte_always_inline void l3_run_tmpl(struct stack *s, struct burst *b,
					    const struct stack_features f,
					    const struct stack_hooks *h)
{
	s->now = b->now;
	if (b->next == 0) {
		stack_fetch_first_tmpl(b, f);
		stack_decap_tmpl(s, b, f);
	}
	for (; b->next < b->count; b->next++) {
		stack_fetch_tmpl(b, b->next + STACK_FETCH_AHEAD, f);
		if (event_log_room(&b->log) < STACK_SLOTS_PER_PACKET)
			return;
		b->flow[b->next] = NULL;
		if (stack_is_fragment(s, &b->packet[b->next], f) &&
		    !stack_fragment_tmpl(s, b, b->next, f, h))
			continue;
		if (stack_admit_tmpl(s, b, b->next, f, h) != STACK_REFUSED)
			stack_raise_packet_tmpl(s, b, b->next, NULL, f, h);
		if (f.event_by_event && b->next + 1 < b->count) {
			b->next++;
			return;
		}
	}
	b->complete = 1;
}

/* What is due up to b->now: of timers there are those of fragments alone. */
static __rte_always_inline void l3_tick_tmpl(struct stack *s, struct burst *b,
					     const struct stack_features f)
{
	s->now = b->now;
	if (f.fragments)
		timer_wheel_advance(&s->wheel, b->now, stack_fragment_expired, s);
	b->complete = 1;
}

static __rte_always_inline void l3_shutdown_tmpl(struct stack *s, struct burst *b,
						 const struct stack_features f)
{
	s->now = b->now;
	if (f.fragments)
		stack_fragments_end(s);
	b->complete = 1;
}
