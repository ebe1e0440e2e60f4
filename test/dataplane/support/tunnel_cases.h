/* A frame for each kind of tunnel. */
#pragma once

#include "packet/packet.h"
#include "tunnel.h"

#define TUNNELS_ALL 0x7f

/* `id` is what separates flows, if anything. */
struct tunnel_case {
	const char *name;
	uint8_t tunnel; /* enum packet_tunnel */
	bool separates; /* its identifier is part of the zone */
	void (*build)(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id);
	bool ip6; /* the inner packet */
};

static void build_mpls(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x8847);
	tunnel_mpls(t, id + 100u + from, false); /* labels differ by direction */
	tunnel_mpls(t, id + 200u + from, true);
	tunnel_tcp4(t, from, to, 5);
}

static void build_mpls_multicast6(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x8848);
	tunnel_mpls(t, id + 16u, true);
	tunnel_tcp6(t, from, to, 5);
}

static void build_mpls_vlan(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x8100);
	frame_tag(&t->f, id, 0x8847);
	tunnel_mpls(t, 100u + from, true);
	tunnel_tcp4(t, from, to, 5);
}

static void build_pseudowire(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x8847);
	tunnel_mpls(t, 100u + from, true);
	frame_fill(&t->f, 0, 4); /* control word */
	tunnel_eth(t, 0x8100);
	frame_tag(&t->f, id, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_pseudowire_bare(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x8847);
	tunnel_mpls(t, 100u + from + id, true);
	tunnel_eth(t, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_pppoe(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x8864);
	tunnel_pppoe(t, id, 0x0021, false);
	tunnel_tcp4(t, from, to, 5);
}

static void build_pppoe6(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x88a8);
	frame_tag(&t->f, 4, 0x8864);
	tunnel_pppoe(t, id, 0x0057, true);
	tunnel_tcp6(t, from, to, 5);
}

static void build_gre(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, from + 100, to + 100, 47);
	tunnel_gre(t, 0, id, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_gre_key(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x86dd);
	tunnel_ip6(t, from + 100, to + 100, 47);
	tunnel_gre(t, 0xb000, id, 0x86dd);
	tunnel_tcp6(t, from, to, 5);
}

static void build_gre_ethernet(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, from + 100, to + 100, 47);
	tunnel_gre(t, 0x2000, id, 0x6558);
	tunnel_eth(t, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_gre_mpls(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, from + 100, to + 100, 47);
	tunnel_gre(t, 0, id, 0x8847);
	tunnel_mpls(t, id, true);
	tunnel_tcp4(t, from, to, 5);
}

static void build_erspan1(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 100, 101, 47);
	tunnel_gre(t, 0, id, 0x88be);
	tunnel_eth(t, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_erspan2(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 100, 101, 47);
	tunnel_gre(t, 0x1000, 0, 0x88be);
	frame_u16(&t->f, (uint16_t)(0x1000 | id));
	frame_u16(&t->f, from); /* session */
	frame_fill(&t->f, 0, 4);
	tunnel_eth(t, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void erspan3(struct tunnel_frame *t, uint8_t from, uint16_t id, uint16_t last)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, 100, 101, 47);
	tunnel_gre(t, 0x1000, 0, 0x22eb);
	frame_u16(&t->f, (uint16_t)(0x2000 | id));
	frame_u16(&t->f, from);
	frame_fill(&t->f, 0x77, 6);
	frame_u16(&t->f, last);
}

