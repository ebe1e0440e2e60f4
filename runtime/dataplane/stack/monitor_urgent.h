/* Which byte of a stream is the urgent one. */
#pragma once

#include "monitor_payload.h"

/* RFC 9293, section 3.8.5, as Linux has it without SO_OOBINLINE: the pointer is
 * past the urgent byte, 0 means the first. */
static inline uint32_t monitor_urgent_seq(const struct monitor_segment *g, const struct packet *p)
{
	return g->tcp.seq + (p->urgent == 0 ? 0 : p->urgent - 1u);
}

/* Whether a segment announces another urgent byte than the one that is known. */
static inline bool monitor_urgent_moves(const struct stream *st, const struct monitor_segment *g,
					const struct packet *p)
{
	uint32_t seq = monitor_urgent_seq(g, p);
	int64_t at = stream_position(st, seq);

	return (g->tcp.flags & TCP_URG) && (g->outcome & TCP_ACCEPTED) && at >= (int64_t)st->pos &&
	       !seq_before(seq, g->before) &&
	       !((st->flags & STREAM_URGENT) && (uint64_t)at <= st->urgent);
}

/* Another urgent byte that comes before the application has read this one puts it
 * back; until something else passes, nobody can know, so what follows waits. */
static inline void monitor_urgent_note(struct stream *st, const struct monitor_segment *g,
				       const struct packet *p)
{
	if (!monitor_urgent_moves(st, g, p))
		return;
	st->urgent = (uint64_t)stream_position(st, monitor_urgent_seq(g, p));
	st->flags = (uint8_t)((st->flags & ~STREAM_URGENT_HOLD) | STREAM_URGENT);
}
