/* Headers of tunnels: from one that begins at p->l3 (below IP) or p->payload (in
 * IP or UDP) to what it carries. */
#pragma once

#include "transport.h"

#define PORT_VXLAN 4789
#define PORT_VXLAN_LINUX 8472 /* Linux' default, older than the assigned one */
#define PORT_GENEVE 6081

#define MPLS_BOTTOM 0x100 /* of the stack (RFC 3032, section 2.1) */
#define PPPOE_HEADER_LEN 6
#define VXLAN_HEADER_LEN 8
#define VXLAN_HAS_VNI 0x08
#define GENEVE_HEADER_LEN 8
#define ETH_TYPE_ARP 0x0806
#define ETH_TYPE_PPPOE_DISCOVERY 0x8863

/* Flags of GRE (RFC 2784, RFC 2890), its version, and the routing that RFC 1701
 * had and no host takes. */
enum gre_flag {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_VERSION = 0x0007,
};

enum gre_protocol {
	GRE_ETHERNET = 0x6558,
	GRE_ERSPAN = 0x88be,
	GRE_ERSPAN3 = 0x22eb,
};

enum ppp_protocol {
	PPP_IP4 = 0x0021,
	PPP_IP6 = 0x0057,
	PPP_MPLS = 0x0281,
};

enum tunnel_inner {
	INNER_NONE = 0, /* no tunnel, or of something that is no packet */
	INNER_NETWORK,
	INNER_ETHERNET,
};

/* What a tunnel's header leads to. */
struct tunnel {
	uint8_t kind;  /* enum packet_tunnel */
	uint8_t inner; /* enum tunnel_inner */
	uint8_t fault; /* enum packet_tunnel_fault */
	uint16_t eth_type;
	uint32_t at;
};

static inline struct tunnel tunnel_fault(enum packet_tunnel_fault fault)
{
	return (struct tunnel){.fault = (uint8_t)fault};
}

static inline struct tunnel tunnel_none(void)
{
	return (struct tunnel){.inner = INNER_NONE};
}

static inline struct tunnel tunnel_network(enum packet_tunnel kind, uint16_t eth_type, uint32_t at)
{
	return (struct tunnel){
	    .kind = (uint8_t)kind, .inner = INNER_NETWORK, .eth_type = eth_type, .at = at};
}

static inline struct tunnel tunnel_ethernet(enum packet_tunnel kind, uint32_t at)
{
	return (struct tunnel){.kind = (uint8_t)kind, .inner = INNER_ETHERNET, .at = at};
}

static inline bool eth_type_is_likely(uint16_t type)
{
	return type == ETH_TYPE_IP4 || type == ETH_TYPE_IP6 || eth_type_is_tag(type) ||
	       type == ETH_TYPE_MPLS || type == ETH_TYPE_MPLS_MULTICAST || type == ETH_TYPE_PPPOE ||
	       type == ETH_TYPE_PPPOE_DISCOVERY || type == ETH_TYPE_ARP;
}

static inline bool ethernet_is_likely(struct packet_view *v, uint32_t at)
{
	return view_has(v, at, ETH_HEADER_LEN) && eth_type_is_likely(view_u16(v, at + 12));
}

/* A pseudo-wire. A first nibble of 0 is that of a control word (RFC 4385, section
 * 3) or of an Ethernet address, which the type behind it tells apart; 1 is that of a
 * channel beside the packets. */
static inline struct tunnel tunnel_pseudowire(struct packet_view *v, uint32_t at)
{
	uint8_t nibble = v->bytes[at] >> 4;

	if (nibble == 0 && ethernet_is_likely(v, at + 4))
		return tunnel_ethernet(TUNNEL_MPLS, at + 4);
	if (ethernet_is_likely(v, at))
		return tunnel_ethernet(TUNNEL_MPLS, at);
	if (nibble == 0 && !view_has(v, at, 4 + ETH_HEADER_LEN))
		return tunnel_fault(TUNNEL_SHORT);
	return tunnel_none();
}

/* No label says what is below the stack; IP is told by its version. Labels are a way
 * and no network: the last hop before here may have taken those of one direction off. */
static inline struct tunnel tunnel_mpls(struct packet_view *v, uint32_t at)
{
	uint32_t entry;

	do {
		if (!view_has(v, at, 4))
			return tunnel_fault(TUNNEL_SHORT);
		entry = view_u32(v, at);
		at += 4;
	} while (!(entry & MPLS_BOTTOM));
	if (!view_has(v, at, 1))
		return tunnel_fault(TUNNEL_SHORT);
	switch (v->bytes[at] >> 4) {
	case 4:
		return tunnel_network(TUNNEL_MPLS, ETH_TYPE_IP4, at);
	case 6:
		return tunnel_network(TUNNEL_MPLS, ETH_TYPE_IP6, at);
	default:
		return tunnel_pseudowire(v, at);
	}
}

