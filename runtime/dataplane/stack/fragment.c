#include "fragment.h"

#include "../fragment/table.h"
#include "../packet/network.h"

void stack_fragments_init(struct stack *s, struct fragment_table *t)
{
	s->fragments = t;
	if (t != NULL)
		t->timer_kind = STACK_TIMER_FRAGMENT;
}

void stack_fragments_end(struct stack *s)
{
	if (s->fragments != NULL)
		fragment_table_clear(s->fragments);
}

/* Whether the datagram that begins at `l3` has a fragment header of its own, as an
 * atomic fragment or as one of less than all: the host refuses it then. */
static bool has_fragment_header(const struct rte_mbuf *m, uint16_t l3)
{
	uint8_t copy[8];
	const uint8_t *at = rte_pktmbuf_read(m, l3, sizeof(copy), copy);
	uint32_t offset = l3 + IP6_HEADER_LEN;
	uint8_t next;

	if (at == NULL || at[0] >> 4 != 6)
		return false;
	next = at[6];
	while (ip6_is_extension(next) && next != IP_PROTO_FRAGMENT) {
		at = rte_pktmbuf_read(m, offset, sizeof(copy), copy);
		if (at == NULL)
			return false;
		offset += ip6_extension_len(next, at);
		next = at[0];
	}
	return next == IP_PROTO_FRAGMENT;
}

/* The datagram takes the packet's place; its time and what leaves stay. */
static bool datagram_replaces(struct stack *s, struct burst *b, uint16_t packet,
			      const struct fragment_taken *taken, uint8_t decap, bool verify)
{
	struct rte_mbuf *whole = taken->whole;
	struct packet *p = &b->packet[packet];
	struct packet datagram = {.time = p->time};
	enum packet_tunnel_fault fault;

	if (has_fragment_header(whole, taken->place.l3)) {
		s->counters->fragments_malformed++;
		rte_pktmbuf_free(whole);
		return false;
	}
	fault = packet_parse_datagram(&datagram, whole, &taken->place, decap, verify);
	/* In line what nobody can judge does not pass. */
	if (s->fragments->holds && (datagram.flags & PACKET_MALFORMED)) {
		s->counters->fragments_malformed++;
		rte_pktmbuf_free(whole);
		return false;
	}
	if (fault != TUNNEL_SOUND || datagram.decap != p->decap)
		stack_count_tunnel(s->counters, &datagram, fault);
	datagram.flags |= PACKET_REASSEMBLED;
	stack_count_nested(s->counters, &datagram);
	if (s->table != NULL)
		datagram.hash = flow_table_hash(s->table, &datagram.key);
	*p = datagram;
	b->whole[b->whole_count++] = (uint8_t)packet;
	s->fragments->leaving += whole->nb_segs;
	s->counters->fragments_completed++;
	return true;
}

/* In line nothing leaves before its datagram is judged, and nothing leaves of
 * which the host would make none. */
static void fragment_waits(struct burst *b, uint16_t packet, struct fragment_hold *hold)
{
	if (hold == NULL)
		return;
	hold->places++;
	burst_hold(b, packet, hold);
}

bool stack_fragment_take(struct stack *s, struct burst *b, uint16_t packet, uint8_t decap,
			 bool verify)
{
	struct fragment_taken taken = fragment_take(s->fragments, &b->packet[packet]);

	fragment_waits(b, packet, taken.hold);
	switch (taken.result) {
	case FRAGMENT_COMPLETES:
		if (datagram_replaces(s, b, packet, &taken, decap, verify))
			return true;
		taken.cause = VERDICT_DROP_FRAGMENT_REFUSED;
		break;
	case FRAGMENT_KEPT:
		if (taken.hold != NULL)
			b->verdict[packet] = VERDICT_HOLD;
		return false;
	case FRAGMENT_IGNORED:
	case FRAGMENT_REFUSED:
		break;
	}
	if (s->fragments->holds)
		burst_drop(b, packet, taken.cause, BURST_NO_NF);
	return false;
}

void stack_fragment_expired(struct wheel_timer *t, void *stack)
{
	fragment_expire(((struct stack *)stack)->fragments, t);
}

void stack_free_datagrams(struct stack *s, struct burst *b)
{
	for (uint16_t i = 0; i < b->whole_count; i++) {
		struct rte_mbuf *m = b->packet[b->whole[i]].mbuf;

		s->fragments->leaving -= m->nb_segs;
		rte_pktmbuf_free(m);
	}
	b->whole_count = 0;
}
