/* The parser has a short way for usual frames. A frame that says its length on the
 * wire goes the long one: both have to say the same. */
#pragma once

#include <string.h>

#include "packet/dynfield.h"
#include "packet/packet.h"

/* Fields for mbufs of our own making, where no EAL gives them. */
static inline void dynfields_fake(void)
{
	packet_dynfields.time = offsetof(struct rte_mbuf, dynfield1);
	packet_dynfields.wire_length = packet_dynfields.time + (int)sizeof(uint64_t);
	packet_dynfields.time_set = 1ull << 30;
	packet_dynfields.length_set = 1ull << 31;
}

static inline bool same_packet(const struct packet *a, const struct packet *b)
{
	return a->mbuf == b->mbuf && a->time == b->time && a->flags == b->flags && a->l3 == b->l3 &&
	       a->l4 == b->l4 && a->payload == b->payload && a->payload_len == b->payload_len &&
	       a->payload_missing == b->payload_missing && a->sport == b->sport &&
	       a->dport == b->dport && a->eth_type == b->eth_type && a->vlan == b->vlan &&
	       a->proto == b->proto && a->tcp_flags == b->tcp_flags && a->reason == b->reason &&
	       a->reversed == b->reversed && a->seq == b->seq && a->ack == b->ack &&
	       a->window == b->window && a->urgent == b->urgent && a->l2 == b->l2 &&
	       a->decap == b->decap && a->link == b->link && a->hash == b->hash &&
	       memcmp(&a->key, &b->key, sizeof(a->key)) == 0;
}

/* Whether both ways agree on a frame. */
static inline bool ways_agree(struct rte_mbuf *m, enum link_type link)
{
	struct packet usual, general;
	uint64_t flags = m->ol_flags;

	memset(&usual, 0xa5, sizeof(usual));
	memset(&general, 0xa5, sizeof(general));
	packet_parse(&usual, m, link);
	packet_mbuf_set_wire_length(m, m->pkt_len);
	packet_parse(&general, m, link);
	m->ol_flags = flags;
	return same_packet(&usual, &general);
}
