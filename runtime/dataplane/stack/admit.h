/* What every stack does with a packet first: match, malformed, checksums, and
 * the PKT event. */
#pragma once

#include <rte_prefetch.h>

#include "../packet/checksum.h"
#include "decap.h"
#include "stack.h"

enum stack_admission {
	STACK_REFUSED = 0, /* not this stack's, or malformed: done */
	STACK_SEEN,	   /* only its PKT event is raised: the host ignores it */
	STACK_TAKEN,
};

/* Packets ahead whose bytes are fetched for the checksum: as many lines as an
 * Ethernet frame has are more than a core waits for at once. */
#define STACK_FETCH_AHEAD 3

/* Lines of a large frame lie one behind the other, and still nothing fetches them before
 * the second or third is read. The first line is there since the frame was parsed. */
static __rte_always_inline void stack_fetch_tmpl(const struct burst *b, uint32_t packet,
						 const struct stack_features f)
{
	const struct rte_mbuf *m;
	const uint8_t *line;

	if (f.checksum == CHECKSUM_TRUST || packet >= b->count)
		return;
	m = b->packet[packet].mbuf;
	line = rte_pktmbuf_mtod(m, const uint8_t *);
	for (uint32_t at = 64; at < m->data_len; at += 64)
		rte_prefetch0(line + at);
}

/* Before the first packet of a burst. */
static __rte_always_inline void stack_fetch_first_tmpl(const struct burst *b,
						       const struct stack_features f)
{
	for (uint32_t i = 0; i < STACK_FETCH_AHEAD; i++)
		stack_fetch_tmpl(b, i, f);
}

static __rte_always_inline enum event_type stack_packet_event(const struct packet *p)
{
	if (p->flags & PACKET_MALFORMED)
		return EVENT_PKT_MALFORMED;
	if (p->flags & PACKET_TCP)
		return EVENT_PKT_TCP;
	if (p->flags & PACKET_UDP)
		return EVENT_PKT_UDP;
	if (p->flags & PACKET_ICMP)
		return EVENT_PKT_ICMP;
	return p->flags & PACKET_IP ? EVENT_PKT_IP : EVENT_PKT;
}

static __rte_always_inline void stack_raise_packet_tmpl(struct stack *s, struct burst *b,
							uint16_t packet, struct flow *flow,
							const struct stack_features f,
							const struct stack_hooks *h)
{
	const struct packet *p = &b->packet[packet];
	struct event_site site = {
	    .flow = flow, .packet = packet, .time = p->time, .reason = p->reason};

	if (!f.packet_events)
		return;
	STACK_FEATURE("packet_events");
	if (flow != NULL)
		site.dir = flow_direction(flow, p->reversed);
	h->raise(s, b, stack_packet_event(p), &site);
}

/* Wrong checksums: the host ignores the packet. A frame that the capture cut
 * cannot be verified, and is believed. */
static __rte_always_inline bool stack_checksum_right_tmpl(struct stack *s, struct packet *p,
							  const struct stack_features f)
{
	enum packet_checksum result;

	if (f.checksum == CHECKSUM_TRUST)
		return true;
	STACK_FEATURE("checksum_verify");
	if (f.decap != 0 && unlikely(p->flags & PACKET_CHECKSUM_BAD))
		return false; /* of a tunnel: counted there */
	if (!(p->flags & PACKET_IP) || (p->flags & PACKET_TRUNCATED))
		return true;
	if (f.checksum == CHECKSUM_VERIFY && likely(packet_checksum_usual(p)))
		return true;
	/* Devices differ on which packet of a tunnel they speak of. */
	result = f.checksum == CHECKSUM_DEVICE && p->decap == 0 ? packet_checksum_check_device(p)
								: packet_checksum_check(p);
	if (likely(result == CHECKSUM_RIGHT))
		return true;
	s->counters->checksum_ip += result == CHECKSUM_IP_WRONG;
	s->counters->checksum_tcp += result == CHECKSUM_TCP_WRONG;
	s->counters->checksum_udp += result == CHECKSUM_UDP_WRONG;
	s->counters->checksum_icmp += result == CHECKSUM_ICMP_WRONG;
	p->flags |= PACKET_CHECKSUM_BAD;
	return false;
}

/* What is inside of the packet might be forbidden; whether it would be this stack's,
 * by `match`, nobody knows either. */
static __rte_always_inline enum stack_admission
stack_refuse_unread_tmpl(struct burst *b, uint16_t packet, const struct stack_hooks *h)
{
	burst_drop(b, packet, VERDICT_DROP_UNREAD, BURST_NO_NF);
	return h->match(&b->packet[packet]) ? STACK_SEEN : STACK_REFUSED;
}

static __rte_always_inline enum stack_admission stack_admit_tmpl(struct stack *s, struct burst *b,
								 uint16_t packet,
								 const struct stack_features f,
								 const struct stack_hooks *h)
{
	const uint16_t bad =
	    f.checksum == CHECKSUM_TRUST ? PACKET_MALFORMED : PACKET_MALFORMED | PACKET_UNSIZED;
	struct packet *p = &b->packet[packet];

	if (f.drops_unread && unlikely(p->flags & PACKET_UNREAD))
		return stack_refuse_unread_tmpl(b, packet, h);
	if (!h->match(p)) {
		b->verdict[packet] = VERDICT_UNMATCHED;
		return STACK_REFUSED;
	}
	if (unlikely(p->flags & bad)) {
		if (!(p->flags & PACKET_MALFORMED))
			p->reason = MALFORMED_IP_LENGTH;
		p->flags |= PACKET_MALFORMED;
		s->counters->malformed++;
		stack_raise_packet_tmpl(s, b, packet, NULL, f, h);
		if (f.malformed_drop)
			burst_drop(b, packet, VERDICT_DROP_MALFORMED, BURST_NO_NF);
		return STACK_REFUSED;
	}
	if (unlikely(!stack_checksum_right_tmpl(s, p, f)))
		return STACK_SEEN;
	if (unlikely(p->flags & PACKET_FRAGMENT)) {
		s->counters->fragments++;
		if (f.unheard && p->proto == 6)
			burst_drop(b, packet, VERDICT_DROP_UNHEARD, BURST_NO_NF);
		return STACK_SEEN;
	}
	return STACK_TAKEN;
}
