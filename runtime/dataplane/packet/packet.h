/* A frame, parsed once for all who look at it. */
#pragma once

#include <rte_branch_prediction.h>
#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../flow/key.h"

/* How the frames of a port begin. */
enum link_type {
	LINK_ETHERNET = 0,
	LINK_RAW_IP,  /* the IP header at once; its version decides */
	LINK_COOKED,  /* LINUX_SLL, 16 bytes */
	LINK_COOKED2, /* LINUX_SLL2, 20 bytes */
	LINK_NULL,    /* BSD loopback, 4 bytes of family */
};

/* Headers that are present and whole. */
enum packet_flag {
	PACKET_ETH = 1 << 0,
	PACKET_VLAN = 1 << 1,
	PACKET_IP4 = 1 << 2,
	PACKET_IP6 = 1 << 3,
	PACKET_TCP = 1 << 4,
	PACKET_UDP = 1 << 5,
	PACKET_ICMP = 1 << 6, /* ICMP or ICMPv6 */
	PACKET_FRAGMENT =
	    1 << 7, /* any fragment; only the first may have L4 fields, none are set */
	PACKET_MALFORMED = 1 << 8,
	PACKET_CHECKSUM_BAD = 1 << 9,	/* of IPv4 or the transport: the host ignores it */
	PACKET_TRUNCATED = 1 << 10,	/* the capture kept less than the wire had */
	PACKET_REASSEMBLED = 1 << 11,	/* a datagram, put together from fragments */
	PACKET_UNSIZED = 1 << 12,	/* IPv4 without a length, as a capture has of a frame that
					 * the device was to segment; no host takes it */
	PACKET_UNREAD = 1 << 13,	/* carries more, which its end looks at and nobody here: too
					 * many tunnels, a fragment in what was put together */
	PACKET_AUTHENTICATED = 1 << 14, /* behind an authentication header, which nobody checks */
};

#define PACKET_IP (PACKET_IP4 | PACKET_IP6)

/* Why a frame cannot be parsed; the names of the catalog's MalformedReason in
 * the same order. */
enum packet_malformed_reason {
	MALFORMED_NONE = 0,
	MALFORMED_ETH_SHORT,
	MALFORMED_VLAN_SHORT,
	MALFORMED_IP_SHORT,
	MALFORMED_IP_VERSION,
	MALFORMED_IP_HEADER_LENGTH,
	MALFORMED_IP_LENGTH,
	MALFORMED_IP_EXTENSION,
	MALFORMED_TCP_SHORT,
	MALFORMED_TCP_OFFSET,
	MALFORMED_TCP_OPTION,
	MALFORMED_UDP_SHORT,
	MALFORMED_UDP_LENGTH,
	MALFORMED_ICMP_SHORT,
	MALFORMED_REASONS
};

/* TCP flag bits as on the wire (RFC 9293, section 3.1). */
enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

/* Tunnels whose inner packets are looked for: the words of the option `decap`. */
enum packet_tunnel {
	TUNNEL_MPLS = 1 << 0,
	TUNNEL_PPPOE = 1 << 1,
	TUNNEL_GRE = 1 << 2,
	TUNNEL_ERSPAN = 1 << 3, /* in GRE */
	TUNNEL_IPIP = 1 << 4,	/* IPv4 and IPv6 in either */
	TUNNEL_VXLAN = 1 << 5,
	TUNNEL_GENEVE = 1 << 6,
};

/* Tunnels in tunnels that are followed; a stack of labels is one. */
#define PACKET_TUNNELS_MAX 8

/* Why the packet inside of a tunnel is not looked at, though it was asked for. */
enum packet_tunnel_fault {
	TUNNEL_SOUND = 0,
	TUNNEL_SHORT,	 /* its header is cut, or its length is beyond the frame */
	TUNNEL_FORM,	 /* a version, flag or type that no end of it takes */
	TUNNEL_DEEP,	 /* more than PACKET_TUNNELS_MAX */
	TUNNEL_CHECKSUM, /* of an outer header, or of GRE: its end ignores the packet */
};

/* One parsed frame, or with `decap` the packet inside its tunnels: then all but
 * `mbuf`, `time` and the offsets is as if the frame began with it. Offsets are
 * bytes from the start of the frame and always inside it; a field without its flag
 * is zero. Numbers are in host order, addresses in network order (in the frame). */
struct packet {
	struct rte_mbuf *mbuf;
	uint64_t time;		  /* nanoseconds since the epoch */
	uint16_t flags;		  /* enum packet_flag */
	uint16_t l3;		  /* offset of the IP header */
	uint16_t l4;		  /* offset of the TCP, UDP or ICMP header */
	uint16_t payload;	  /* offset of the transport payload; without PACKET_TCP, _UDP and
				   * _ICMP, of the IP payload: of a fragment, its data */
	uint32_t payload_len;	  /* bytes by the IP length, padding excluded; all in the frame */
	uint32_t payload_missing; /* bytes after these that the capture did not keep */
	uint16_t sport;		  /* TCP, UDP; ICMP: type << 8 | code */
	uint16_t dport;		  /* TCP, UDP; ICMP query: its identifier */
	uint16_t eth_type;	  /* of the innermost tag */
	uint16_t vlan;		  /* id of the outermost tag */
	uint8_t proto;		  /* IP protocol, after extension headers */
	uint8_t tcp_flags;	  /* enum tcp_flag */
	uint8_t reason;		  /* enum packet_malformed_reason */
	uint8_t reversed;	  /* 1: source is the key's second end, see flow_key */
	uint32_t seq;
	uint32_t ack;
	uint16_t window; /* as on the wire, not scaled */
	uint16_t urgent;
	uint16_t l2;   /* offset of the innermost Ethernet header */
	uint8_t decap; /* enum packet_tunnel that were looked for; 0: not in a tunnel */
	uint8_t link;  /* enum link_type */
	uint32_t hash; /* of key, set when a flow is looked up */
	struct flow_key key;
	uint8_t reserved[16]; /* a number of a packet is shifted to its place, not multiplied */
};

