#include "segment.h"

#include <rte_ip.h>
#include <rte_tcp.h>
#include <string.h>

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_SCALE = 3,
	OPTION_SACK_OK = 4,
	OPTION_TIMESTAMP = 8,
	OPTION_MD5 = 19,
	OPTION_FASTOPEN = 34,
};

#define MD5_SIZE 18
#define SCALE_MAX 14 /* RFC 7323, section 2.3 */
#define REPLY_TTL 64

static uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void option_read(struct tcp_segment *seg, uint8_t kind, const uint8_t *value,
			unsigned int len)
{
	switch (kind) {
	case OPTION_SCALE:
		if (len != 1 || !(seg->flags & TCP_SYN))
			return;
		seg->scale = value[0] < SCALE_MAX ? value[0] : SCALE_MAX;
		seg->options |= TCP_OPTION_SCALE;
		return;
	case OPTION_SACK_OK:
		if (len == 0 && (seg->flags & TCP_SYN))
			seg->options |= TCP_OPTION_SACK_OK;
		return;
	case OPTION_TIMESTAMP:
		if (len != 8)
			return;
		seg->tsval = read_u32(value);
		seg->tsecr = read_u32(value + 4);
		seg->options |= TCP_OPTION_TIMESTAMP;
		return;
	case OPTION_MD5:
		seg->options |= len != MD5_SIZE - 2 || (seg->options & TCP_OPTION_MD5)
				    ? TCP_OPTION_BROKEN
				    : TCP_OPTION_MD5;
		return;
	case OPTION_FASTOPEN:
		seg->options |= TCP_OPTION_FASTOPEN;
		return;
	default:
		return;
	}
}

void tcp_options_parse(struct tcp_segment *seg, const uint8_t *options, unsigned int len)
{
	unsigned int at = 0;

	while (at < len) {
		uint8_t kind = options[at];
		uint8_t size;

		if (kind == OPTION_END)
			return;
		if (kind == OPTION_NOP) {
			at++;
			continue;
		}
		if (at + 1 >= len)
			return;
		size = options[at + 1];
		if (size < 2 || size > len - at) {
			if (len - at >= MD5_SIZE)
				seg->options |= TCP_OPTION_BROKEN;
			return;
		}
		option_read(seg, kind, options + at + 2, size - 2u);
		at += size;
	}
}

static void reply_write_ip4(uint8_t *at, const struct tcp_reply *reply)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)at;

	*ip = (struct rte_ipv4_hdr){
	    .version_ihl = 0x45,
	    .total_length = rte_cpu_to_be_16(sizeof(*ip) + sizeof(struct rte_tcp_hdr)),
	    .fragment_offset = RTE_BE16(0x4000), /* do not fragment */
	    .time_to_live = REPLY_TTL,
	    .next_proto_id = 6,
	};
	memcpy(&ip->src_addr, reply->src, 4);
	memcpy(&ip->dst_addr, reply->dst, 4);
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

static void reply_write_ip6(uint8_t *at, const struct tcp_reply *reply)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)at;

	*ip = (struct rte_ipv6_hdr){
	    .vtc_flow = RTE_BE32(0x60000000),
	    .payload_len = rte_cpu_to_be_16(sizeof(struct rte_tcp_hdr)),
	    .proto = 6,
	    .hop_limits = REPLY_TTL,
	};
	memcpy(ip->src_addr, reply->src, 16);
	memcpy(ip->dst_addr, reply->dst, 16);
}

static void reply_write_tcp(uint8_t *at, const uint8_t *ip, const struct tcp_reply *reply)
{
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)at;

	*tcp = (struct rte_tcp_hdr){
	    .src_port = rte_cpu_to_be_16(reply->sport),
	    .dst_port = rte_cpu_to_be_16(reply->dport),
	    .sent_seq = rte_cpu_to_be_32(reply->seq),
	    .recv_ack = rte_cpu_to_be_32(reply->ack),
	    .data_off = sizeof(*tcp) / 4 << 4,
	    .tcp_flags = reply->flags,
	};
	tcp->cksum = reply->version == 6
			 ? rte_ipv6_udptcp_cksum((const struct rte_ipv6_hdr *)ip, tcp)
			 : rte_ipv4_udptcp_cksum((const struct rte_ipv4_hdr *)ip, tcp);
}

struct rte_mbuf *tcp_segment_build(struct rte_mempool *pool, const struct tcp_reply *reply)
{
	uint16_t ip_len =
	    reply->version == 6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);
	uint16_t size = (uint16_t)(reply->l2_len + ip_len + sizeof(struct rte_tcp_hdr));
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	uint8_t *at;

	if (m == NULL)
		return NULL;
	at = (uint8_t *)rte_pktmbuf_append(m, size);
	if (at == NULL) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	memcpy(at, reply->l2, reply->l2_len);
	at += reply->l2_len;
	if (reply->version == 6)
		reply_write_ip6(at, reply);
	else
		reply_write_ip4(at, reply);
	reply_write_tcp(at + ip_len, at, reply);
	return m;
}

struct rte_mbuf *tcp_reset_build(struct rte_mempool *pool, const uint8_t *l2, uint16_t l2_len,
				 uint8_t version, const uint8_t *src, const uint8_t *dst,
				 uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack)
{
	return tcp_segment_build(pool, &(struct tcp_reply){
					   .l2 = l2,
					   .l2_len = l2_len,
					   .version = version,
					   .flags = TCP_RST | TCP_ACK,
					   .src = src,
					   .dst = dst,
					   .sport = sport,
					   .dport = dport,
					   .seq = seq,
					   .ack = ack,
				       });
}
