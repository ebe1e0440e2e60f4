/* Fragments on their way through a stack: the packet that completes a datagram
 * becomes that datagram, for all that follows. */
#pragma once

#include "admit.h"

struct fragment_table;

/* Sets up what the stack needs; the caller has made the table, or NULL. */
void stack_fragments_init(struct stack *s, struct fragment_table *t);

/* For the timing wheel; `stack` is the struct stack. */
void stack_fragment_expired(struct wheel_timer *t, void *stack);

/* The program ends: what is not whole will not be. */
void stack_fragments_end(struct stack *s);

/* Takes a fragment. True: b->packet[packet] is now the datagram that it
 * completes; false: it is done. */
bool stack_fragment_take(struct stack *s, struct burst *b, uint16_t packet, uint8_t decap,
			 bool verify);

/* Each frame raises one packet event: a fragment PKT_IP, the one that completes
 * a datagram what the datagram is. True: go on with the datagram. */
static __rte_always_inline bool stack_fragment_tmpl(struct stack *s, struct burst *b,
						    uint16_t packet, const struct stack_features f,
						    const struct stack_hooks *h)
{
	struct packet *p = &b->packet[packet];

	STACK_FEATURE("fragments");
	b->flow[packet] = NULL;
	if (f.match_addresses && !h->match(p)) {
		b->verdict[packet] = VERDICT_UNMATCHED;
		return false;
	}
	if (likely(stack_checksum_right_tmpl(s, p, f))) {
		s->counters->fragments++;
		if (stack_fragment_take(s, b, packet, f.decap, f.checksum != CHECKSUM_TRUST))
			return true;
	}
	if (h->match(p))
		stack_raise_packet_tmpl(s, b, packet, NULL, f, h);
	return false;
}

static __rte_always_inline bool stack_is_fragment(const struct stack *s, const struct packet *p,
						  const struct stack_features f)
{
	return f.fragments && unlikely(p->flags & PACKET_FRAGMENT) && s->fragments != NULL &&
	       !(p->flags & PACKET_REASSEMBLED);
}
