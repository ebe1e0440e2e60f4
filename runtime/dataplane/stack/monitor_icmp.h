/* ICMP: queries are flows of their own, errors concern those of others. */
#pragma once

#include "../packet/quote.h"
#include "monitor_udp.h"

/* The flow that an ICMP error concerns, or NULL; counted either way. */
static __rte_always_inline struct flow *monitor_concerned_tmpl(struct stack *s,
							       const struct packet *p,
							       struct icmp_quote *q,
							       const struct stack_features f)
{
	struct flow *flow;

	if (!packet_icmp_quote(p, q)) {
		s->counters->icmp_errors_unreadable++;
		return NULL;
	}
	flow = flow_table_lookup(s->table, &q->key, flow_table_hash(s->table, &q->key));
	if (flow == NULL) {
		s->counters->icmp_errors_no_flow++;
		return NULL;
	}
	if (!q->to_sender || (f.tcp && q->proto == 6 &&
			      !tcp_track_in_flight(stack_flow_part(flow, f.tcp_at),
						   flow_direction(flow, q->reversed), q->seq))) {
		s->counters->icmp_errors_forged++;
		return NULL;
	}
	s->counters->icmp_errors++;
	return flow;
}

/* An error neither makes nor ends a flow, nor keeps it alive: everybody can send
 * one. From here on its packet belongs to the flow that it concerns, and goes the
 * way of what the other side sends, so that the flow's verdicts hold for it. */
static __rte_always_inline void monitor_icmp_error_tmpl(struct stack *s, struct burst *b,
							uint16_t packet,
							const struct stack_features f,
							const struct stack_hooks *h)
{
	struct packet *p = &b->packet[packet];
	struct icmp_quote q;
	struct flow *flow = monitor_concerned_tmpl(s, p, &q, f);

	STACK_FEATURE("icmp_errors");
	b->flow[packet] = flow;
	if (flow != NULL) {
		p->reversed = !q.reversed;
		if (f.injects && f.tcp && flow->proto == 6)
			b->numbers[packet] = tcp_track_numbers(stack_flow_part(flow, f.tcp_at));
		if (f.drops && (flow->flags & FLOW_BLOCKED))
			b->any_blocked = 1;
	}
	if (flow != NULL && !(flow->flags & FLOW_ENDING)) {
		struct event_site site = {
		    .flow = flow,
		    .packet = packet,
		    .dir = (uint8_t)flow_direction(flow, q.reversed),
		    .reason = q.kind,
		    .time = p->time,
		    .length = q.mtu,
		    .icmp = p->sport,
		};

		h->raise(s, b, EVENT_FLOW_ICMP_ERROR, &site);
	}
	stack_raise_packet_tmpl(s, b, packet, flow, f, h);
}

/* False when the log is full. */
static __rte_always_inline bool monitor_icmp_tmpl(struct stack *s, struct burst *b, uint16_t packet,
						  const struct stack_features f,
						  const struct stack_hooks *h)
{
	enum icmp_class class = packet_icmp_class(&b->packet[packet]);

	if (f.icmp && (class == ICMP_CLASS_REQUEST || class == ICMP_CLASS_REPLY)) {
		STACK_FEATURE("icmp");
		return monitor_datagram_tmpl(s, b, packet, EVENT_FLOW_ICMP,
					     class == ICMP_CLASS_REQUEST, f, h);
	}
	if (f.icmp_errors && class == ICMP_CLASS_ERROR) {
		monitor_icmp_error_tmpl(s, b, packet, f, h);
		return true;
	}
	b->flow[packet] = NULL;
	stack_raise_packet_tmpl(s, b, packet, NULL, f, h);
	return true;
}
