/* Extension headers of IPv6, and the one that IPv4 has too, as the host that is their destination
 * takes them: what it refuses is malformed, whoever else might have taken it. */
#include "network.h"

#define EXTENSION_LEN_MAX (256 * 8)
#define OPTION_PAD1 0
#define OPTION_PADN 1
#define OPTION_ROUTER_ALERT 5
#define OPTION_CALIPSO 7   /* RFC 5570: refused where no domain is configured */
#define OPTION_IOAM 0x31   /* RFC 9486: refused where it is not aligned */
#define OPTION_ACTION 0xc0 /* 0: skipped where unknown, else the packet is discarded */
#define OPTIONS_MAX 8	   /* of a header; net.ipv6.max_dst_opts_number and max_hbh_opts_number */
#define PADDING_MAX 7	   /* bytes in a row: more align nothing (RFC 4942, section 2.1.9.5) */

enum routing_type {
	ROUTING_SOURCE = 0, /* RFC 5095 takes it back */
	ROUTING_MOBILITY = 2,
	ROUTING_RPL = 3,
	ROUTING_SEGMENTS = 4,
};

/* PadN of `len` bytes with its own header: its data are zero. */
static bool padding_is_zero(const uint8_t *option, uint32_t len)
{
	for (uint32_t i = 2; i < len; i++)
		if (option[i] != 0)
			return false;
	return true;
}

/* Whether a node goes on behind an option, `at` bytes into its header (RFC 8200,
 * section 4.2). Linux knows those named here, hop by hop. */
static bool option_is_skipped(const uint8_t *option, uint32_t at, bool hop_by_hop)
{
	if (hop_by_hop) {
		switch (option[0]) {
		case OPTION_ROUTER_ALERT:
			return option[1] == 2;
		case OPTION_CALIPSO:
			return false;
		case OPTION_IOAM:
			return at % 4 == 0;
		default:
			break;
		}
	}
	return (option[0] & OPTION_ACTION) == 0;
}

/* `at` is the header, `len` its bytes. */
static bool options_are_accepted(const uint8_t *at, uint32_t len, bool hop_by_hop)
{
	uint32_t padding = 0, count = 0, size;

	for (uint32_t i = 2; i < len; i += size) {
		const uint8_t *option = at + i;

		size = 1;
		if (option[0] == OPTION_PAD1) {
			if (++padding > PADDING_MAX)
				return false;
			continue;
		}
		if (len - i < 2 || option[1] + 2u > len - i)
			return false;
		size = option[1] + 2u;
		if (option[0] == OPTION_PADN) {
			padding += size;
			if (padding > PADDING_MAX || !padding_is_zero(option, size))
				return false;
			continue;
		}
		padding = 0;
		if (++count > OPTIONS_MAX || !option_is_skipped(option, i, hop_by_hop))
			return false;
	}
	return true;
}

/* With segments left only nodes that know the type bring a packet on (RFC 8200,
 * section 4.4; RFC 5095 takes type 0 back). */
static bool routing_is_accepted(const uint8_t *at)
{
	uint8_t type = at[2], segments_left = at[3];

	return segments_left == 0 || type == ROUTING_MOBILITY || type == ROUTING_RPL ||
	       type == ROUTING_SEGMENTS;
}

/* Whether the node that the packet is at delivers what follows: it is not the last
 * one, or it has to be configured for the type, which hosts are not. */
static bool routing_delivers(const uint8_t *at)
{
	return at[3] == 0 && at[2] != ROUTING_RPL && at[2] != ROUTING_SEGMENTS;
}

static bool extension_is_accepted(const struct packet_view *v, uint32_t offset, uint8_t type,
				  uint32_t len)
{
	uint8_t copy[EXTENSION_LEN_MAX];
	const uint8_t *at;

	switch (type) {
	case IP_PROTO_HOP_BY_HOP:
	case IP_PROTO_DESTINATION:
		at = v->bytes + offset;
		if (offset + len > v->contiguous)
			at = rte_pktmbuf_read(v->mbuf, offset, len, copy);
		return at != NULL && options_are_accepted(at, len, type == IP_PROTO_HOP_BY_HOP);
	case IP_PROTO_ROUTING:
		return routing_is_accepted(v->bytes + offset);
	case IP_PROTO_AUTHENTICATION:
		return len >= AUTHENTICATION_LEN_MIN;
	default:
		return true;
	}
}

/* Where no transport is delivered the packet is one of its routing header. What a
 * tunnel has behind one is on its way to the tunnel's end, and is looked at. */
static void extensions_end(struct packet *p, uint16_t undelivered)
{
	if (undelivered == 0 || p->proto == IP_PROTO_IP4 || p->proto == IP_PROTO_IP6 ||
	    p->proto == IP_PROTO_GRE)
		return;
	p->proto = IP_PROTO_ROUTING;
	p->payload = undelivered;
}

bool ip4_parse_authentication(struct packet *p, struct packet_view *v)
{
	p->flags |= PACKET_AUTHENTICATED;
	while (p->proto == IP_PROTO_AUTHENTICATION) {
		uint16_t offset = p->payload;
		uint32_t len;

		if (!view_has(v, offset, AUTHENTICATION_LEN_MIN))
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		len = authentication_len(v->bytes + offset);
		if (len < AUTHENTICATION_LEN_MIN || len > v->end - offset ||
		    offset + len > UINT16_MAX)
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		p->proto = v->bytes[offset];
		p->payload = (uint16_t)(offset + len);
	}
	return true;
}

bool ip6_parse_extensions(struct packet *p, struct packet_view *v)
{
	uint16_t first = p->payload, undelivered = 0;
	bool fragmented = false;

	while (ip6_is_extension(p->proto)) {
		uint16_t offset = p->payload;
		uint8_t type = p->proto;
		uint32_t len;

		if (!view_has(v, offset, 8))
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		len = ip6_extension_len(type, v->bytes + offset);
		if (len > v->end - offset || offset + len > UINT16_MAX)
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		/* Elsewhere hop-by-hop is unknown; in a fragment there are no fragments. */
		if ((type == IP_PROTO_HOP_BY_HOP && offset != first) ||
		    (type == IP_PROTO_FRAGMENT && fragmented))
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		if (!extension_is_accepted(v, offset, type, len))
			return packet_fail(p, MALFORMED_IP_EXTENSION);
		if (type == IP_PROTO_ROUTING && !routing_delivers(v->bytes + offset) &&
		    undelivered == 0)
			undelivered = offset;
		if (type == IP_PROTO_AUTHENTICATION)
			p->flags |= PACKET_AUTHENTICATED;
		p->proto = v->bytes[offset];
		p->payload = (uint16_t)(offset + len);
		if (type != IP_PROTO_FRAGMENT)
			continue;
		fragmented = true;
		if (view_u16(v, offset + 2u) & (IP6_FRAGMENT_OFFSET | IP6_MORE_FRAGMENTS)) {
			p->flags |= PACKET_FRAGMENT;
			return true;
		}
	}
	extensions_end(p, undelivered);
	return true;
}