static inline struct tunnel ppp_payload(uint16_t protocol, uint32_t at)
{
	switch (protocol) {
	case PPP_IP4:
		return tunnel_network(TUNNEL_PPPOE, ETH_TYPE_IP4, at);
	case PPP_IP6:
		return tunnel_network(TUNNEL_PPPOE, ETH_TYPE_IP6, at);
	case PPP_MPLS:
		return tunnel_network(TUNNEL_PPPOE, ETH_TYPE_MPLS, at);
	default: /* link and address negotiation */
		return tunnel_none();
	}
}

/* RFC 2516, section 4. The protocol may be one byte, an odd one (RFC 1661, 6.5). */
static inline struct tunnel tunnel_pppoe(struct packet_view *v, uint32_t at)
{
	if (!view_has(v, at, PPPOE_HEADER_LEN))
		return tunnel_fault(TUNNEL_SHORT);
	if (v->bytes[at] != 0x11 || v->bytes[at + 1] != 0)
		return tunnel_fault(TUNNEL_FORM);
	zone_add(&v->zone, ZONE_PPPOE, view_u16(v, at + 2));
	if (!view_narrow(v, at + PPPOE_HEADER_LEN, view_u16(v, at + 4)))
		return tunnel_fault(TUNNEL_SHORT);
	at += PPPOE_HEADER_LEN;
	if (!view_has(v, at, 1))
		return tunnel_fault(TUNNEL_SHORT);
	if (v->bytes[at] & 1)
		return ppp_payload(v->bytes[at], at + 1);
	if (!view_has(v, at, 2))
		return tunnel_fault(TUNNEL_SHORT);
	return ppp_payload(view_u16(v, at), at + 2);
}

/* What a mirror port saw. Type I has no header of its own and no sequence number,
 * type II 8 bytes (draft-foschiano-erspan-03, section 4.2). Of the header only
 * the VLAN of the frame is the same both ways. */
static inline struct tunnel tunnel_erspan2(struct packet_view *v, uint32_t at, uint16_t flags)
{
	if (!(flags & GRE_SEQUENCE)) {
		zone_add(&v->zone, ZONE_ERSPAN, 0);
		return tunnel_ethernet(TUNNEL_ERSPAN, at);
	}
	if (!view_has(v, at, 8))
		return tunnel_fault(TUNNEL_SHORT);
	if (v->bytes[at] >> 4 != 1)
		return tunnel_fault(TUNNEL_FORM);
	zone_add(&v->zone, ZONE_ERSPAN, view_u16(v, at) & VLAN_ID_MASK);
	return tunnel_ethernet(TUNNEL_ERSPAN, at + 8);
}

/* Type III: 12 bytes, then 8 more where the last bit says so (section 4.3). */
static inline struct tunnel tunnel_erspan3(struct packet_view *v, uint32_t at)
{
	uint16_t last;
	uint32_t inner;

	if (!view_has(v, at, 12))
		return tunnel_fault(TUNNEL_SHORT);
	if (v->bytes[at] >> 4 != 2)
		return tunnel_fault(TUNNEL_FORM);
	zone_add(&v->zone, ZONE_ERSPAN, view_u16(v, at) & VLAN_ID_MASK);
	last = view_u16(v, at + 10);
	inner = at + ((last & 1) != 0 ? 20 : 12);
	if (!view_has(v, inner, 1))
		return tunnel_fault(TUNNEL_SHORT);
	switch (last >> 10 & 0x1f) {
	case 0:
		return tunnel_ethernet(TUNNEL_ERSPAN, inner);
	case 2:
		return tunnel_network(
		    TUNNEL_ERSPAN, v->bytes[inner] >> 4 == 6 ? ETH_TYPE_IP6 : ETH_TYPE_IP4, inner);
	default:
		return tunnel_none();
	}
}

