/* What happens without a packet: idle ends, timers of NFs, the end of all. */
#pragma once

#include "fragment.h"
#include "monitor_flow.h"

/* An idle timer has run out; false when the log is full. Packets do not touch
 * the wheel: a flow that was active is armed again here. */
static __rte_always_inline bool monitor_idle_tmpl(struct stack *s, struct burst *b,
						  struct flow *flow, uint64_t time,
						  const struct stack_features f,
						  const struct stack_hooks *h)
{
	uint64_t until = flow->last_seen + monitor_idle_ns(flow, f);

	if (flow->flags & FLOW_ENDING) {
		stack_flow_bury(s, b, flow);
		return true;
	}
	if (until > time) {
		timer_arm(&s->wheel, &flow->idle, until);
		return true;
	}
	return monitor_settle_tmpl(s, b, flow, EVENT_NO_PACKET, time, FLOW_END_IDLE, f, h);
}

/* One timer that fired; false when the log is full. */
static __rte_always_inline bool monitor_expire_tmpl(struct stack *s, struct burst *b,
						    struct wheel_timer *t, uint64_t time,
						    const struct stack_features f,
						    const struct stack_hooks *h)
{
	struct flow *flow = flow_table_at(s->table, t->owner);
	struct event_site site = {
	    .flow = flow, .packet = EVENT_NO_PACKET, .time = time, .nf = t->nf};

	if (!(flow->flags & FLOW_LIVE))
		return true; /* it ended with another timer of this tick */
	if (t->kind == STACK_TIMER_IDLE)
		return monitor_idle_tmpl(s, b, flow, time, f, h);
	if (!f.nf_timers || (flow->flags & FLOW_ENDING))
		return true;
	STACK_FEATURE("nf_timers");
	if (event_log_room(&b->log) < EVENT_SLOTS_MAX)
		return false;
	h->raise(s, b, EVENT_TIMER, &site);
	return true;
}

/* Raises what is due up to b->now, tick by tick. When the log is full, what is
 * left of a tick comes one tick later, and b->complete stays 0 as long as there
 * is more before b->now. */
static __rte_always_inline void monitor_tick_tmpl(struct stack *s, struct burst *b,
						  const struct stack_features f,
						  const struct stack_hooks *h)
{
	uint64_t next;

	monitor_round_begin(s, b);
	while ((next = timer_wheel_next(&s->wheel)) <= b->now) {
		struct stack_fired fired = {.last = &fired.first};
		bool full = false;
		uint64_t time;

		timer_wheel_advance(&s->wheel, next, stack_timer_collect, &fired);
		*fired.last = NULL;
		time = s->wheel.tick * TIMER_TICK_NS;
		while (fired.first != NULL) {
			struct wheel_timer *t = fired.first;

			fired.first = t->next;
			if (f.fragments && t->kind == STACK_TIMER_FRAGMENT) {
				stack_fragment_expired(t, s);
				continue;
			}
			full = full || !monitor_expire_tmpl(s, b, t, time, f, h);
			/* Of a flow that an earlier timer ended the record goes away. */
			if (full && (flow_table_at(s->table, t->owner)->flags & FLOW_LIVE))
				timer_arm(&s->wheel, t, time);
		}
		if (full)
			return;
	}
	timer_wheel_advance(&s->wheel, b->now, stack_timer_collect, NULL);
	b->complete = 1;
}

/* Ends all flows, oldest first, and what was to become a datagram; b->complete
 * when none is left. */
static __rte_always_inline void monitor_shutdown_tmpl(struct stack *s, struct burst *b,
						      const struct stack_features f,
						      const struct stack_hooks *h)
{
	monitor_round_begin(s, b);
	if (f.fragments)
		stack_fragments_end(s);
	for (;;) {
		uint32_t index =
		    s->active_first != FLOW_NONE ? s->active_first : s->embryonic_first;
		struct flow *flow;

		if (index == FLOW_NONE)
			break;
		flow = flow_table_at(s->table, index);
		if (flow->flags & FLOW_ENDING)
			stack_flow_bury(s, b, flow);
		else if (!monitor_settle_tmpl(s, b, flow, EVENT_NO_PACKET, b->now,
					      FLOW_END_SHUTDOWN, f, h))
			return;
	}
	b->complete = 1;
}
