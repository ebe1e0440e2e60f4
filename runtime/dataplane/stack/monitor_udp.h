/* Flows of datagrams: UDP, and what of ICMP is asked and answered. */
#pragma once

#include "monitor_room.h"

/* Finds or makes the flow of a datagram; `event` is that of its start. False when
 * the log is full. */
static __rte_always_inline bool monitor_datagram_tmpl(struct stack *s, struct burst *b,
						      uint16_t packet, enum event_type event,
						      bool sender_is_client,
						      const struct stack_features f,
						      const struct stack_hooks *h)
{
	const struct packet *p = &b->packet[packet];
	struct flow *flow = monitor_lookup(s, b, packet);
	bool starts = flow == NULL;

	if (starts) {
		if (!monitor_evict_tmpl(s, b, packet, f, h))
			return false;
		flow = monitor_flow_create_tmpl(s, p, sender_is_client, f, h);
	}
	b->flow[packet] = flow;
	if (flow != NULL) {
		struct event_site site = {.flow = flow, .packet = packet, .time = p->time};

		site.dir = (uint8_t)monitor_flow_count_tmpl(b, packet, flow, f);
		monitor_flow_promote(s, flow);
		if (starts)
			h->raise(s, b, event, &site);
	}
	stack_raise_packet_tmpl(s, b, packet, flow, f, h);
	return true;
}

static __rte_always_inline bool monitor_udp_tmpl(struct stack *s, struct burst *b, uint16_t packet,
						 const struct stack_features f,
						 const struct stack_hooks *h)
{
	STACK_FEATURE("udp");
	return monitor_datagram_tmpl(s, b, packet, EVENT_FLOW_UDP, true, f, h);
}