static inline struct tunnel tunnel_gre(struct packet_view *v, uint32_t at, uint8_t tunnels)
{
	uint16_t flags, protocol;
	uint32_t len = 4;

	if (!view_has(v, at, len))
		return tunnel_fault(TUNNEL_SHORT);
	flags = view_u16(v, at);
	protocol = view_u16(v, at + 2);
	if ((flags & (GRE_VERSION | GRE_ROUTING)) != 0)
		return tunnel_fault(TUNNEL_FORM);
	len += 4u * (((flags & GRE_CHECKSUM) != 0) + ((flags & GRE_KEY) != 0) +
		     ((flags & GRE_SEQUENCE) != 0));
	if (!view_has(v, at, len))
		return tunnel_fault(TUNNEL_SHORT);
	if (protocol == GRE_ERSPAN || protocol == GRE_ERSPAN3) {
		if (!(tunnels & TUNNEL_ERSPAN))
			return tunnel_none();
		return protocol == GRE_ERSPAN ? tunnel_erspan2(v, at + len, flags)
					      : tunnel_erspan3(v, at + len);
	}
	if (!(tunnels & TUNNEL_GRE))
		return tunnel_none();
	if ((flags & GRE_KEY) != 0)
		zone_add(&v->zone, ZONE_GRE,
			 view_u32(v, at + ((flags & GRE_CHECKSUM) != 0 ? 8 : 4)));
	else
		zone_add(&v->zone, ZONE_GRE_KEYLESS, 0);
	switch (protocol) {
	case ETH_TYPE_IP4:
	case ETH_TYPE_IP6:
	case ETH_TYPE_MPLS:
	case ETH_TYPE_MPLS_MULTICAST:
		return tunnel_network(TUNNEL_GRE, protocol, at + len);
	case GRE_ETHERNET:
		return tunnel_ethernet(TUNNEL_GRE, at + len);
	default:
		return tunnel_none();
	}
}

/* RFC 7348, section 5: flags, a reserved part that group policies use, the VNI. */
static inline struct tunnel tunnel_vxlan(struct packet_view *v, uint32_t at)
{
	if (!view_has(v, at, VXLAN_HEADER_LEN))
		return tunnel_fault(TUNNEL_SHORT);
	if (!(v->bytes[at] & VXLAN_HAS_VNI))
		return tunnel_fault(TUNNEL_FORM);
	zone_add(&v->zone, ZONE_VXLAN, view_u32(v, at + 4) >> 8);
	return tunnel_ethernet(TUNNEL_VXLAN, at + VXLAN_HEADER_LEN);
}

/* RFC 8926, section 3.4. Options are passed by, critical ones too: whether the
 * end knows them is not to be seen from here. */
static inline struct tunnel tunnel_geneve(struct packet_view *v, uint32_t at)
{
	uint16_t protocol;
	uint32_t len;

	if (!view_has(v, at, GENEVE_HEADER_LEN))
		return tunnel_fault(TUNNEL_SHORT);
	if (v->bytes[at] >> 6 != 0)
		return tunnel_fault(TUNNEL_FORM);
	len = GENEVE_HEADER_LEN + (v->bytes[at] & 0x3fu) * 4;
	protocol = view_u16(v, at + 2);
	if (len > v->end - at)
		return tunnel_fault(TUNNEL_SHORT);
	zone_add(&v->zone, ZONE_GENEVE, view_u32(v, at + 4) >> 8);
	switch (protocol) {
	case ETH_TYPE_IP4:
	case ETH_TYPE_IP6:
	case ETH_TYPE_MPLS:
		return tunnel_network(TUNNEL_GENEVE, protocol, at + len);
	case GRE_ETHERNET:
		return tunnel_ethernet(TUNNEL_GENEVE, at + len);
	default:
		return tunnel_none();
	}
}

/* What a packet carries, whose headers are parsed. */
static inline struct tunnel tunnel_find(const struct packet *p, struct packet_view *v,
					uint8_t tunnels)
{
	if (!packet_carries(p, tunnels))
		return tunnel_none();
	if (p->flags & PACKET_UDP)
		return p->dport == PORT_GENEVE ? tunnel_geneve(v, p->payload)
					       : tunnel_vxlan(v, p->payload);
	if (!(p->flags & PACKET_IP))
		return p->eth_type == ETH_TYPE_PPPOE ? tunnel_pppoe(v, p->l3)
						     : tunnel_mpls(v, p->l3);
	switch (p->proto) {
	case IP_PROTO_IP4:
		zone_add(&v->zone, ZONE_IPIP, 0);
		return tunnel_network(TUNNEL_IPIP, ETH_TYPE_IP4, p->payload);
	case IP_PROTO_IP6:
		zone_add(&v->zone, ZONE_IPIP, 0);
		return tunnel_network(TUNNEL_IPIP, ETH_TYPE_IP6, p->payload);
	default:
		return tunnel_gre(v, p->payload, tunnels);
	}
}
