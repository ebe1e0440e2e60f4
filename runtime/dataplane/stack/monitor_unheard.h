/* `unheard drop`: payload that somebody wants leaves when it is heard, or kept to
 * be heard; not because a host will probably ignore it. The segment that would
 * make the host ignore it may die behind us. */
#pragma once

#include "monitor_digest.h"

/* An urgent byte that the host takes out of the stream is heard by nobody, and
 * whether it does, a segment decides that may not arrive: where only what is heard
 * may leave, no urgent pointer does. */
static __rte_always_inline bool monitor_cuts_urgent(const struct stack_features f)
{
	return !f.urgent_inline && !f.unheard;
}

/* Bytes of a segment that the peer has acknowledged: it ignores them for sure.
 * Picked up mid-stream, an acknowledgement has to be seen first. */
static inline uint32_t monitor_acknowledged(const struct tcp_track *t,
					    const struct monitor_segment *g)
{
	const struct tcp_side *side = &t->side[g->dir];
	int32_t len = (int32_t)(side->una - g->tcp.seq - ((g->tcp.flags & TCP_SYN) != 0));

	if (!(side->flags & TCP_SIDE_BASE) || (!(t->syns & 1 << g->dir) && side->acked == 0))
		return 0;
	return len < 0 ? 0 : RTE_MIN(g->len, (uint32_t)len);
}

static inline bool monitor_bytes_agree(const struct packet *p, const struct stream *st, uint64_t at,
				       uint32_t skip, uint64_t len)
{
	struct payload_piece piece = payload_begin(p, skip);

	while (len > 0 && piece.mbuf != NULL) {
		uint32_t some = (uint32_t)RTE_MIN(len, (uint64_t)piece.len);

		if (!stream_agrees(st, at, piece.data, some))
			return false;
		at += some;
		len -= some;
		payload_advance(&piece);
	}
	return true;
}

/* Whether a segment's bytes are those that were heard or are kept, but for the
 * first `skip` ones and those from `end` on. */
static __rte_always_inline bool
monitor_payload_agrees_tmpl(const struct stack *s, const struct packet *p,
			    const struct monitor_segment *g, const struct stream *st, uint32_t skip,
			    uint64_t end, const struct stack_features f)
{
	int64_t begin = stream_position(st, g->tcp.seq + ((g->tcp.flags & TCP_SYN) != 0));
	int64_t at = begin + skip, behind = begin + (int64_t)g->len;
	int64_t to = (int64_t)RTE_MIN((uint64_t)behind, end);

	if (at < 0)
		return at >= behind;
	while (at < to) {
		const struct stream_digest *d =
		    monitor_digest_next(g, st, (uint64_t)at, begin, behind, f);
		int64_t some = RTE_MIN(d == NULL ? to : (int64_t)d->from, to);

		if (d != NULL && d->from <= (uint64_t)at) {
			if (!monitor_digest_agrees(s, p, d, begin))
				return false;
			at = (int64_t)digest_end(d);
			continue;
		}
		if (!monitor_bytes_agree(p, st, (uint64_t)at, (uint32_t)(at - begin),
					 (uint64_t)(some - at)))
			return false;
		at = some;
	}
	return true;
}

static inline bool monitor_is_heard(const struct stack *s, const struct burst *b,
				    const struct monitor_segment *g, uint64_t from,
				    const struct stack_features f)
{
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	const struct stream *st = monitor_stream(g->flow, (enum mbx_direction)g->dir, f);
	uint32_t skip = monitor_acknowledged(t, g);

	if (!f.urgent_inline && (g->tcp.flags & (TCP_URG | TCP_RST)) == TCP_URG)
		return false;
	if (skip == g->len)
		return true;
	if (from == STREAM_NOWHERE)
		return false;
	return monitor_payload_agrees_tmpl(s, &b->packet[g->packet], g, st, skip,
					   st->pos > from ? from : STREAM_NOWHERE, f);
}

/* Drops a segment with bytes that somebody wants and nobody has heard. The stream
 * has taken it, and stood at `from` before: what lies behind, up to where it stands,
 * is handed on with the segment. STREAM_NOWHERE: it has not looked at it. */
static __rte_always_inline void monitor_unheard_tmpl(const struct stack *s, struct burst *b,
						     const struct monitor_segment *g, uint64_t from,
						     const struct stack_features f)
{
	if (!f.unheard)
		return;
	STACK_FEATURE("unheard");
	if (g->guarded && !monitor_is_heard(s, b, g, from, f))
		burst_drop(b, g->packet, VERDICT_DROP_UNHEARD, BURST_NO_NF);
}

/* The same for a segment that no stream follows. Who begins a connection without a
 * record would have it unheard. */
static __rte_always_inline void monitor_unheard_unfollowed_tmpl(struct stack *s, struct burst *b,
								struct monitor_segment *g,
								const struct stack_features f,
								const struct stack_hooks *h)
{
	if (!f.unheard)
		return;
	if (g->flow == NULL) {
		if (g->len > 0 || (g->tcp.flags & (TCP_SYN | TCP_FIN)))
			burst_drop(b, g->packet, VERDICT_DROP_UNHEARD, BURST_NO_NF);
		return;
	}
	g->dir = (uint8_t)flow_direction(g->flow, b->packet[g->packet].reversed);
	if (g->len > 0 && monitor_hears(f, (enum mbx_direction)g->dir) &&
	    h->wants_data(s, g->flow, (enum mbx_direction)g->dir) &&
	    monitor_acknowledged(stack_flow_part(g->flow, f.tcp_at), g) < g->len)
		burst_drop(b, g->packet, VERDICT_DROP_UNHEARD, BURST_NO_NF);
}
