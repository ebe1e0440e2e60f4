/* One TCP segment in its flow: what the tracker says of it, and its payload. */
#pragma once

#include "monitor_keep.h"
#include "monitor_urgent.h"

/* Nothing of the other direction after so long: it takes another way. */
#define MONITOR_PATIENCE_NS 1000000000ull

static inline bool monitor_has(struct page *root, int64_t at)
{
	struct page *p = page_find(root, (uint64_t)at / PAGE_BYTES);

	return p != NULL && page_bit(p->present, (uint64_t)at % PAGE_BYTES);
}

/* Whether a byte in doubt lies in the place of a segment's FIN: if the peer has that, this
 * is a copy. */
static inline bool monitor_fin_is_doubted(const struct monitor_segment *g,
					  const struct stack_features f)
{
	const struct stream *st;

	if (likely(!(g->tcp.flags & TCP_FIN)) || !f.drops ||
	    !monitor_hears(f, (enum mbx_direction)g->dir))
		return false;
	st = monitor_stream(g->flow, (enum mbx_direction)g->dir, f);
	return st->doubted != NULL &&
	       monitor_has(st->doubted, stream_position(st, g->tcp.seq + g->tcp.len));
}

static __rte_always_inline unsigned int monitor_judged(const struct stack_features f)
{
	return f.drops ? TCP_JUDGED : 0;
}

/* Patient: long enough since the flow's start without a packet of the other direction. */
static inline unsigned int monitor_manner(const struct monitor_segment *g, uint64_t now,
					  const struct stack_features f)
{
	uint16_t other = g->dir == MBX_CLIENT ? FLOW_SERVER_SEEN : FLOW_CLIENT_SEEN;
	bool patient = !(g->flow->flags & other) && now > g->flow->started + MONITOR_PATIENCE_NS;

	return (patient ? TCP_PATIENT : 0) | monitor_judged(f) | (f.unheard ? TCP_GUARDED : 0) |
	       (monitor_fin_is_doubted(g, f) ? TCP_FIN_DOUBTED : 0);
}

/* In order and contiguous with what was delivered: straight from the mbuf. */
static __rte_always_inline void
monitor_payload_direct_tmpl(struct stack *s, struct burst *b, const struct monitor_segment *g,
			    struct stream *st, uint32_t skip, uint32_t len,
			    const struct stack_features f, const struct stack_hooks *h)
{
	struct event_site site = monitor_site(b, g);
	struct payload_piece piece = payload_begin(&b->packet[g->packet], skip);

	while (piece.mbuf != NULL) {
		uint32_t some = RTE_MIN(len, piece.len);

		monitor_deliver_tmpl(s, b, &site, st, piece.data, some, owner_of_mbuf(piece.mbuf),
				     f, h);
		len -= some;
		if (len == 0) /* what is next stands in a line that nobody has fetched */
			break;
		payload_advance(&piece);
	}
	/* What is behind a hole in the queue and now delivered is of no use there. */
	st->end = RTE_MAX(st->end, st->pos);
}

/* Copies payload [skip, skip + len) to where the stream wants it. */
static inline void monitor_payload_store(struct stack *s, const struct packet *p,
					 const struct monitor_segment *g, struct stream *st,
					 uint64_t at, uint32_t skip, uint32_t len, bool doubted,
					 enum overlap_policy policy, struct stream_overlap *found)
{
	struct stream_extent extent = {at, at + len};
	struct payload_piece piece = payload_begin(p, skip);
	uint32_t id = monitor_stream_id(g->flow, (enum mbx_direction)g->dir);

	while (len > 0 && piece.mbuf != NULL) {
		uint32_t some = RTE_MIN(len, piece.len);

		if (doubted)
			stream_doubt(&s->reassembly, st, id, at, piece.data, some, found);
		else if (!stream_hold(&s->reassembly, st, id, &extent, at, piece.data, some, policy,
				      found))
			return;
		at += some;
		len -= some;
		payload_advance(&piece);
	}
}

/* Bytes that are taken where others were refused: if the host did otherwise, its
 * application got those. */
static __rte_always_inline void monitor_taken_tmpl(struct stack *s, struct burst *b,
						   const struct monitor_segment *g,
						   const struct stream *st, uint64_t at,
						   uint32_t skip, const struct stack_features f,
						   const struct stack_hooks *h)
{
	struct stream_overlap found = {0};

	if (likely(st->doubted == NULL) || !f.overlap)
		return;
	monitor_contradict(&b->packet[g->packet], g, st->doubted, at, skip, &found);
	monitor_overlap_tmpl(s, b, g, st, found.conflict_from, found.conflict_to, 0, f, h);
}

/* A FIN that comes early and lies, with its segment, inside what is queued: that
 * came first. `at` and `to`: the segment's bytes. */
