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

/* Raises what is due up to b->now, as far as the log has room: the rest is still
 * due, for the next burst of this kind, so that packets can be received between
 * the two however many timers are due at once. */
static __rte_always_inline void monitor_tick_tmpl(struct stack *s, struct burst *b,
						  const struct stack_features f,
						  const struct stack_hooks *h)
{
	struct wheel_timer *t;

	monitor_round_begin(s, b);
	b->complete = 1;
	while ((t = timer_wheel_due(&s->wheel, b->now)) != NULL) {
		uint64_t tick = s->wheel.tick;

		if (f.fragments && t->kind == STACK_TIMER_FRAGMENT) {
			timer_cancel(&s->wheel, t);
			stack_fragment_expired(t, s);
			continue;
		}
		if (!monitor_expire_tmpl(s, b, t, tick * TIMER_TICK_NS, f, h))
			return;
		/* Unless it was armed again, or its flow is gone and its record with it. */
		if (timer_armed(t) && t->deadline <= tick)
			timer_cancel(&s->wheel, t);
	}
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
	if (!s->ends)
		stack_bury_ended(s, b);
	s->ends = true;
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
