/* TCP, UDP and ICMP headers. Each starts at p->payload and moves it behind
 * itself; on failure p->payload stays. */
#pragma once

#include "icmp.h"
#include "network.h"

#define TCP_HEADER_LEN 20
#define UDP_HEADER_LEN 8
#define ICMP_HEADER_LEN 8

/* Options are not looked at: a host skips the bad ones and takes the segment,
 * so a segment with bad options is not malformed. */
static inline bool tcp_parse(struct packet *p, struct packet_view *v)
{
	uint32_t at = p->payload;
	uint32_t header;

	if (unlikely(!view_has(v, at, TCP_HEADER_LEN)))
		return packet_fail(p, MALFORMED_TCP_SHORT);
	header = (v->bytes[at + 12] >> 4) * 4u;
	if (unlikely(header < TCP_HEADER_LEN || !view_has(v, at, header)))
		return packet_fail(p, MALFORMED_TCP_OFFSET);
	p->flags |= PACKET_TCP;
	p->l4 = (uint16_t)at;
	p->payload = (uint16_t)(at + header);
	p->sport = view_u16(v, at);
	p->dport = view_u16(v, at + 2);
	p->seq = view_u32(v, at + 4);
	p->ack = view_u32(v, at + 8);
	p->tcp_flags = v->bytes[at + 13];
	p->window = view_u16(v, at + 14);
	p->urgent = view_u16(v, at + 18);
	return true;
}

static inline bool udp_parse(struct packet *p, struct packet_view *v)
{
	uint32_t at = p->payload;
	uint16_t len;

	if (unlikely(!view_has(v, at, UDP_HEADER_LEN)))
		return packet_fail(p, MALFORMED_UDP_SHORT);
	len = view_u16(v, at + 4);
	/* Over IPv6, 0 is the rest of the packet: RFC 2675, section 4, and Linux without
	 * a jumbogram. */
	if (unlikely(len == 0 && (p->flags & PACKET_IP6)))
		len = (uint16_t)RTE_MIN(v->end - at + v->missing, (uint32_t)UINT16_MAX);
	if (unlikely(len < UDP_HEADER_LEN || !view_narrow(v, at, len)))
		return packet_fail(p, MALFORMED_UDP_LENGTH);
	p->flags |= PACKET_UDP;
	p->l4 = (uint16_t)at;
	p->payload = (uint16_t)(at + UDP_HEADER_LEN);
	p->sport = view_u16(v, at);
	p->dport = view_u16(v, at + 2);
	return true;
}

/* Queries carry an identifier, which stands for both ports. */
static inline bool icmp_parse(struct packet *p, struct packet_view *v)
{
	uint32_t at = p->payload;

	if (unlikely(!view_has(v, at, ICMP_HEADER_LEN)))
		return packet_fail(p, MALFORMED_ICMP_SHORT);
	p->flags |= PACKET_ICMP;
	p->l4 = (uint16_t)at;
	p->payload = (uint16_t)(at + ICMP_HEADER_LEN);
	p->sport = view_u16(v, at);
	if (packet_icmp_class(p) == ICMP_CLASS_REQUEST || packet_icmp_class(p) == ICMP_CLASS_REPLY)
		p->dport = view_u16(v, at + 4);
	return true;
}

static inline bool transport_parse(struct packet *p, struct packet_view *v)
{
	if (likely(p->proto == IP_PROTO_TCP))
		return tcp_parse(p, v);
	if (p->proto == IP_PROTO_UDP)
		return udp_parse(p, v);
	if (p->proto == ((p->flags & PACKET_IP6) != 0 ? IP_PROTO_ICMP6 : IP_PROTO_ICMP))
		return icmp_parse(p, v);
	return true;
}
