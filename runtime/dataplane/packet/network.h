/* IPv4 and IPv6, to the transport header or to what cannot be followed. */
#pragma once

#include "link.h"

#define IP4_HEADER_LEN 20
#define IP6_HEADER_LEN 40
#define IP4_MORE_FRAGMENTS 0x2000
#define IP4_FRAGMENT_OFFSET 0x1fff
#define IP6_MORE_FRAGMENTS 0x0001
#define IP6_FRAGMENT_OFFSET 0xfff8

/* IP protocols and IPv6 extension headers (IANA). */
enum ip_protocol {
	IP_PROTO_HOP_BY_HOP = 0,
	IP_PROTO_ICMP = 1,
	IP_PROTO_TCP = 6,
	IP_PROTO_UDP = 17,
	IP_PROTO_ROUTING = 43,
	IP_PROTO_FRAGMENT = 44,
	IP_PROTO_AH = 51,
	IP_PROTO_ICMP6 = 58,
	IP_PROTO_NONE = 59,
	IP_PROTO_DESTINATION = 60,
	IP_PROTO_MOBILITY = 135,
	IP_PROTO_HIP = 139,
	IP_PROTO_SHIM6 = 140,
};

/* Ends the view `len` bytes after `start`, as a header says; what lies beyond is
 * padding. False when neither the frame nor the wire had that much. */
static inline bool view_narrow(struct packet_view *v, uint32_t start, uint32_t len)
{
	uint32_t have = v->end - start;

	if (likely(len <= have)) {
		v->end = start + len;
		v->missing = 0;
		return true;
	}
	if (len > have + v->missing)
		return false;
	v->missing = len - have;
	return true;
}

/* Sets p->proto and p->payload, the offset after the IP header. A total length
 * of 0 is what a capture has of a frame that the device was to segment. */
static inline bool ip4_parse(struct packet *p, struct packet_view *v)
{
	const uint8_t *ip = v->bytes + p->l3;
	uint16_t total, fragment;
	uint32_t header;

	if (unlikely(!view_has(v, p->l3, IP4_HEADER_LEN)))
		return packet_fail(p, MALFORMED_IP_SHORT);
	if (unlikely(ip[0] >> 4 != 4))
		return packet_fail(p, MALFORMED_IP_VERSION);
	header = (ip[0] & 0x0fu) * 4;
	if (unlikely(header < IP4_HEADER_LEN || !view_has(v, p->l3, header)))
		return packet_fail(p, MALFORMED_IP_HEADER_LENGTH);
	total = view_u16(v, p->l3 + 2u);
	if (unlikely(total != 0 && (total < header || !view_narrow(v, p->l3, total))))
		return packet_fail(p, MALFORMED_IP_LENGTH);
	p->flags |= PACKET_IP4;
	p->proto = ip[9];
	p->payload = (uint16_t)(p->l3 + header);
	fragment = view_u16(v, p->l3 + 6u);
	if (unlikely((fragment & (IP4_MORE_FRAGMENTS | IP4_FRAGMENT_OFFSET)) != 0))
		p->flags |= PACKET_FRAGMENT;
	return true;
}

/* Bytes of an extension header; 0 when `next` is none. `at` has 8 bytes, which
 * every extension header has at least. */
static inline uint32_t ip6_extension_len(uint8_t next, const uint8_t *at)
{
	switch (next) {
	case IP_PROTO_HOP_BY_HOP:
	case IP_PROTO_ROUTING:
	case IP_PROTO_DESTINATION:
	case IP_PROTO_MOBILITY:
	case IP_PROTO_HIP:
	case IP_PROTO_SHIM6:
		return (at[1] + 1u) * 8;
	case IP_PROTO_AH: /* in units of four bytes, less two (RFC 4302, section 2.2) */
		return (at[1] + 2u) * 4;
	case IP_PROTO_FRAGMENT:
		return 8;
	default:
		return 0;
	}
}

static inline bool ip6_is_extension(uint8_t next)
{
	static const uint8_t none[8];

	return ip6_extension_len(next, none) != 0;
}

/* Follows the chain (RFC 8200, section 4). A fragment ends it, p->payload being
 * the fragment's data; its header is the 8 bytes before. An atomic fragment is a
 * whole datagram (RFC 6946). */
static __rte_noinline bool ip6_parse_extensions(struct packet *p, struct packet_view *v)
{
	for (unsigned int count = 0; ip6_is_extension(p->proto); count++) {
		const uint8_t *at = v->bytes + p->payload;
		uint8_t type = p->proto;
		uint32_t len;

		if (count == PACKET_EXTENSIONS_MAX)
			return packet_fail(p, MALFORMED_TOO_MANY_HEADERS);
		/* Hop-by-hop is the first or unknown: the host refuses it. */
		if (type == IP_PROTO_HOP_BY_HOP && count != 0)
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		if (!view_has(v, p->payload, 8))
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		len = ip6_extension_len(type, at);
		if (!view_has(v, p->payload, len))
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		p->proto = at[0];
		p->payload = (uint16_t)(p->payload + len);
		if (type == IP_PROTO_FRAGMENT &&
		    (view_u16(v, p->payload - 6u) & (IP6_FRAGMENT_OFFSET | IP6_MORE_FRAGMENTS))) {
			p->flags |= PACKET_FRAGMENT;
			return true;
		}
	}
	return true;
}

/* As ip4_parse(). Jumbograms (RFC 2675) have a payload length of 0 and a
 * hop-by-hop header; no link of ours carries them. */
static inline bool ip6_parse(struct packet *p, struct packet_view *v)
{
	const uint8_t *ip = v->bytes + p->l3;
	uint16_t len;

	if (unlikely(!view_has(v, p->l3, IP6_HEADER_LEN)))
		return packet_fail(p, MALFORMED_IP_SHORT);
	if (unlikely(ip[0] >> 4 != 6))
		return packet_fail(p, MALFORMED_IP_VERSION);
	len = view_u16(v, p->l3 + 4u);
	if (unlikely(len == 0 && ip[6] == IP_PROTO_HOP_BY_HOP))
		return packet_fail(p, MALFORMED_IP_LENGTH);
	if (unlikely(!view_narrow(v, p->l3, IP6_HEADER_LEN + (uint32_t)len)))
		return packet_fail(p, MALFORMED_IP_LENGTH);
	p->flags |= PACKET_IP6;
	p->proto = ip[6];
	p->payload = (uint16_t)(p->l3 + IP6_HEADER_LEN);
	return !ip6_is_extension(p->proto) || ip6_parse_extensions(p, v);
}