_Static_assert(sizeof(struct packet) == 128, "a packet is two cache lines");

/* Where the innermost IP header of a frame begins and what lies before it: as much
 * as a datagram that was put together needs of its first fragment. */
struct packet_place {
	uint16_t flags; /* PACKET_ETH, PACKET_VLAN */
	uint16_t l2, l3;
	uint16_t eth_type, vlan;
	uint8_t decap, link;
	struct flow_zone zone;
};

static inline struct packet_place packet_place(const struct packet *p)
{
	return (struct packet_place){
	    .flags = p->flags & (PACKET_ETH | PACKET_VLAN),
	    .l2 = p->l2,
	    .l3 = p->l3,
	    .eth_type = p->eth_type,
	    .vlan = p->vlan,
	    .decap = p->decap,
	    .link = p->link,
	    .zone = flow_key_zone(&p->key),
	};
}

/* Parses `m`, not into tunnels. Never reads past the frame; never fails: what
 * cannot be parsed has PACKET_MALFORMED and a reason, and the flags of the headers
 * before it. `time` is the caller's and left alone. The work is bounded by the
 * length of the frame. Headers may be in any segments: one that lies in two is
 * drawn together in either, which changes the chain but no byte of the frame.
 * (Where both are shared, or full without headroom, it cannot be: it counts as
 * short. No driver makes such.) */
void packet_parse(struct packet *p, struct rte_mbuf *m, enum link_type link);

/* Parses a burst. */
void packet_parse_bulk(struct packet *packets, struct rte_mbuf **mbufs, unsigned int count,
		       enum link_type link);

/* From the packet that was parsed to the innermost one that `tunnels` (enum
 * packet_tunnel) lead to, which `p` then is, with p->decap set. Where a tunnel
 * cannot be followed, `p` is the packet that carries it, and the fault says why.
 * With `verify`, checksums of what is passed are verified. */
enum packet_tunnel_fault packet_decap(struct packet *p, uint8_t tunnels, bool verify);

/* Whether packet_decap() may find something: decided by what carries a tunnel. */
static inline bool packet_carries(const struct packet *p, uint8_t tunnels)
{
	if (likely(p->flags & (PACKET_TCP | PACKET_FRAGMENT | PACKET_MALFORMED)))
		return false;
	if (p->flags & PACKET_UDP)
		return ((tunnels & TUNNEL_VXLAN) && (p->dport == 4789 || p->dport == 8472)) ||
		       ((tunnels & TUNNEL_GENEVE) && p->dport == 6081);
	if (p->flags & PACKET_IP)
		return ((tunnels & TUNNEL_IPIP) && (p->proto == 4 || p->proto == 41)) ||
		       ((tunnels & (TUNNEL_GRE | TUNNEL_ERSPAN)) && p->proto == 47);
	return ((tunnels & TUNNEL_MPLS) && (p->eth_type == 0x8847 || p->eth_type == 0x8848)) ||
	       ((tunnels & TUNNEL_PPPOE) && p->eth_type == 0x8864);
}

/* Parses `m` to the innermost packet. Tunnels: enum packet_tunnel. */
static inline enum packet_tunnel_fault packet_parse_inner(struct packet *p, struct rte_mbuf *m,
							  enum link_type link, uint8_t tunnels,
							  bool verify)
{
	packet_parse(p, m, link);
	return packet_carries(p, tunnels) ? packet_decap(p, tunnels, verify) : TUNNEL_SOUND;
}

/* Parses a datagram that was put together: `m` is what its first fragment has
 * before the IP header, then the datagram. What is before was followed already; its
 * lengths are the fragment's and not looked at. */
enum packet_tunnel_fault packet_parse_datagram(struct packet *p, struct rte_mbuf *m,
					       const struct packet_place *first, uint8_t tunnels,
					       bool verify);

/* Verifies the IPv4 header checksum and that of TCP, UDP or ICMP in software
 * (over all segments of the mbuf; UDP 0 over IPv4 is none). Fragments: only the
 * IP header. True when they are right. */
bool packet_checksum_verify(const struct packet *p);

/* The bytes before the IP header, p->l3 of them. */
static inline void packet_copy_prefix(const struct packet *p, uint8_t *to)
{
	const uint8_t *at = rte_pktmbuf_read(p->mbuf, 0, p->l3, to);

	if (at != to)
		memcpy(to, at, p->l3);
}

/* A byte of the frame; a header lies in one segment. */
const uint8_t *packet_at_later(const struct packet *p, uint16_t offset);

static inline const uint8_t *packet_at(const struct packet *p, uint16_t offset)
{
	if (likely(offset < rte_pktmbuf_data_len(p->mbuf)))
		return rte_pktmbuf_mtod_offset(p->mbuf, const uint8_t *, offset);
	return packet_at_later(p, offset);
}
