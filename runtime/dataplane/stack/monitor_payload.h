/* A TCP segment on its way through the monitor, and its payload. */
#pragma once

#include "monitor_flow.h"

/* A segment on its way through the monitor. */
struct monitor_segment {
	struct tcp_segment tcp;
	struct flow *flow;
	uint32_t before; /* of its side: what the peer expected before this segment */
	uint32_t len;	 /* payload bytes that are here; a capture may have cut some */
	uint16_t packet;
	uint8_t dir;
	bool guarded;	      /* `unheard drop`, and somebody wants bytes of this direction */
	unsigned int outcome; /* enum tcp_outcome */
};

/* Contiguous bytes of a payload, mbuf by mbuf. */
struct payload_piece {
	struct rte_mbuf *mbuf;
	const uint8_t *data;
	uint32_t len;
};

/* The first piece from `skip` bytes into the payload. */
static inline struct payload_piece payload_begin(const struct packet *p, uint32_t skip)
{
	struct rte_mbuf *m = p->mbuf;
	uint32_t offset = p->payload + skip;

	while (m != NULL && offset >= rte_pktmbuf_data_len(m)) {
		offset -= rte_pktmbuf_data_len(m);
		m = m->next;
	}
	if (m == NULL)
		return (struct payload_piece){.mbuf = NULL};
	return (struct payload_piece){.mbuf = m,
				      .data = rte_pktmbuf_mtod_offset(m, const uint8_t *, offset),
				      .len = rte_pktmbuf_data_len(m) - offset};
}

static inline void payload_advance(struct payload_piece *piece)
{
	struct rte_mbuf *m = piece->mbuf->next;

	while (m != NULL && rte_pktmbuf_data_len(m) == 0)
		m = m->next;
	*piece = (struct payload_piece){.mbuf = m};
	if (m == NULL)
		return;
	piece->data = rte_pktmbuf_mtod(m, const uint8_t *);
	piece->len = rte_pktmbuf_data_len(m);
}

static inline uint32_t payload_present(const struct packet *p)
{
	uint32_t frame = rte_pktmbuf_pkt_len(p->mbuf);

	return frame <= p->payload ? 0 : RTE_MIN(p->payload_len, frame - p->payload);
}

static inline struct event_site monitor_site(const struct burst *b, const struct monitor_segment *g)
{
	return (struct event_site){
	    .flow = g->flow, .packet = g->packet, .time = b->packet[g->packet].time, .dir = g->dir};
}
