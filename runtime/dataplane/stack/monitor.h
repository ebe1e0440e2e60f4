/* The monitor: follows both ends of each flow as the hosts see them, and says so
 * in events. The hot path is inlined into the generated unit with a constant
 * feature set; nothing of what is off remains. */
#pragma once

#include "fragment.h"
#include "monitor_fetch.h"
#include "monitor_icmp.h"
#include "monitor_next.h"
#include "monitor_timer.h"
#include "monitor_verdict.h"

/* How far the stack has come with packet b->next (b->resume_stage). */
enum monitor_stage {
	MONITOR_FRESH = 0,
	MONITOR_SHORT,	  /* of memory: what events point into is given back first */
	MONITOR_RELIEVED, /* the same for what was released to relieve memory */
	MONITOR_ADMITTED, /* room for its flow is being made */
	MONITOR_TOLD,	  /* who hears packets and may drop this one is asked first */
	MONITOR_SETTLING, /* tracked; its bytes and its flow's end are being raised */
};

static __rte_always_inline bool monitor_tracks(const struct packet *p,
					       const struct stack_features f)
{
	return (f.tcp && (p->flags & PACKET_TCP)) || (f.udp && (p->flags & PACKET_UDP)) ||
	       ((f.icmp || f.icmp_errors) && (p->flags & PACKET_ICMP));
}

/* Ends a flow whose ports begin another connection; false when the log is full. */
static __rte_always_inline bool monitor_replace_tmpl(struct stack *s, struct burst *b,
						     uint16_t packet, struct flow *flow,
						     const struct stack_features f,
						     const struct stack_hooks *h)
{
	if (!(flow->flags & FLOW_ENDING) &&
	    !monitor_settle_tmpl(s, b, flow, packet, b->packet[packet].time, FLOW_END_RST, f, h))
		return false;
	stack_flow_bury(s, b, flow);
	return true;
}

static __rte_always_inline void monitor_start_tmpl(struct stack *s, struct burst *b,
						   struct monitor_segment *g,
						   const struct tcp_before *before,
						   const struct stack_features f,
						   const struct stack_hooks *h)
{
	struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	struct event_site site = monitor_site(b, g);

	STACK_FEATURE("tcp");
	if (tcp_track_start(t, &g->flow->state, (enum mbx_direction)g->dir, &g->tcp, before)) {
		g->flow->flags |= FLOW_MIDSTREAM;
		site.flags = EVENT_MIDSTREAM;
		s->counters->flows_midstream++;
	}
	h->raise(s, b, EVENT_FLOW_START, &site);
}

/* A segment of no flow that is followed: it found no record, its flow has ended, or
 * it did not come from its sender. It stays a packet. */
static __rte_always_inline void monitor_unfollowed_tmpl(struct stack *s, struct burst *b,
							struct monitor_segment *g,
							const struct stack_features f,
							const struct stack_hooks *h)
{
	struct tcp_track *t;

	b->flow[g->packet] = g->flow;
	if (g->flow != NULL) {
		t = stack_flow_part(g->flow, f.tcp_at);
		if (f.injects) {
			b->numbers[g->packet] = tcp_track_numbers(t);
			b->spoken[g->packet] = g->flow->flags;
		}
		if (f.drops && (g->flow->flags & FLOW_BLOCKED))
			b->any_blocked = 1;
		if (g->flow->flags & FLOW_ENDING) /* a late copy, or the SYN of another one */
			tcp_track_general(t, &g->flow->state,
					  flow_direction(g->flow, b->packet[g->packet].reversed),
					  &g->tcp, 0, s->counters);
	}
	monitor_unheard_unfollowed_tmpl(s, b, g, f, h);
	stack_raise_packet_tmpl(s, b, g->packet, g->flow, f, h);
}

/* A segment of a flow has come, and is nothing but a packet yet. `starts`: the flow
 * is new, and what is known from the one before. Returns whether somebody hears the
 * packet who may drop it: what is dropped there has not arrived (a retransmission
 * is another packet), so it is tracked only when it was not. */
static __rte_always_inline bool monitor_arrives_tmpl(struct stack *s, struct burst *b,
						     struct monitor_segment *g,
						     const struct tcp_before *starts,
						     const struct stack_features f,
						     const struct stack_hooks *h)
{
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	uint32_t used;

	g->dir = (uint8_t)monitor_flow_count_tmpl(b, g->packet, g->flow, f);
	if (unlikely(starts != NULL))
		monitor_start_tmpl(s, b, g, starts, f, h);
	used = b->log.used;
	stack_raise_packet_tmpl(s, b, g->packet, g->flow, f, h);
	if (f.injects)
		b->numbers[g->packet] = tcp_track_numbers(t);
	if (f.packet_verdicts)
		STACK_FEATURE("packet_verdicts");
	return f.packet_verdicts && b->log.used != used;
}

