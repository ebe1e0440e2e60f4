/* Packets in mbufs of a small pool, whole or in pieces, with right checksums. */
#pragma once

#include "packet/checksum.h"
#include "packet/packet.h"
#include "support/eal.h"
#include "support/frame.h"

#define POOL 16

static struct rte_mempool *pool;

/* The frame in mbufs of at most `room` bytes each, parsed. */
static inline struct packet packet_from(const struct frame *f, uint32_t room)
{
	struct rte_mbuf *m = NULL;
	struct packet p = {0};

	for (uint32_t at = 0; at < f->len; at += room) {
		struct rte_mbuf *part = rte_pktmbuf_alloc(pool);
		uint16_t len = (uint16_t)RTE_MIN(room, f->len - at);

		assert_non_null(part);
		memcpy(rte_pktmbuf_append(part, len), f->bytes + at, len);
		if (m == NULL)
			m = part;
		else
			assert_int_equal(rte_pktmbuf_chain(m, part), 0);
	}
	packet_parse(&p, m, LINK_ETHERNET);
	return p;
}

static inline struct packet packet_whole(const struct frame *f)
{
	return packet_from(f, 1024);
}

static inline void packet_done(struct packet *p)
{
	rte_pktmbuf_free(p->mbuf);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

static inline struct frame with_checksum(struct frame f, uint8_t proto)
{
	frame_checksum(&f, proto);
	return f;
}

/* TCP and UDP over both versions, with an odd number of payload bytes. */
static inline unsigned int samples(struct frame *f)
{
	f[0] = with_checksum(frame_tcp4(101), 6);
	f[1] = with_checksum(frame_udp4(101), 17);
	f[2] = with_checksum(frame_tcp6(101), 6);
	f[3] = with_checksum(frame_udp6(101), 17);
	return 4;
}

static inline int packet_pool_start(void **state)
{
	(void)state;
	if (test_eal_start() < 0)
		return -1;
	pool = test_pool_create("write", POOL, 1024);
	return pool == NULL ? -1 : 0;
}

static inline int packet_pool_stop(void **state)
{
	(void)state;
	return rte_eal_cleanup();
}
