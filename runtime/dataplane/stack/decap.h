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
			stack_count_tunnel(s->counters, p,
					   packet_decap(p, f.decap, f.checksum != CHECKSUM_TRUST));
	}
}