/* Tracks a segment in its flow and raises its events up to its payload. Returns
 * whether something may be left to settle. */
static __rte_always_inline bool monitor_segment_tmpl(struct stack *s, struct burst *b,
						     struct monitor_segment *g,
						     const struct stack_features f,
						     const struct stack_hooks *h)
{
	struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	const struct packet *p = &b->packet[g->packet];
	struct tcp_track before;
	struct tcp_side *side;
	uint8_t state = 0;
	uint32_t isn;
	bool copy, scarce;

	side = &t->side[g->dir];
	g->before = side->next - ((side->flags & TCP_SIDE_FIN_DONE) != 0);
	isn = side->flags & TCP_SIDE_BASE ? side->isn : ~g->tcp.seq;
	copy = monitor_is_copy(g, f);
	scarce = monitor_is_scarce(s, g->flow, (enum mbx_direction)g->dir, g->len, f);
	if (unlikely(copy || scarce)) {
		before = *t;
		state = g->flow->state;
	}
	g->outcome = 0;
	if (unlikely(monitor_reset_is_vain_tmpl(g, f)))
		s->counters->tcp_ignored_rst++;
	else
		g->outcome = tcp_track_segment(t, &g->flow->state, (enum mbx_direction)g->dir,
					       &g->tcp, monitor_manner(g, p->time, f), s->counters);
	if (unlikely(side->isn != isn)) /* it has only now shown where it begins */
		g->before = side->isn + 1;
	/* What is dropped has not arrived: neither its FIN, nor its timestamp, nor what it
	 * acknowledges and offers, nor new bytes behind the copied ones. */
	if (unlikely((copy || scarce) && monitor_refuses_tmpl(s, b, g, copy, scarce, f, h))) {
		*t = before;
		g->flow->state = state;
		return false;
	}
	monitor_flow_promote(s, g->flow);
	if (g->outcome & TCP_ACKS_HOLE) {
		/* It may be a byte in doubt at its place that was acknowledged, and what follows
		 * a FIN leaves unheard. */
		if (f.drops)
			t->side[g->dir ^ 1].doubt_fin = 0;
		if (g->outcome & TCP_LEAPS)
			g->before = side->una;
		tcp_track_acked(t, &g->flow->state, (enum mbx_direction)(g->dir ^ 1));
	}
	if (f.rtt) {
		STACK_FEATURE("rtt");
		tcp_track_rtt_update(t, (enum mbx_direction)g->dir, &g->tcp, g->outcome, p->time);
	}
	if (unlikely((g->outcome & TCP_ESTABLISHES) && !(g->flow->flags & FLOW_ESTABLISHED_SEEN))) {
		struct event_site site = monitor_site(b, g);

		g->flow->flags |= FLOW_ESTABLISHED_SEEN;
		if (!(g->flow->flags & FLOW_MIDSTREAM))
			h->raise(s, b, EVENT_FLOW_ESTABLISHED, &site);
	}
	if (likely(monitor_payload_next_tmpl(s, b, g, f, h) && t->ending == TCP_ENDING_NO &&
		   !(g->outcome & TCP_REPEATS)))
		return false;
	if (f.unheard)
		g->guarded = monitor_hears(f, (enum mbx_direction)g->dir) &&
			     h->wants_data(s, g->flow, (enum mbx_direction)g->dir);
	if (g->outcome & (TCP_REPEATS | TCP_TAKES))
		monitor_rexmit_tmpl(s, b, g, f, h);
	if (monitor_has_streams(f))
		monitor_streams_tmpl(s, b, g, f, h);
	return true;
}

/* Whether a segment has to wait until the network functions have handled what
 * this round has raised of its flow: a switch that they make there would change
 * what becomes of its payload, or of bytes that are held. Plainly the next bytes
 * of a stream that holds none are the same whoever hears them. */
static __rte_always_inline bool monitor_segment_waits_tmpl(const struct stack *s,
							   const struct monitor_segment *g,
							   const struct packet *p,
							   const struct stack_features f,
							   const struct stack_hooks *h)
{
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	enum mbx_direction dir = flow_direction(g->flow, p->reversed);
	const struct stream *st;

	if (!monitor_has_streams(f) || likely(!h->unsettled(s, g->flow)))
		return false;
	if (!monitor_streams_are_settled(g->flow, f))
		return true;
	if (g->len == 0 && g->tcp.len == 0 && !(f.unheard && (g->tcp.flags & TCP_URG)))
		return false;
	if (g->len != g->tcp.len || p->mbuf->nb_segs != 1 ||
	    !tcp_track_predicts(t, g->flow->state, dir, &g->tcp))
		return true;
	st = monitor_stream(g->flow, dir, f);
	return monitor_hears(f, dir) && !(st->flags & STREAM_DEAF) &&
	       stream_seq(st, st->pos) != g->tcp.seq;
}

