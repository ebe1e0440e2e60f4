/* From the packet that a frame begins with to the one inside its tunnels. */
#include "checksum.h"
#include "layers.h"
#include "parse.h"
#include "tunnel.h"

static void layer_add(struct packet_layers *layers, enum packet_layer_kind kind, uint32_t at)
{
	layers->layer[layers->count++] =
	    (struct packet_layer){.kind = (uint8_t)kind, .at = (uint16_t)at};
}

/* The headers that a tunnel is made of. */
static void layers_add(struct packet_layers *layers, const struct packet *p, const struct tunnel *t)
{
	if (p->flags & PACKET_IP)
		layer_add(layers, p->flags & PACKET_IP4 ? LAYER_IP4 : LAYER_IP6, p->l3);
	switch ((enum packet_tunnel)t->kind) {
	case TUNNEL_MPLS:
		layer_add(layers, LAYER_MPLS, p->l3);
		break;
	case TUNNEL_PPPOE:
		layer_add(layers, LAYER_PPPOE, p->l3);
		break;
	case TUNNEL_GRE:
		layer_add(layers, LAYER_GRE, p->payload);
		break;
	case TUNNEL_ERSPAN:
		layer_add(layers, LAYER_ERSPAN, p->payload);
		break;
	case TUNNEL_VXLAN:
	case TUNNEL_GENEVE:
		layer_add(layers, LAYER_UDP, p->l4);
		break;
	case TUNNEL_IPIP:
		break;
	}
	if (t->inner == INNER_ETHERNET)
		layer_add(layers, LAYER_ETH, t->at);
}

static bool gre_checksum_right(const struct packet *p)
{
	uint16_t sum;

	if (!(*packet_at(p, p->payload) & GRE_CHECKSUM >> 8))
		return true;
	return checksum_sum_mbuf(p->mbuf, p->payload, p->payload_len, &sum) == 0 && sum == 0xffff;
}

/* Tunnels over IPv6 may do without the UDP checksum (RFC 6935). What the capture
 * has cut cannot be verified, and is believed. */
static bool carrier_checksum_right(struct packet *p, const struct packet_view *v)
{
	static const uint8_t none[2];

	if (!(p->flags & PACKET_IP) || (p->flags & PACKET_TRUNCATED))
		return true;
	p->payload_len = v->end - p->payload;
	if (p->proto == IP_PROTO_GRE && !gre_checksum_right(p))
		return false;
	if ((p->flags & PACKET_IP6) && (p->flags & PACKET_UDP) &&
	    memcmp(packet_at(p, (uint16_t)(p->l4 + 6)), none, sizeof(none)) == 0)
		return true;
	return packet_checksum_check(p) == CHECKSUM_RIGHT;
}

/* A tunnel ends a packet's outside: of it only the link and what the capture says
 * stays. False: no network header follows. */
static bool tunnel_enter(struct packet *p, struct packet_view *v, const struct tunnel *t)
{
	uint16_t kept = PACKET_TRUNCATED | PACKET_UNSIZED;
	struct packet outer = *p;

	if (t->inner == INNER_NETWORK)
		kept |= PACKET_ETH | PACKET_VLAN;
	packet_clear(p, outer.mbuf, (enum link_type)outer.link);
	p->flags = outer.flags & kept;
	p->decap = outer.decap;
	if (t->inner == INNER_NETWORK) {
		p->l2 = outer.l2;
		p->vlan = outer.vlan;
		p->eth_type = t->eth_type;
		p->l3 = (uint16_t)t->at;
		return true;
	}
	if (!view_has(v, t->at, ETH_HEADER_LEN))
		return packet_fail(p, MALFORMED_ETH_SHORT);
	p->flags |= PACKET_ETH;
	v->zone.vlan = 0;
	p->l2 = (uint16_t)t->at;
	p->eth_type = view_u16(v, t->at + 12);
	p->l3 = (uint16_t)(t->at + ETH_HEADER_LEN);
	return !eth_type_is_tag(p->eth_type) || link_parse_tags(p, v);
}

