/* Packets inside of tunnels take the place of those that carry them, before
 * anything is asked of them. What the stack does not match is parsed again for the
 * next chain, which may look into other tunnels. */
#pragma once

#include "stack.h"

static inline void stack_count_tunnel(struct counters *c, const struct packet *p,
				      enum packet_tunnel_fault fault)
{
	c->decap_packets += p->decap != 0;
	c->decap_short += fault == TUNNEL_SHORT;
	c->decap_form += fault == TUNNEL_FORM;
	c->decap_deep += fault == TUNNEL_DEEP;
	c->decap_checksum += fault == TUNNEL_CHECKSUM;
}

/* What was put together is not a fragment that could be put together again. */
static inline void stack_count_nested(struct counters *c, struct packet *p)
{
	if (!(p->flags & PACKET_FRAGMENT))
		return;
	p->flags |= PACKET_UNREAD;
	c->fragments_nested++;
}

/* A datagram that a chain before has put together stays one. */
static inline void stack_look_inside(struct stack *s, struct packet *p, uint8_t tunnels,
				     bool verify)
{
	uint16_t kept = p->flags & PACKET_REASSEMBLED;
	enum packet_tunnel_fault fault = packet_decap(p, tunnels, verify);

	p->flags |= kept;
	stack_count_tunnel(s->counters, p, fault);
	if (kept != 0)
		stack_count_nested(s->counters, p);
}

/* Before the first packet of a burst is looked at. */
static __rte_always_inline void stack_decap_tmpl(struct stack *s, struct burst *b,
						 const struct stack_features f)
{
	if (f.decap == 0)
		return;
	STACK_FEATURE("decap");
	for (uint16_t i = 0; i < b->count; i++) {
		struct packet *p = &b->packet[i];

		if (unlikely(packet_carries(p, f.decap) && p->decap == 0))
			stack_look_inside(s, p, f.decap, f.checksum != CHECKSUM_TRUST);
	}
}
