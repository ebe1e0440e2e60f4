/* What the parser may look at of a frame, and where its current header lies. */
#pragma once

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <stdint.h>
#include <string.h>

#include "dynfield.h"
#include "packet.h"

/* A header has to be within `contiguous` and within its datagram; `end` is that
 * of the innermost datagram so far. Offsets are from the start of the frame, also
 * where `bytes` is of a later segment: then headers before it are out of reach. */
struct packet_view {
	const uint8_t *bytes;
	uint32_t contiguous; /* offset at which the segment that `bytes` is of ends */
	uint32_t end;	     /* of the frame, then of the IP datagram */
	uint32_t missing;    /* bytes after `end` that the capture did not keep */
	struct flow_zone zone;
	const uint8_t *ip; /* the innermost IP header */
	struct rte_mbuf *mbuf;
};

/* Goes on in the segment in which `len` bytes from `offset` lie; a header that
 * lies in two is drawn together first. False where it cannot be read. */
bool view_reach(struct packet_view *v, uint32_t offset, uint32_t len);

static inline bool view_has(struct packet_view *v, uint32_t offset, uint32_t len)
{
	if (likely(offset + len <= v->contiguous))
		return offset + len <= v->end;
	return view_reach(v, offset, len);
}

/* Headers are looked for in the first segment: a short one gets more. */
void view_draw_together(struct rte_mbuf *m);

static __rte_always_inline void view_init(struct packet_view *v, struct packet *p,
					  struct rte_mbuf *m)
{
	uint32_t wire = packet_mbuf_wire_length(m);

	if (unlikely(m->nb_segs != 1))
		view_draw_together(m);
	*v = (struct packet_view){
	    .bytes = rte_pktmbuf_mtod(m, const uint8_t *),
	    .contiguous = m->data_len,
	    .end = m->pkt_len,
	    .mbuf = m,
	};
	if (unlikely(wire > m->pkt_len)) {
		p->flags |= PACKET_TRUNCATED;
		v->missing = wire - m->pkt_len;
	}
}

static inline uint16_t view_u16(const struct packet_view *v, uint32_t offset)
{
	uint16_t value;

	memcpy(&value, v->bytes + offset, sizeof(value));
	return rte_be_to_cpu_16(value);
}

static inline uint32_t view_u32(const struct packet_view *v, uint32_t offset)
{
	uint32_t value;

	memcpy(&value, v->bytes + offset, sizeof(value));
	return rte_be_to_cpu_32(value);
}

/* Ends the view `len` bytes after `start`, as a header says; what lies beyond is
 * padding. False when neither the frame nor the wire had that much. */
static inline bool view_narrow(struct packet_view *v, uint32_t start, uint32_t len)
{
	uint32_t have = v->end - start;

	if (likely(len <= have)) {
		v->end = start + len;
		v->missing = 0;
		return true;
	}
	if (len > have + v->missing)
		return false;
	v->missing = len - have;
	return true;
}

static inline bool packet_fail(struct packet *p, enum packet_malformed_reason reason)
{
	p->flags |= PACKET_MALFORMED;
	p->reason = (uint8_t)reason;
	return false;
}