static inline void monitor_fin_refuse(const struct stream *st, struct tcp_side *side, int64_t at,
				      int64_t to)
{
	if (!(side->flags & TCP_SIDE_FIN) || side->fin != stream_seq(st, (uint64_t)to))
		return;
	if (at > (int64_t)st->pos && monitor_has(stream_held(st), at) &&
	    monitor_has(stream_held(st), to))
		side->flags &= (uint16_t)~TCP_SIDE_FIN;
}

/* A byte in doubt lies in the place of a FIN that waits. When that number is acknowledged,
 * nobody knows which of them the peer has; behind a FIN nothing would be heard. */
static inline void monitor_fin_doubt(const struct stream *st, struct tcp_side *side)
{
	if ((side->flags & TCP_SIDE_FIN) && st->doubted != NULL &&
	    monitor_has(st->doubted, stream_position(st, side->fin)))
		side->flags &= (uint16_t)~TCP_SIDE_FIN;
}

/* Bytes that are refused as far as is known. Which copy the host has of those that
 * differ, from others in doubt or from what is queued, nobody knows. */
static __rte_always_inline void monitor_doubted_tmpl(struct stack *s, struct burst *b,
						     const struct monitor_segment *g,
						     struct stream *st, uint64_t at, uint32_t skip,
						     const struct stack_features f,
						     const struct stack_hooks *h)
{
	const struct packet *p = &b->packet[g->packet];
	struct stream_overlap found = {0};

	if (g->outcome & TCP_REFUSED)
		st->flags |= STREAM_REFUTED;
	if (f.overlap && st->end > at)
		monitor_contradict(p, g, stream_held(st), at, skip, &found);
	monitor_payload_store(s, p, g, st, at, skip, g->len - skip, true, OVERLAP_FIRST, &found);
	monitor_overlap_tmpl(s, b, g, st, found.conflict_from, found.conflict_to, 0, f, h);
}

/* Whether a segment shows that the peer has not got what is held: the peer speaks
 * and does not acknowledge it, or the sender's reset ends the connection. */
static inline bool monitor_refutes(const struct monitor_segment *g, bool own,
				   const struct stream *st, const struct tcp_track *t)
{
	if (own)
		return t->ending == TCP_ENDING_RST;
	if (st->doubted != NULL && (g->tcp.flags & (TCP_ACK | TCP_RST)))
		return true;
	return (g->outcome & TCP_ACCEPTED) && st->end > st->pos;
}

/* The sender's stream, in the general case. */
static __rte_always_inline void monitor_payload_tmpl(struct stack *s, struct burst *b,
						     const struct monitor_segment *g,
						     const struct stack_features f,
						     const struct stack_hooks *h)
{
	struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	struct tcp_side *side = &t->side[g->dir];
	struct stream *st = monitor_stream(g->flow, (enum mbx_direction)g->dir, f);
	const struct packet *p = &b->packet[g->packet];
	const bool syn = (g->tcp.flags & TCP_SYN) != 0;
	int64_t at = stream_position(st, g->tcp.seq + syn);
	int64_t to = at + (int64_t)g->len;
	/* What the peer has, it keeps, also where it was never seen. */
	int64_t have = RTE_MAX((int64_t)st->pos, stream_position(st, g->before));
	uint32_t skip = at < have ? (uint32_t)(have - at) : 0;
	struct stream_overlap found = {0};
	uint64_t from;

	if (monitor_cuts_urgent(f))
		monitor_urgent_note(st, g, p);
	if (unlikely(g->tcp.flags & TCP_FIN)) {
		monitor_fin_refuse(st, side, at, to);
		if (f.drops)
			monitor_fin_doubt(st, side);
	}
	if ((g->outcome & TCP_REPEATS) || (g->outcome & TCP_TAKES && skip > 0))
		monitor_repeated_tmpl(s, b, g, st, f, h);
	if (g->len == 0 || to <= have || !(g->outcome & (TCP_TAKES | TCP_DOUBTS)))
		return;
	from = (uint64_t)(at + skip);
	if (g->outcome & TCP_DOUBTS) {
		if (f.unheard && g->guarded)
			return; /* it does not get there */
		monitor_doubted_tmpl(s, b, g, st, from, skip, f, h);
		if (f.drops)
			monitor_fin_doubt(st, side);
		return;
	}
	monitor_taken_tmpl(s, b, g, st, from, skip, f, h);
	if (f.drops && st->lost >= (uint64_t)to) /* a digest is kept of it, whatever it was */
		st->flags &= (uint8_t)~STREAM_REFUTED;
	if (from == st->pos && (st->flags & ~(STREAM_AFTER_GAP | STREAM_AHEAD)) == 0 &&
	    p->mbuf->nb_segs == 1 && st->given_up <= st->pos &&
	    (st->end <= st->pos || stream_next(stream_held(st), st->pos) >= (uint64_t)to)) {
		monitor_payload_direct_tmpl(s, b, g, st, skip, g->len - skip, f, h);
		return;
	}
	st->flags &= (uint8_t)~STREAM_REFUTED;
	s->counters->tcp_out_of_order += from > st->pos;
	s->counters->held_copied++;
	/* A copy that differs from what waits is dropped: what waits has to stay. */
	monitor_payload_store(s, p, g, st, from, skip, g->len - skip, false,
			      f.unheard && g->guarded ? OVERLAP_FIRST : f.overlap_policy, &found);
	monitor_overlap_tmpl(s, b, g, st, found.conflict_from, found.conflict_to, 0, f, h);
}

