/* What a burst's next chain gets of its packets: what the stack does not match, or all
 * that is not dropped. */
#include "../packet/packet.h"
#include "runner.h"

static struct chain_run *next_chain(const struct chain_run *cr, uint8_t port)
{
	struct runner *r = cr->runner;

	for (unsigned int i = cr->number + 1u; i < r->chain_count; i++)
		if (chain_serves(&r->chains[i], port))
			return &r->chains[i];
	return NULL;
}

static bool is_handed_on(const struct chain_run *cr, const struct burst *b, uint16_t packet)
{
	return b->verdict[packet] == VERDICT_UNMATCHED ||
	       (cr->chain->program->hands_on_all && b->verdict[packet] == VERDICT_FORWARD);
}

static bool any_is_handed_on(const struct chain_run *cr, const struct burst *b)
{
	for (uint16_t i = 0; i < b->count; i++)
		if (is_handed_on(cr, b, i))
			return true;
	return false;
}

static void hand_packet(struct flight *child, const struct burst *b, uint16_t packet,
			uint8_t egress)
{
	struct burst *to = child->burst;
	uint16_t at = to->count++;

	child->from[at] = (uint8_t)packet;
	child->egress[at] = egress;
	to->mbuf[at] = b->mbuf[packet];
	to->flow[at] = NULL;
	to->verdict[at] = VERDICT_FORWARD;
	to->dropped_by[at] = 0;
}

/* A datagram whose fragments wait with the stack before is handed on as a whole: the
 * next one sees none of these. */
static bool is_held_datagram(const struct chain_run *cr, const struct packet *p)
{
	return (p->flags & PACKET_REASSEMBLED) && cr->chain->program->features->holds_fragments;
}

/* The next stack is for other packets, and goes on with what is known of these. */
static void hand_parsed(struct flight *child, const struct burst *b)
{
	struct burst *to = child->burst;

	for (uint16_t at = 0; at < to->count; at++) {
		const struct packet *p = &b->packet[child->from[at]];

		to->packet[at] = *p;
		/* The next stack has tunnels of its own. */
		if (p->decap != 0 && !(p->flags & PACKET_REASSEMBLED))
			packet_parse(&to->packet[at], to->mbuf[at], (enum link_type)child->link);
	}
}

/* The next stack is a program by itself, as far as it can be: it knows nothing yet. */
static void hand_unparsed(const struct chain_run *cr, struct flight *child, const struct burst *b)
{
	struct burst *to = child->burst;

	packet_parse_bulk(to->packet, to->mbuf, to->count, (enum link_type)child->link);
	for (uint16_t at = 0; at < to->count; at++) {
		const struct packet *p = &b->packet[child->from[at]];

		if (unlikely(is_held_datagram(cr, p)))
			to->packet[at] = *p;
		to->packet[at].time = p->time;
	}
}

static void hand_on(const struct chain_run *cr, struct flight *f, struct chain_run *next)
{
	struct burst *b = f->burst;
	struct flight *child = flight_begin(next, BURST_PACKETS, b->now);
	uint8_t egress = chain_peer(next, (uint8_t)b->port);

	child->parent = f;
	child->link = f->link;
	f->child = true;
	child->burst->port = b->port;
	for (uint16_t i = 0; i < b->count; i++)
		if (is_handed_on(cr, b, i))
			hand_packet(child, b, i, egress);
	if (cr->chain->program->hands_on_all)
		hand_unparsed(cr, child, b);
	else
		hand_parsed(child, b);
}

bool flight_hand_on(struct chain_run *cr, struct flight *f)
{
	struct chain_run *next = NULL;

	if (any_is_handed_on(cr, f->burst))
		next = next_chain(cr, (uint8_t)f->burst->port);
	if (next != NULL) {
		if (!chain_takes(next))
			return false;
		hand_on(cr, f, next);
	}
	f->state = FLIGHT_HANDED;
	/* To the end at once, while the packets are in the caches. */
	if (next != NULL && cr->chain->program->hands_on_all)
		chain_advance(next);
	return true;
}