/* Finds or makes the flow of a TCP packet and tracks it. False when the log is
 * full. `*settle`: call monitor_settle_tmpl() for b->flow[packet]. */
static __rte_always_inline bool monitor_tcp_tmpl(struct stack *s, struct burst *b, uint16_t packet,
						 bool *settle, const struct stack_features f,
						 const struct stack_hooks *h)
{
	const struct packet *p = &b->packet[packet];
	struct monitor_segment g = {.packet = packet, .len = payload_present(p)};
	struct tcp_before before = {.waits = false};
	enum monitor_way way = MONITOR_WAY_OWN;
	uint16_t askers_port = 0;
	bool sender_is_client = true;
	bool starts;

	tcp_segment_read(&g.tcp, p);
	g.flow = monitor_lookup(s, b, packet);
	if (g.flow != NULL && !(g.flow->flags & FLOW_ENDING))
		way = monitor_way(g.flow, stack_flow_part(g.flow, f.tcp_at),
				  flow_direction(g.flow, p->reversed), b->port, &g.tcp);
	if (g.flow != NULL && (f.unheard || !(g.flow->flags & FLOW_ENDING)) &&
	    unlikely(monitor_segment_waits_tmpl(s, &g, p, f, h)))
		return false;
	if (unlikely(monitor_room_waits_tmpl(s, &g, p, f, h) ||
		     (g.flow != NULL && monitor_reset_waits_tmpl(b, &g, p, f))))
		return false;
	if (unlikely(way == MONITOR_WAY_ASTRAY)) {
		s->counters->tcp_ignored_port++;
		monitor_unfollowed_tmpl(s, b, &g, f, h);
		return true;
	}
	if (g.flow != NULL && unlikely(p->tcp_flags & TCP_SYN)) {
		const struct tcp_track *t = stack_flow_part(g.flow, f.tcp_at);
		enum mbx_direction dir = flow_direction(g.flow, p->reversed);
		bool anew =
		    way == MONITOR_WAY_FOUND || tcp_track_reopens(t, g.flow->state, dir, &g.tcp);

		if (anew) {
			before = way == MONITOR_WAY_FOUND ? tcp_track_asked(t, dir)
							  : tcp_track_before(t, dir);
			askers_port = g.flow->port[dir ^ 1];
			if (!monitor_replace_tmpl(s, b, packet, g.flow, f, h))
				return false;
			g.flow = NULL;
		}
	}
	starts = g.flow == NULL;
	if (starts && tcp_track_opens(&g.tcp, &sender_is_client)) {
		if (!monitor_evict_tmpl(s, b, packet, f, h))
			return false;
		g.flow = monitor_flow_create_tmpl(s, p, sender_is_client, f, h);
		if (way == MONITOR_WAY_FOUND && g.flow != NULL)
			monitor_flow_lies_across(g.flow, askers_port, b->port);
	} else if (starts && (p->tcp_flags & TCP_SYN)) {
		s->counters->tcp_ignored_flags++;
	}
	if (g.flow == NULL || (g.flow->flags & FLOW_ENDING)) {
		monitor_unfollowed_tmpl(s, b, &g, f, h);
		return true;
	}
	b->flow[packet] = g.flow;
	if (monitor_arrives_tmpl(s, b, &g, starts ? &before : NULL, f, h)) {
		b->resume_stage = MONITOR_TOLD;
		return false;
	}
	*settle = monitor_segment_tmpl(s, b, &g, f, h);
	return true;
}

/* A segment that was asked about: it arrives unless it was dropped. Returns what
 * monitor_segment_tmpl() does. */
static __rte_always_inline bool monitor_told_tmpl(struct stack *s, struct burst *b, uint16_t packet,
						  const struct stack_features f,
						  const struct stack_hooks *h)
{
	const struct packet *p = &b->packet[packet];
	struct monitor_segment g = {
	    .packet = packet, .len = payload_present(p), .flow = b->flow[packet]};

	if (b->verdict[packet] >= VERDICT_DROP)
		return false;
	tcp_segment_read(&g.tcp, p);
	g.dir = (uint8_t)flow_direction(g.flow, p->reversed);
	return monitor_segment_tmpl(s, b, &g, f, h);
}

