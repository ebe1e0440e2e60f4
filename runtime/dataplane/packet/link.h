/* From the start of the frame to its network header. */
#pragma once

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <stdint.h>
#include <string.h>

#include "packet.h"

#define ETH_TYPE_IP4 0x0800
#define ETH_TYPE_IP6 0x86dd
#define ETH_HEADER_LEN 14
#define VLAN_TAG_LEN 4
#define VLAN_ID_MASK 0x0fff

/* What the parser may look at. A header has to be within `contiguous` and within
 * its datagram; `end` is that of the innermost datagram so far. */
struct packet_view {
	const uint8_t *bytes;
	uint32_t contiguous; /* bytes in the first segment */
	uint32_t end;	     /* of the frame, then of the IP datagram */
	uint32_t missing;    /* bytes after `end` that the capture did not keep */
	uint16_t zone;
};

static inline bool view_has(const struct packet_view *v, uint32_t offset, uint32_t len)
{
	return offset + len <= v->contiguous && offset + len <= v->end;
}

static inline uint16_t view_u16(const struct packet_view *v, uint32_t offset)
{
	uint16_t value;

	memcpy(&value, v->bytes + offset, sizeof(value));
	return rte_be_to_cpu_16(value);
}

static inline uint32_t view_u32(const struct packet_view *v, uint32_t offset)
{
	uint32_t value;

	memcpy(&value, v->bytes + offset, sizeof(value));
	return rte_be_to_cpu_32(value);
}

static inline bool packet_fail(struct packet *p, enum packet_malformed_reason reason)
{
	p->flags |= PACKET_MALFORMED;
	p->reason = (uint8_t)reason;
	return false;
}

/* Two tags in the 16 bits of a zone. Never the zone of a single tag, which is at
 * most 4095; of two stacks of tags, different with 61439 chances in 61440. */
static inline uint16_t zone_of_two_tags(uint16_t outer, uint16_t inner)
{
	uint32_t mixed = ((uint32_t)outer << 12 | inner) * 0x9e3779b1u;

	return (uint16_t)(0x1000 + (uint16_t)(((uint64_t)mixed * 0xf000) >> 32));
}

static inline bool eth_type_is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* Skips VLAN tags; p->eth_type and p->l3 are of the first one. */
static __rte_noinline bool link_parse_tags(struct packet *p, struct packet_view *v)
{
	uint16_t offset = p->l3;

	p->l3 = 0;
	for (unsigned int tag = 0; eth_type_is_tag(p->eth_type); tag++) {
		uint16_t id;

		if (tag == PACKET_TAGS_MAX)
			return packet_fail(p, MALFORMED_TOO_MANY_HEADERS);
		if (!view_has(v, offset, VLAN_TAG_LEN))
			return packet_fail(p, MALFORMED_VLAN_SHORT);
		id = view_u16(v, offset) & VLAN_ID_MASK;
		if (tag == 0) {
			p->flags |= PACKET_VLAN;
			p->vlan = id;
			v->zone = id;
		} else if (tag == 1) {
			v->zone = zone_of_two_tags(p->vlan, id);
		}
		p->eth_type = view_u16(v, offset + 2);
		offset += VLAN_TAG_LEN;
	}
	p->l3 = offset;
	return true;
}

/* BSD loopback: an address family in the byte order of the machine that
 * captured. AF_INET is 2 everywhere, AF_INET6 is not. */
static inline uint16_t loopback_eth_type(uint32_t family)
{
	if (family > 0xffff)
		family = rte_bswap32(family);
	switch (family) {
	case 2:
		return ETH_TYPE_IP4;
	case 10:
	case 23:
	case 24:
	case 28:
	case 30:
		return ETH_TYPE_IP6;
	default:
		return 0;
	}
}

/* An IP header at once; its version tells which. */
static inline bool link_parse_raw(struct packet *p, const struct packet_view *v)
{
	if (!view_has(v, 0, 1))
		return packet_fail(p, MALFORMED_IP_SHORT);
	switch (v->bytes[0] >> 4) {
	case 4:
		p->eth_type = ETH_TYPE_IP4;
		return true;
	case 6:
		p->eth_type = ETH_TYPE_IP6;
		return true;
	default:
		return packet_fail(p, MALFORMED_IP_VERSION);
	}
}

/* A header of fixed length with the protocol, an Ethernet type, somewhere in it. */
static __rte_always_inline bool link_parse_fixed(struct packet *p, struct packet_view *v,
						 uint16_t len, uint16_t type_at)
{
	if (unlikely(!view_has(v, 0, len)))
		return packet_fail(p, MALFORMED_ETH_SHORT);
	p->eth_type = view_u16(v, type_at);
	p->l3 = len;
	if (likely(!eth_type_is_tag(p->eth_type)))
		return true;
	return link_parse_tags(p, v);
}

/* Sets eth_type and l3. */
static __rte_always_inline bool link_parse(struct packet *p, struct packet_view *v,
					   enum link_type link)
{
	switch (link) {
	case LINK_ETHERNET:
		if (unlikely(!view_has(v, 0, ETH_HEADER_LEN)))
			return packet_fail(p, MALFORMED_ETH_SHORT);
		p->flags |= PACKET_ETH;
		return link_parse_fixed(p, v, ETH_HEADER_LEN, 12);
	case LINK_RAW_IP:
		return link_parse_raw(p, v);
	case LINK_COOKED:
		return link_parse_fixed(p, v, 16, 14);
	case LINK_COOKED2:
		return link_parse_fixed(p, v, 20, 0);
	case LINK_NULL:
		if (!view_has(v, 0, 4))
			return packet_fail(p, MALFORMED_ETH_SHORT);
		p->eth_type = loopback_eth_type(view_u32(v, 0));
		p->l3 = 4;
		return true;
	}
	return packet_fail(p, MALFORMED_ETH_SHORT);
}