static void build_erspan3(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	erspan3(t, from, id, 0);
	tunnel_eth(t, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_erspan3_platform(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	erspan3(t, from, id, 1);
	frame_fill(&t->f, 0x55, 8);
	tunnel_eth(t, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_erspan3_ip(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	erspan3(t, from, id, 2 << 10);
	tunnel_tcp6(t, from, to, 5);
}

static void build_4in4(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	(void)id;
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, from + 100, to + 100, 4);
	tunnel_tcp4(t, from, to, 5);
}

static void build_6in4(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	(void)id;
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, from + 100, to + 100, 41);
	tunnel_tcp6(t, from, to, 5);
}

static void build_4in6(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	(void)id;
	tunnel_eth(t, 0x86dd);
	tunnel_ip6(t, from + 100, to + 100, 60);
	frame_extension(&t->f, 4);
	tunnel_tcp4(t, from, to, 5);
}

static void build_6in6(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	(void)id;
	tunnel_eth(t, 0x86dd);
	tunnel_ip6(t, from + 100, to + 100, 41);
	tunnel_tcp6(t, from, to, 5);
}

static void build_vxlan(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, from + 100, to + 100, 17);
	tunnel_vxlan(t, id);
	tunnel_eth(t, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_vxlan_linux6(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	uint32_t udp;

	tunnel_eth(t, 0x86dd);
	tunnel_ip6(t, from + 100, to + 100, 17);
	udp = t->f.len;
	tunnel_vxlan(t, id);
	frame_put16(&t->f, udp + 2, 8472);
	tunnel_eth(t, 0x86dd);
	tunnel_tcp6(t, from, to, 5);
}

static void build_geneve(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, from + 100, to + 100, 17);
	tunnel_geneve(t, id, 0x6558, 5);
	tunnel_eth(t, 0x0800);
	tunnel_tcp4(t, from, to, 5);
}

static void build_geneve_ip(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t id)
{
	tunnel_eth(t, 0x0800);
	tunnel_ip4(t, from + 100, to + 100, 17);
	tunnel_geneve(t, id, 0x86dd, 63);
	tunnel_tcp6(t, from, to, 5);
}

static const struct tunnel_case cases[] = {
    {"MPLS", TUNNEL_MPLS, false, build_mpls, false},
    {"MPLS multicast, IPv6", TUNNEL_MPLS, false, build_mpls_multicast6, true},
    {"MPLS in a VLAN", TUNNEL_MPLS, true, build_mpls_vlan, false},
    {"MPLS pseudo-wire", TUNNEL_MPLS, true, build_pseudowire, false},
    {"MPLS pseudo-wire without control word", TUNNEL_MPLS, false, build_pseudowire_bare, false},
    {"PPPoE", TUNNEL_PPPOE, true, build_pppoe, false},
    {"PPPoE in a VLAN, protocol compressed", TUNNEL_PPPOE, true, build_pppoe6, true},
    {"GRE", TUNNEL_GRE, false, build_gre, false},
    {"GRE with checksum, key and sequence", TUNNEL_GRE, true, build_gre_key, true},
    {"Ethernet in GRE", TUNNEL_GRE, true, build_gre_ethernet, false},
    {"MPLS in GRE", TUNNEL_GRE | TUNNEL_MPLS, false, build_gre_mpls, false},
    {"ERSPAN I", TUNNEL_ERSPAN, false, build_erspan1, false},
    {"ERSPAN II", TUNNEL_ERSPAN, true, build_erspan2, false},
    {"ERSPAN III", TUNNEL_ERSPAN, true, build_erspan3, false},
    {"ERSPAN III with platform header", TUNNEL_ERSPAN, true, build_erspan3_platform, false},
    {"ERSPAN III of IP", TUNNEL_ERSPAN, true, build_erspan3_ip, true},
    {"IPv4 in IPv4", TUNNEL_IPIP, false, build_4in4, false},
    {"IPv6 in IPv4", TUNNEL_IPIP, false, build_6in4, true},
    {"IPv4 in IPv6 with an extension", TUNNEL_IPIP, false, build_4in6, false},
    {"IPv6 in IPv6", TUNNEL_IPIP, false, build_6in6, true},
    {"VXLAN", TUNNEL_VXLAN, true, build_vxlan, false},
    {"VXLAN over IPv6, Linux' port", TUNNEL_VXLAN, true, build_vxlan_linux6, true},
    {"GENEVE with options", TUNNEL_GENEVE, true, build_geneve, false},
    {"GENEVE of IP, most options", TUNNEL_GENEVE, true, build_geneve_ip, true},
};

static inline struct frame built(const struct tunnel_case *c, uint8_t from, uint8_t to, uint16_t id)
{
	struct tunnel_frame t = {.lengths = 0};

	c->build(&t, from, to, id);
	return t.f;
}