/* Nobody wants the bytes of this segment: it may be a copy of some that were heard. */
static __rte_always_inline void
monitor_unwanted_tmpl(struct stack *s, struct burst *b, const struct monitor_segment *g,
		      struct stream *st, const struct tcp_side *side, const struct stack_features f,
		      const struct stack_hooks *h)
{
	if (g->len == 0)
		return;
	if (f.drops && (g->outcome & (TCP_REPEATS | TCP_TAKES)) && stream_guards(st, side->una))
		monitor_repeated_tmpl(s, b, g, st, f, h);
	monitor_stream_skip_tmpl(s, st, g, (enum mbx_direction)g->dir, side, f);
}

/* Both streams after a segment that is not plainly the next one. */
static __rte_always_inline void monitor_streams_tmpl(struct stack *s, struct burst *b,
						     const struct monitor_segment *g,
						     const struct stack_features f,
						     const struct stack_hooks *h)
{
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	enum mbx_direction dir = (enum mbx_direction)g->dir;
	bool speaks = (g->outcome & TCP_ACCEPTED) && (g->len > 0 || (g->tcp.flags & TCP_FIN));
	uint64_t from = STREAM_NOWHERE; /* what is handed on straight from the segment */

	for (int i = 0; i < 2; i++) {
		enum mbx_direction d = (enum mbx_direction)i;
		const struct tcp_side *side = &t->side[d];
		struct stream *st = monitor_stream(g->flow, d, f);
		bool own = d == dir;

		if (!monitor_hears(f, d) || !(side->flags & TCP_SIDE_BASE))
			continue;
		if (!monitor_wants_tmpl(s, g->flow, d, f, h)) {
			if (own)
				monitor_unwanted_tmpl(s, b, g, st, side, f, h);
			continue;
		}
		monitor_stream_align(s, st, g, d, side,
				     own ? g->before
					 : side->next - ((side->flags & TCP_SIDE_FIN_DONE) != 0));
		if (own && (g->outcome & TCP_CONFIRMS))
			st->given_up = RTE_MAX(
			    st->given_up,
			    (uint64_t)RTE_MAX(stream_position(st, side->doubt_top), (int64_t)0));
		if (monitor_refutes(g, own, st, t))
			st->flags |= STREAM_REFUTED;
		if (speaks && !(own && monitor_cuts_urgent(f) &&
				monitor_urgent_moves(st, g, &b->packet[g->packet])))
			monitor_urgent_settle(st);
		if (own) {
			from = st->pos;
			monitor_payload_tmpl(s, b, g, f, h);
		}
	}
	monitor_unheard_tmpl(s, b, g, from, f);
}

/* The next bytes of a stream in which nothing is open: nearly every segment.
 * Returns false when it is not so. */
static __rte_always_inline bool monitor_payload_next_tmpl(struct stack *s, struct burst *b,
							  const struct monitor_segment *g,
							  const struct stack_features f,
							  const struct stack_hooks *h)
{
	enum mbx_direction dir = (enum mbx_direction)g->dir;
	const struct stream *other;
	struct stream *st;

	if (!monitor_has_streams(f))
		return true;
	if (g->outcome != (TCP_ACCEPTED | TCP_TAKES) || g->len != g->tcp.len)
		return false;
	other = monitor_stream(g->flow, dir ^ 1, f);
	if (monitor_hears(f, dir ^ 1) && ((other->flags & STREAM_URGENT_HOLD) ||
					  other->doubted != NULL || other->end > other->pos))
		return false;
	if (!f.urgent_inline && (g->tcp.flags & TCP_URG))
		return false;
	if (g->len == 0 || !monitor_hears(f, dir))
		return true;
	st = monitor_stream(g->flow, dir, f);
	if (!monitor_wants_tmpl(s, g->flow, dir, f, h)) {
		const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);

		/* The host's next bytes, but a hole that was given up here. */
		if (f.drops && unlikely(stream_guards(st, t->side[dir].una)) &&
		    seq_before(g->tcp.seq, stream_seq(st, st->pos)))
			return false;
		monitor_stream_skip_tmpl(s, st, g, dir, &t->side[dir], f);
		return true;
	}
	if (st->flags != 0 || st->end > st->pos || st->given_up > st->pos || st->doubted != NULL ||
	    stream_seq(st, st->pos) != g->tcp.seq || b->packet[g->packet].mbuf->nb_segs != 1)
		return false;
	monitor_payload_direct_tmpl(s, b, g, st, 0, g->len, f, h);
	if (monitor_remembers(f))
		monitor_stream_trim_tmpl(s, g->flow, dir, st, f);
	return true;
}
