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
	IP_PROTO_IP4 = 4, /* RFC 2003 */
	IP_PROTO_TCP = 6,
	IP_PROTO_UDP = 17,
	IP_PROTO_IP6 = 41, /* RFC 4213, RFC 2473 */
	IP_PROTO_ROUTING = 43,
	IP_PROTO_FRAGMENT = 44,
	IP_PROTO_GRE = 47,
	IP_PROTO_AUTHENTICATION = 51,
	IP_PROTO_ICMP6 = 58,
	IP_PROTO_NONE = 59,
	IP_PROTO_DESTINATION = 60,
};

#define AUTHENTICATION_LEN_MIN 12

/* In units of four bytes, less two, also in IPv6 (RFC 4302, section 2.2). */
static inline uint32_t authentication_len(const uint8_t *at)
{
	return (at[1] + 2u) * 4;
}

/* Goes behind IPv4 authentication headers: what they vouch for is in clear. Each
 * takes 12 bytes of the frame at least. */
bool ip4_parse_authentication(struct packet *p, struct packet_view *v);

/* Sets p->proto and p->payload, the offset after the IP header. A total length
 * of 0 is what a capture has of a frame that the device was to segment. */
static inline bool ip4_parse(struct packet *p, struct packet_view *v)
{
	const uint8_t *ip;
	uint16_t total, fragment;
	uint32_t header;

	if (unlikely(!view_has(v, p->l3, IP4_HEADER_LEN)))
		return packet_fail(p, MALFORMED_IP_SHORT);
	header = v->bytes[p->l3];
	if (unlikely(header >> 4 != 4))
		return packet_fail(p, MALFORMED_IP_VERSION);
	header = (header & 0x0fu) * 4;
	if (unlikely(header < IP4_HEADER_LEN || !view_has(v, p->l3, header)))
		return packet_fail(p, MALFORMED_IP_HEADER_LENGTH);
	ip = v->bytes + p->l3;
	total = view_u16(v, p->l3 + 2u);
	if (unlikely(total != 0 && (total < header || !view_narrow(v, p->l3, total))))
		return packet_fail(p, MALFORMED_IP_LENGTH);
	p->flags |= total != 0 ? PACKET_IP4 : PACKET_IP4 | PACKET_UNSIZED;
	p->proto = ip[9];
	p->payload = (uint16_t)(p->l3 + header);
	v->ip = ip;
	fragment = view_u16(v, p->l3 + 6u);
	if (unlikely((fragment & (IP4_MORE_FRAGMENTS | IP4_FRAGMENT_OFFSET)) != 0))
		p->flags |= PACKET_FRAGMENT;
	else if (unlikely(p->proto == IP_PROTO_AUTHENTICATION))
		return ip4_parse_authentication(p, v);
	return true;
}

/* Bytes of an extension header; 0 when `next` is none. `at` has 8 bytes, which
 * every extension header has at least. Those behind which a host delivers nothing
 * are left out: mobility, HIP, Shim6. */
static inline uint32_t ip6_extension_len(uint8_t next, const uint8_t *at)
{
	switch (next) {
	case IP_PROTO_HOP_BY_HOP:
	case IP_PROTO_ROUTING:
	case IP_PROTO_DESTINATION:
		return (at[1] + 1u) * 8;
	case IP_PROTO_FRAGMENT:
		return 8;
	case IP_PROTO_AUTHENTICATION:
		return authentication_len(at);
	default:
		return 0;
	}
}

static inline bool ip6_is_extension(uint8_t next)
{
	static const uint8_t none[8];

	return ip6_extension_len(next, none) != 0;
}

/* Follows the chain (RFC 8200, section 4), as far as it goes: each header takes 8
 * bytes of the frame at least. A fragment ends it, p->payload being the fragment's
 * data; its header is the 8 bytes before. An atomic fragment is a whole datagram
 * (RFC 6946). */
bool ip6_parse_extensions(struct packet *p, struct packet_view *v);

/* As ip4_parse(). Jumbograms (RFC 2675) have a payload length of 0 and a
 * hop-by-hop header; no link of ours carries them. */
static inline bool ip6_parse(struct packet *p, struct packet_view *v)
{
	const uint8_t *ip;
	uint16_t len;

	if (unlikely(!view_has(v, p->l3, IP6_HEADER_LEN)))
		return packet_fail(p, MALFORMED_IP_SHORT);
	ip = v->bytes + p->l3;
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
	v->ip = ip;
	return !ip6_is_extension(p->proto) || ip6_parse_extensions(p, v);
}
