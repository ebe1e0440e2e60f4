/* The datagram that an ICMP error quotes: its first bytes, as the host that
 * reports it has seen it. */
#pragma once

#include "icmp.h"

struct icmp_quote {
	struct flow_key key; /* the flow's, in the zone of the error itself */
	uint8_t reversed;    /* 1: the quoted source is the key's second end */
	uint8_t proto;
	uint8_t kind;	/* enum icmp_kind */
	bool to_sender; /* the error goes to who sent the datagram (RFC 1122, 3.2.2) */
	uint32_t seq;	/* TCP */
	uint32_t mtu;	/* of the next link where the error says it, else 0 */
};

/* Reads the quote of an ICMP_CLASS_ERROR. False where it names no flow: no IP header,
 * fewer than the 8 bytes of transport header that RFC 792 asks for, a later
 * fragment, a protocol without flows, an ICMP error. Lengths and checksums of the
 * quoted header are not looked at: routers have changed them, and Linux does not
 * either. What RFC 4884 puts behind the datagram comes after 128 bytes of it. */
bool packet_icmp_quote(const struct packet *p, struct icmp_quote *q);
