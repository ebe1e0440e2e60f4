/* Copies: segments with bytes that the peer has already. */
#pragma once

#include "monitor_digest.h"
#include "monitor_step.h"

static __rte_always_inline void
monitor_overlap_tmpl(struct stack *s, struct burst *b, const struct monitor_segment *g,
		     const struct stream *st, uint64_t from, uint64_t to, uint8_t unknown,
		     const struct stack_features f, const struct stack_hooks *h)
{
	struct event_site site = monitor_site(b, g);

	if (from == to)
		return;
	s->counters->tcp_overlap += !unknown;
	s->counters->tcp_overlap_unknown += unknown;
	if (!f.overlap)
		return;
	STACK_FEATURE("overlap");
	site.reason = unknown;
	site.offset = stream_offset(st, from);
	site.length = to - from;
	h->raise(s, b, EVENT_FLOW_OVERLAP, &site);
}

/* End of what a segment that ends at `to` repeats: bytes that wait behind an
 * urgent one have arrived too. */
static inline int64_t monitor_repeats_to(const struct stream *st, const struct monitor_segment *g,
					 int64_t to)
{
	int64_t at = (int64_t)st->pos;

	if (unlikely(st->end > st->pos && stream_next(stream_held(st), st->pos) == st->pos))
		at = RTE_MAX(at, stream_position(st, g->before));
	return RTE_MIN(at, to);
}

/* Payload from `skip` on against what a tree of the stream has in its place. */
static inline void monitor_contradict(const struct packet *p, const struct monitor_segment *g,
				      struct page *root, uint64_t at, uint32_t skip,
				      struct stream_overlap *found)
{
	struct payload_piece piece = payload_begin(p, skip);

	for (uint32_t len = g->len - skip; len > 0 && piece.mbuf != NULL;) {
		uint32_t some = RTE_MIN(len, piece.len);

		stream_contradict(root, at, piece.data, some, found);
		at += some;
		len -= some;
		payload_advance(&piece);
	}
}

/* Compares bytes [from, from + len) of a stream, `skip` into the payload, with those that
 * are kept. */
static inline void monitor_compare_bytes(const struct packet *p, const struct stream *st,
					 uint64_t from, uint32_t skip, uint64_t len,
					 struct stream_overlap *found)
{
	struct payload_piece piece = payload_begin(p, skip);

	while (len > 0 && piece.mbuf != NULL) {
		uint32_t some = (uint32_t)RTE_MIN(len, (uint64_t)piece.len);

		stream_compare(st, from, piece.data, some, found);
		from += some;
		len -= some;
		payload_advance(&piece);
	}
}

/* Compares the bytes of a segment that the peer has already with what is known of them. */
static __rte_always_inline void monitor_compare_tmpl(const struct stack *s, const struct burst *b,
						     const struct monitor_segment *g,
						     const struct stream *st,
						     struct stream_overlap *found,
						     const struct stack_features f)
{
	const struct packet *p = &b->packet[g->packet];
	int64_t begin = stream_position(st, g->tcp.seq + ((g->tcp.flags & TCP_SYN) != 0));
	int64_t end = monitor_repeats_to(st, g, begin + (int64_t)g->len);

	*found = (struct stream_overlap){0};
	for (int64_t at = RTE_MAX(begin, (int64_t)0); at < end;) {
		uint32_t skip = (uint32_t)(at - begin);
		const struct stream_digest *d =
		    monitor_digest_next(g, st, (uint64_t)at, begin, end, f);

		if (d != NULL && d->from <= (uint64_t)at) {
			if (!monitor_digest_agrees(s, p, d, begin))
				overlap_differs(found, d->from, digest_end(d));
			at = (int64_t)digest_end(d);
		} else {
			int64_t to = d == NULL ? end : (int64_t)d->from;

			monitor_compare_bytes(p, st, (uint64_t)at, skip, (uint64_t)(to - at),
					      found);
			at = to;
		}
	}
}

/* Says in which bytes a segment differs from those that the peer has. */
static __rte_always_inline void monitor_repeated_tmpl(struct stack *s, struct burst *b,
						      const struct monitor_segment *g,
						      const struct stream *st,
						      const struct stack_features f,
						      const struct stack_hooks *h)
{
	struct stream_overlap found;

	if (!(f.overlap || f.drops))
		return;
	monitor_compare_tmpl(s, b, g, st, &found, f);
	monitor_overlap_tmpl(s, b, g, st, found.conflict_from, found.conflict_to, 0, f, h);
	monitor_overlap_tmpl(s, b, g, st, found.unknown_from, found.unknown_to, 1, f, h);
}