/* Whether a step into `t` is taken; else `*fault` may say why not. */
static bool tunnel_is_followed(const struct tunnel *t, struct packet *p,
			       const struct packet_view *outside, unsigned int depth, bool verify,
			       enum packet_tunnel_fault *fault)
{
	*fault = (enum packet_tunnel_fault)t->fault;
	if (t->inner == INNER_NONE)
		return false;
	/* An empty tunnel has no inner packet, and no offset beyond 64 KB is kept. */
	if (t->at >= outside->end || t->at > UINT16_MAX - ETH_HEADER_LEN)
		*fault = TUNNEL_SHORT;
	else if (depth == PACKET_TUNNELS_MAX)
		*fault = TUNNEL_DEEP;
	else if (verify && !carrier_checksum_right(p, outside))
		*fault = TUNNEL_CHECKSUM;
	return *fault == TUNNEL_SOUND;
}

static enum packet_tunnel_fault follow(struct packet *p, struct packet_view *v, uint8_t tunnels,
				       bool verify, struct packet_layers *layers)
{
	for (unsigned int depth = 0; network_parse(p, v); depth++) {
		struct packet_view outside = *v;
		struct tunnel t = tunnel_find(p, v, tunnels);
		enum packet_tunnel_fault fault;

		if (!tunnel_is_followed(&t, p, &outside, depth, verify, &fault)) {
			*v = outside;
			if (fault == TUNNEL_CHECKSUM)
				p->flags |= PACKET_CHECKSUM_BAD;
			if (fault == TUNNEL_DEEP)
				p->flags |= PACKET_UNREAD;
			return fault;
		}
		if (layers != NULL)
			layers_add(layers, p, &t);
		p->decap = tunnels;
		if (p->flags & PACKET_AUTHENTICATED)
			zone_add_authentication(&v->zone);
		if (!tunnel_enter(p, v, &t))
			break;
	}
	return TUNNEL_SOUND;
}

enum packet_tunnel_fault packet_decap(struct packet *p, uint8_t tunnels, bool verify)
{
	enum packet_tunnel_fault fault = TUNNEL_SOUND;
	struct packet_view v;

	packet_clear(p, p->mbuf, (enum link_type)p->link);
	view_init(&v, p, p->mbuf);
	if (link_parse(p, &v, (enum link_type)p->link))
		fault = follow(p, &v, tunnels, verify, NULL);
	parse_end(p, &v);
	return fault;
}

enum packet_tunnel_fault packet_parse_datagram(struct packet *p, struct rte_mbuf *m,
					       const struct packet_place *first, uint8_t tunnels,
					       bool verify)
{
	enum packet_tunnel_fault fault;
	struct packet_view v;

	packet_clear(p, m, (enum link_type)first->link);
	view_init(&v, p, m);
	v.zone = first->zone;
	p->flags |= first->flags;
	p->l2 = first->l2;
	p->l3 = first->l3;
	p->vlan = first->vlan;
	p->eth_type = first->eth_type;
	p->decap = first->decap;
	fault = follow(p, &v, tunnels, verify, NULL);
	parse_end(p, &v);
	return fault;
}

bool packet_layers_parse(struct rte_mbuf *m, enum link_type link, uint8_t tunnels,
			 struct packet_layers *layers)
{
	struct packet p = {.mbuf = m, .link = (uint8_t)link};
	struct packet_view v;

	layers->count = 0;
	view_init(&v, &p, m);
	v.missing = UINT16_MAX; /* lengths may still be those of another packet */
	if (!link_parse(&p, &v, link))
		return false;
	if (p.flags & PACKET_ETH)
		layer_add(layers, LAYER_ETH, 0);
	follow(&p, &v, tunnels, false, layers);
	layers->l3 = p.l3;
	return (p.flags & PACKET_IP) != 0;
}
