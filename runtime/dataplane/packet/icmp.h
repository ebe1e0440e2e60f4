/* What ICMP and ICMPv6 messages are for (RFC 792, 950, 4443). */
#pragma once

#include "packet.h"

enum icmp_class {
	ICMP_CLASS_OTHER = 0, /* concerns no flow: routers, neighbours, groups */
	ICMP_CLASS_REQUEST,   /* a query, with an identifier */
	ICMP_CLASS_REPLY,
	ICMP_CLASS_ERROR, /* quotes the datagram that it is about */
};

/* What an error says; the catalog's IcmpErrorKind in the same order. */
enum icmp_kind {
	ICMP_KIND_UNREACHABLE = 0,
	ICMP_KIND_TOO_BIG, /* needs fragments that may not be made, or fits no link */
	ICMP_KIND_TIME_EXCEEDED,
	ICMP_KIND_PARAMETER_PROBLEM,
	ICMP_KIND_REDIRECT,
	ICMP_KIND_SOURCE_QUENCH,
};

static inline enum icmp_class icmp4_class(uint8_t type)
{
	switch (type) {
	case 8:	 /* echo */
	case 13: /* timestamp */
	case 15: /* information */
	case 17: /* address mask */
		return ICMP_CLASS_REQUEST;
	case 0:
	case 14:
	case 16:
	case 18:
		return ICMP_CLASS_REPLY;
	case 3:
	case 4:
	case 5:
	case 11:
	case 12:
		return ICMP_CLASS_ERROR;
	default:
		return ICMP_CLASS_OTHER;
	}
}

static inline enum icmp_class icmp6_class(uint8_t type)
{
	switch (type) {
	case 128:
		return ICMP_CLASS_REQUEST;
	case 129:
		return ICMP_CLASS_REPLY;
	case 1:
	case 2:
	case 3:
	case 4:
		return ICMP_CLASS_ERROR;
	default:
		return ICMP_CLASS_OTHER;
	}
}

/* Of a packet with PACKET_ICMP. */
static inline enum icmp_class packet_icmp_class(const struct packet *p)
{
	uint8_t type = (uint8_t)(p->sport >> 8);

	return (p->flags & PACKET_IP6) != 0 ? icmp6_class(type) : icmp4_class(type);
}
