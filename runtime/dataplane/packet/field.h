/* The catalog's packet fields, as generated filters and messages read them. A
 * caller has tested the header's flag; without it the value is meaningless. */
#pragma once

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>
#include <string.h>

#include "../nf.h"
#include "packet.h"

static inline const struct rte_ipv4_hdr *packet_ip4(const struct packet *p)
{
	return (const struct rte_ipv4_hdr *)packet_at(p, p->l3);
}

static inline const struct rte_ipv6_hdr *packet_ip6(const struct packet *p)
{
	return (const struct rte_ipv6_hdr *)packet_at(p, p->l3);
}

static inline struct mbx_mac packet_eth_src(const struct packet *p)
{
	struct mbx_mac mac;

	memcpy(mac.bytes, packet_at(p, (uint16_t)(p->l2 + 6)), sizeof(mac.bytes));
	return mac;
}

static inline struct mbx_mac packet_eth_dst(const struct packet *p)
{
	struct mbx_mac mac;

	memcpy(mac.bytes, packet_at(p, p->l2), sizeof(mac.bytes));
	return mac;
}

static inline struct mbx_ip packet_ip_src(const struct packet *p)
{
	struct mbx_ip ip = {0};

	if (p->flags & PACKET_IP4) {
		ip.version = 4;
		memcpy(ip.bytes, &packet_ip4(p)->src_addr, 4);
	} else if (p->flags & PACKET_IP6) {
		ip.version = 6;
		memcpy(ip.bytes, packet_ip6(p)->src_addr, 16);
	}
	return ip;
}

static inline struct mbx_ip packet_ip_dst(const struct packet *p)
{
	struct mbx_ip ip = {0};

	if (p->flags & PACKET_IP4) {
		ip.version = 4;
		memcpy(ip.bytes, &packet_ip4(p)->dst_addr, 4);
	} else if (p->flags & PACKET_IP6) {
		ip.version = 6;
		memcpy(ip.bytes, packet_ip6(p)->dst_addr, 16);
	}
	return ip;
}

static inline uint8_t packet_ip_version(const struct packet *p)
{
	return p->flags & PACKET_IP4 ? 4 : p->flags & PACKET_IP6 ? 6 : 0;
}

static inline uint8_t packet_ip_ttl(const struct packet *p)
{
	return p->flags & PACKET_IP4   ? packet_ip4(p)->time_to_live
	       : p->flags & PACKET_IP6 ? packet_ip6(p)->hop_limits
				       : 0;
}

static inline uint8_t packet_ip_tos(const struct packet *p)
{
	if (p->flags & PACKET_IP4)
		return packet_ip4(p)->type_of_service;
	if (p->flags & PACKET_IP6)
		return (uint8_t)(rte_be_to_cpu_32(packet_ip6(p)->vtc_flow) >> 20);
	return 0;
}

/* Of IPv6 that of its fragment header where it comes first, else 0. */
static inline uint32_t packet_ip_id(const struct packet *p)
{
	uint32_t id = 0;

	if (p->flags & PACKET_IP4)
		return rte_be_to_cpu_16(packet_ip4(p)->packet_id);
	if ((p->flags & PACKET_IP6) && packet_ip6(p)->proto == 44 &&
	    p->l3 + 48u <= rte_pktmbuf_data_len(p->mbuf))
		memcpy(&id, packet_at(p, (uint16_t)(p->l3 + 44)), sizeof(id));
	return rte_be_to_cpu_32(id);
}

/* Bytes of the whole IP packet with its header. */
static inline uint32_t packet_ip_length(const struct packet *p)
{
	if (p->flags & PACKET_IP4)
		return rte_be_to_cpu_16(packet_ip4(p)->total_length);
	if (p->flags & PACKET_IP6)
		return rte_be_to_cpu_16(packet_ip6(p)->payload_len) + 40u;
	return 0;
}

static inline uint16_t packet_udp_length(const struct packet *p)
{
	uint16_t length;

	if (!(p->flags & PACKET_UDP))
		return 0;
	memcpy(&length, packet_at(p, (uint16_t)(p->l4 + 4)), sizeof(length));
	return rte_be_to_cpu_16(length);
}

/* Bytes of the payload that lie contiguous in the first segment. */
static inline uint32_t packet_payload_contiguous(const struct packet *p)
{
	uint32_t first = rte_pktmbuf_data_len(p->mbuf);
	uint32_t here = first > p->payload ? first - p->payload : 0;

	return p->payload_len < here ? p->payload_len : here;
}

/* Whether an address lies in a prefix of `bits` bits; another version never does. */
static inline bool mbx_ip_in(struct mbx_ip ip, uint8_t version, const uint8_t *prefix,
			     unsigned int bits)
{
	unsigned int whole = bits / 8;

	if (ip.version != version || memcmp(ip.bytes, prefix, whole) != 0)
		return false;
	return bits % 8 == 0 || ((ip.bytes[whole] ^ prefix[whole]) >> (8 - bits % 8)) == 0;
}

static inline bool mbx_ip_equal(struct mbx_ip a, struct mbx_ip b)
{
	return a.version == b.version && memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

static inline bool mbx_mac_equal(struct mbx_mac a, struct mbx_mac b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}
