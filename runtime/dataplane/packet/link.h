/* From the start of the frame to its network header. */
#pragma once

#include "view.h"
#include "zone.h"

#define ETH_TYPE_IP4 0x0800
#define ETH_TYPE_IP6 0x86dd
#define ETH_TYPE_MPLS 0x8847
#define ETH_TYPE_MPLS_MULTICAST 0x8848
#define ETH_TYPE_PPPOE 0x8864
#define ETH_HEADER_LEN 14
#define VLAN_TAG_LEN 4
#define VLAN_ID_MASK 0x0fff

/* C-tag, S-tag, and what was used for outer tags before 802.1ad. */
static inline bool eth_type_is_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200 ||
	       type == 0x9300;
}

/* Skips VLAN tags, any number: the frame bounds them. p->eth_type and p->l3 are
 * of the first one. */
static __rte_noinline bool link_parse_tags(struct packet *p, struct packet_view *v)
{
	uint16_t offset = p->l3;

	p->l3 = 0;
	while (eth_type_is_tag(p->eth_type)) {
		uint16_t id;

		if (!view_has(v, offset, VLAN_TAG_LEN))
			return packet_fail(p, MALFORMED_VLAN_SHORT);
		id = view_u16(v, offset) & VLAN_ID_MASK;
		if (!(p->flags & PACKET_VLAN)) {
			p->flags |= PACKET_VLAN;
			p->vlan = id;
		}
		zone_add_tag(&v->zone, id);
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
static inline bool link_parse_raw(struct packet *p, struct packet_view *v)
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
	if (likely(p->eth_type == ETH_TYPE_IP4) || !eth_type_is_tag(p->eth_type))
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