/* Whether a round has to end before a packet looks for memory. Who finds some must depend
 * neither on how packets are cut into bursts nor, in replay, on how fast workers are: what
 * events point into is given back first, once for each `stage`. */
static __rte_always_inline bool monitor_awaits_memory(const struct stack *s, struct burst *b,
						      enum monitor_stage stage,
						      const struct stack_features f)
{
	if (!monitor_has_streams(f) || likely(!stack_is_short(s)) || b->resume_stage >= stage ||
	    !stack_lends(s))
		return false;
	b->resume_stage = (uint8_t)stage;
	return true;
}

/* One packet; false when the log is full: called again, it goes on. */
static __rte_always_inline bool monitor_packet_tmpl(struct stack *s, struct burst *b,
						    uint16_t packet, const struct stack_features f,
						    const struct stack_hooks *h)
{
	const struct packet *p = &b->packet[packet];
	bool settle = false;

	if (likely(b->resume_stage == MONITOR_FRESH)) {
		enum stack_admission admission;

		if (stack_is_fragment(s, p, f) && !stack_fragment_tmpl(s, b, packet, f, h))
			return true;
		admission = stack_admit_tmpl(s, b, packet, f, h);
		if (unlikely(admission != STACK_TAKEN || !monitor_tracks(p, f))) {
			b->flow[packet] = NULL;
			if (admission != STACK_REFUSED)
				stack_raise_packet_tmpl(s, b, packet, NULL, f, h);
			return true;
		}
		if (monitor_has_next(f) && (p->flags & PACKET_TCP) &&
		    likely(monitor_next_tmpl(s, b, packet, f, h)))
			return true;
	}
	if (likely(b->resume_stage < MONITOR_TOLD)) {
		if (likely(b->resume_stage < MONITOR_ADMITTED)) {
			if (monitor_awaits_memory(s, b, MONITOR_SHORT, f))
				return false;
			b->resume_stage = RTE_MAX(b->resume_stage, MONITOR_SHORT);
			if (!monitor_relieve_tmpl(s, b, packet, f, h) ||
			    monitor_awaits_memory(s, b, MONITOR_RELIEVED, f))
				return false;
			b->resume_stage = MONITOR_ADMITTED;
		}
		if (f.udp && (p->flags & PACKET_UDP)) {
			if (!monitor_udp_tmpl(s, b, packet, f, h))
				return false;
		} else if ((f.icmp || f.icmp_errors) && (p->flags & PACKET_ICMP)) {
			if (!monitor_icmp_tmpl(s, b, packet, f, h))
				return false;
		} else if (f.tcp && !monitor_tcp_tmpl(s, b, packet, &settle, f, h)) {
			return false;
		}
	}
	if (f.packet_verdicts && unlikely(b->resume_stage == MONITOR_TOLD))
		settle = monitor_told_tmpl(s, b, packet, f, h);
	if (f.tcp && unlikely(settle || b->resume_stage == MONITOR_SETTLING)) {
		b->resume_stage = MONITOR_SETTLING;
		if (!monitor_settle_tmpl(s, b, b->flow[packet], packet, p->time, MONITOR_NOT_ENDING,
					 f, h))
			return false;
	}
	b->resume_stage = MONITOR_FRESH;
	return true;
}

/* Runs packets b->next … of a burst until all are done (b->complete), the log is
 * full, or the next one has to wait for a switch or for the events of this one: then the
 * caller runs the network functions, resets the log and calls again. Packets are parsed, verdicts
 * are reset, b->dead is FLOW_NONE, and b->released is NULL at the first call. */
static __rte_always_inline void monitor_run_tmpl(struct stack *s, struct burst *b,
						 const struct stack_features f,
						 const struct stack_hooks *h)
{
	monitor_round_begin(s, b);
	if (b->next == 0 && b->resume_stage == MONITOR_FRESH) {
		stack_fetch_first_tmpl(b, f);
		stack_decap_tmpl(s, b, f);
	}
	if (f.flows) {
		STACK_FEATURE("flows");
		if (b->next == 0 && b->resume_stage == MONITOR_FRESH)
			monitor_look_begin(s, b);
	}
	for (; b->next < b->count; b->next++) {
		stack_fetch_tmpl(b, b->next + STACK_FETCH_AHEAD, f);
		if (f.flows)
			monitor_look_ahead_tmpl(s, b, f);
		if (unlikely(event_log_room(&b->log) < STACK_SLOTS_PER_PACKET))
			return;
		if (unlikely(!monitor_packet_tmpl(s, b, b->next, f, h)))
			return;
		if (f.event_by_event && b->next + 1 < b->count) {
			b->next++;
			return;
		}
	}
	b->complete = 1;
}
