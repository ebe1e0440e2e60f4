/* Frames over IPv6, UDP datagrams, and frames in several mbufs, for the rig. */
#pragma once

#include "frame.h"
#include "tcp_frame.h"

/* The segment of `t` from fd00::1 (dir 0) or fd00::2. */
static inline struct rte_mbuf *tcp6_frame(struct rig *r, const struct tcp_spec *t, uint64_t time)
{
	uint8_t four[2048];
	uint32_t segment = tcp_frame_write(four, t) - 34;
	struct frame f = {.len = 0};

	frame_eth(&f, 0x86dd);
	frame_ip6(&f, (uint8_t)(1 + t->dir), (uint8_t)(2 - t->dir), 6, (uint16_t)segment);
	f.bytes[14 + 7] = t->ttl == 0 ? 64 : t->ttl;
	frame_add(&f, four + 34, segment);
	frame_checksum(&f, 6);
	return rig_mbuf(r->pool, f.bytes, f.len, time);
}

static inline void tcp6_send(struct rig *r, const struct tcp_spec *t)
{
	struct rte_mbuf *m = tcp6_frame(r, t, tcp_clock += 1000);

	rig_run(r, &m, 1, LINK_ETHERNET);
}

/* A datagram of `len` bytes of 'x' between 10.0.0.1:1234 (dir 0) and 10.0.0.2:53. */
static inline struct rte_mbuf *udp_frame(struct rig *r, int dir, uint16_t len, uint64_t time)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x0800);
	frame_ip4(&f, (uint8_t)(1 + dir), (uint8_t)(2 - dir), 17, (uint16_t)(8 + len));
	frame_udp(&f, dir == 0 ? 1234 : 53, dir == 0 ? 53 : 1234, (uint16_t)(8 + len));
	frame_fill(&f, 'x', len);
	frame_checksum(&f, 17);
	return rig_mbuf(r->pool, f.bytes, f.len, time);
}

static inline void udp_send(struct rig *r, int dir, uint16_t len, uint64_t time)
{
	struct rte_mbuf *m = udp_frame(r, dir, len, time);

	rig_run(r, &m, 1, LINK_ETHERNET);
}

/* The same frame in mbufs that end at each of `cuts` (ascending, in the frame). */
static inline struct rte_mbuf *frame_cut(struct rte_mempool *pool, struct rte_mbuf *whole,
					 const uint32_t *cuts, unsigned int count)
{
	struct rte_mbuf *head = NULL;
	uint32_t done = 0;

	for (unsigned int i = 0; i <= count; i++) {
		uint32_t to = i < count ? cuts[i] : rte_pktmbuf_pkt_len(whole);
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		memcpy(rte_pktmbuf_append(m, (uint16_t)(to - done)),
		       rte_pktmbuf_mtod_offset(whole, const uint8_t *, done), to - done);
		done = to;
		if (head == NULL)
			head = m;
		else
			rte_pktmbuf_chain(head, m);
	}
	packet_mbuf_set_time(head, packet_mbuf_time(whole));
	rte_pktmbuf_free(whole);
	return head;
}
