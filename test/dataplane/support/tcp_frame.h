/* TCP segments for tests: Ethernet, IPv4, 10.0.0.1:1000 (dir 0) and 10.0.0.2:80. */
#pragma once

#include <rte_ip.h>
#include <rte_tcp.h>
#include <string.h>

#include "monitor_rig.h"

struct tcp_spec {
	int dir;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t window; /* 0: 8192 */
	uint16_t urgent;
	const void *options;
	uint8_t options_len; /* multiple of 4 */
	const void *data;
	uint32_t len;
	uint16_t client_port; /* 0: 1000 */
	bool window_zero;
	uint8_t ttl; /* 0: 64 */
};

static inline uint32_t tcp_frame_write(uint8_t *at, const struct tcp_spec *t)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(at + 14);
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)(at + 34);
	uint16_t port = t->client_port == 0 ? 1000 : t->client_port;
	uint32_t total = 40u + t->options_len + t->len;

	memcpy(at, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\x00", 14);
	*ip = (struct rte_ipv4_hdr){.version_ihl = 0x45,
				    .total_length = rte_cpu_to_be_16((uint16_t)total),
				    .time_to_live = t->ttl == 0 ? 64 : t->ttl,
				    .next_proto_id = 6,
				    .src_addr = rte_cpu_to_be_32(0x0a000001u + (uint32_t)t->dir),
				    .dst_addr = rte_cpu_to_be_32(0x0a000002u - (uint32_t)t->dir)};
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	*tcp = (struct rte_tcp_hdr){.src_port = rte_cpu_to_be_16(t->dir == 0 ? port : 80),
				    .dst_port = rte_cpu_to_be_16(t->dir == 0 ? 80 : port),
				    .sent_seq = rte_cpu_to_be_32(t->seq),
				    .recv_ack = rte_cpu_to_be_32(t->ack),
				    .data_off = (uint8_t)((20 + t->options_len) / 4 << 4),
				    .tcp_flags = t->flags,
				    .rx_win = rte_cpu_to_be_16(t->window_zero	? 0
							       : t->window == 0 ? 8192
										: t->window),
				    .tcp_urp = rte_cpu_to_be_16(t->urgent)};
	if (t->options_len > 0)
		memcpy(tcp + 1, t->options, t->options_len);
	if (t->len > 0)
		memcpy((uint8_t *)(tcp + 1) + t->options_len, t->data, t->len);
	tcp->cksum = rte_ipv4_udptcp_cksum(ip, tcp);
	return 14 + total;
}

static inline struct rte_mbuf *tcp_frame(struct rig *r, const struct tcp_spec *t, uint64_t time)
{
	uint8_t frame[65600];
	uint32_t len = tcp_frame_write(frame, t);

	return rig_mbuf(r->pool, frame, len, time);
}

static inline void tcp_send_at(struct rig *r, const struct tcp_spec *t, uint64_t time)
{
	struct rte_mbuf *m = tcp_frame(r, t, time);

	rig_run(r, &m, 1, LINK_ETHERNET);
}

/* Client's ISN is 1000, the server's 5000: data starts at 1001 and 5001. */
#define CLIENT_ISN 1000u
#define SERVER_ISN 5000u

static uint64_t tcp_clock = 1000000000ull;

static inline void tcp_send(struct rig *r, const struct tcp_spec *t)
{
	tcp_clock += 1000;
	tcp_send_at(r, t, tcp_clock);
}

static inline void tcp_open(struct rig *r)
{
	tcp_send(r, &(struct tcp_spec){.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN});
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK});
	tcp_send(r, &(struct tcp_spec){
			.dir = 0, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .flags = TCP_ACK});
}

/* Data of the client at `offset` of its stream. */
static inline void tcp_data(struct rig *r, uint32_t offset, const char *text)
{
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1 + offset,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | TCP_PSH,
				       .data = text,
				       .len = (uint32_t)strlen(text)});
}

/* The server acknowledges `offset` bytes. */
static inline void tcp_ack(struct rig *r, uint32_t offset)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 1 + offset,
				       .flags = TCP_ACK});
}