/* Whether a segment has bytes left of what was handed on, or where others wait: it may have
 * to be dropped. */
static __rte_always_inline bool monitor_is_copy(const struct monitor_segment *g,
						const struct stack_features f)
{
	const struct stream *st;

	if (!f.drops || g->len == 0 || !monitor_hears(f, (enum mbx_direction)g->dir))
		return false;
	st = monitor_stream(g->flow, (enum mbx_direction)g->dir, f);
	return (st->pos > 0 && seq_before(g->tcp.seq, stream_seq(st, st->pos))) ||
	       st->end > st->pos;
}

/* What of a segment differs from bytes that wait, while the host may have refused either.
 * No policy says then which it has: what waits stays, and the other does not get there. */
static inline void monitor_compare_waiting(const struct burst *b, const struct monitor_segment *g,
					   const struct stream *st, const struct tcp_side *side,
					   struct stream_overlap *found)
{
	int64_t at = stream_position(st, g->tcp.seq + ((g->tcp.flags & TCP_SYN) != 0));
	int64_t skip = RTE_MAX((int64_t)st->pos - at, (int64_t)0);

	*found = (struct stream_overlap){0};
	if (!(side->flags & TCP_SIDE_UNSURE) || !(g->outcome & TCP_TAKES) || st->end <= st->pos ||
	    skip >= (int64_t)g->len)
		return;
	monitor_contradict(&b->packet[g->packet], g, stream_held(st), (uint64_t)(at + skip),
			   (uint32_t)skip, found);
}

/* Whether a copy that the host would look at puts other bytes than were heard in their
 * place; what the tracker says of it is in g->outcome. The stream is left as it is:
 * arrived bytes that it knows nothing of yet are heard by nobody. */
static __rte_always_inline bool monitor_rewrites_tmpl(const struct stack *s, const struct burst *b,
						      const struct monitor_segment *g,
						      const struct stack_features f,
						      const struct stack_hooks *h)
{
	enum mbx_direction dir = (enum mbx_direction)g->dir;
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	const struct stream *st = monitor_stream(g->flow, dir, f);
	struct stream_overlap found;

	if (!(g->outcome & (TCP_REPEATS | TCP_TAKES)) ||
	    (!monitor_wants_tmpl(s, g->flow, dir, f, h) && !stream_guards(st, t->side[dir].una)))
		return false;
	monitor_compare_tmpl(s, b, g, st, &found, f);
	if (stream_rewrites(st, t->side[dir].una, &found))
		return true;
	monitor_compare_waiting(b, g, st, &t->side[dir], &found);
	return found.conflict_to > found.conflict_from;
}

static __rte_always_inline void monitor_rexmit_tmpl(struct stack *s, struct burst *b,
						    const struct monitor_segment *g,
						    const struct stack_features f,
						    const struct stack_hooks *h)
{
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	struct event_site site = monitor_site(b, g);
	uint32_t begin = t->side[g->dir].isn + 1;
	uint32_t from = seq_max(g->tcp.seq, begin);
	uint32_t to =
	    seq_before(g->tcp.seq + g->tcp.len, g->before) ? g->tcp.seq + g->tcp.len : g->before;

	if (!seq_after(to, from))
		return;
	s->counters->tcp_rexmit++;
	if (!f.rexmit)
		return;
	STACK_FEATURE("rexmit");
	site.length = to - from;
	site.offset = from - begin;
	if (monitor_has_streams(f)) {
		const struct stream *st = monitor_stream(g->flow, (enum mbx_direction)g->dir, f);

		if (!(st->flags & STREAM_DEAF) && monitor_hears(f, (enum mbx_direction)g->dir))
			site.offset = stream_offset(st, (uint64_t)stream_position(st, from));
	}
	h->raise(s, b, EVENT_FLOW_REXMIT, &site);
}

/* Drops a copy that rewrites: no part of it arrives, so none is handed on either. */
static __rte_always_inline void monitor_drop_copy_tmpl(struct stack *s, struct burst *b,
						       const struct monitor_segment *g,
						       const struct stack_features f,
						       const struct stack_hooks *h)
{
	enum mbx_direction dir = (enum mbx_direction)g->dir;
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	const struct stream *st = monitor_stream(g->flow, dir, f);
	struct stream_overlap found;

	monitor_rexmit_tmpl(s, b, g, f, h);
	monitor_repeated_tmpl(s, b, g, st, f, h);
	monitor_compare_waiting(b, g, st, &t->side[dir], &found);
	monitor_overlap_tmpl(s, b, g, st, found.conflict_from, found.conflict_to, 0, f, h);
	burst_drop(b, g->packet, VERDICT_DROP_REWRITTEN, BURST_NO_NF);
}
