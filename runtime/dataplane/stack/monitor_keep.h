/* Where functions may drop, a segment leaves only if its copies can be compared afterwards:
 * a copy that nobody can compare is dropped, and its connection stands still. Bytes for
 * which there is no memory do not leave, as if they had been lost before they came here.
 * Their sender repeats them. A digest is kept of next ones, so that each connection goes
 * on, whatever others hold. */
#pragma once

#include "monitor_copy.h"
#include "monitor_room.h"
#include "monitor_unheard.h"

/* Bytes [from, to) of a segment are new to its stream, `skip` into the payload. */
struct monitor_news {
	uint64_t from, to;
	uint32_t skip;
	bool next; /* all before them has arrived */
};

/* As the stream will stand once it is in step with the tracker. */
static inline struct monitor_news monitor_news(const struct monitor_segment *g,
					       const struct stream *st, const struct tcp_side *side)
{
	uint32_t base = st->pos == 0 ? side->isn + 1 : st->base;
	uint32_t pos = base + (uint32_t)st->pos;
	uint32_t seq = g->tcp.seq + ((g->tcp.flags & TCP_SYN) != 0);
	int64_t at = (int64_t)st->pos + (int32_t)(seq - pos);
	int64_t arrived = (int64_t)st->pos + (int32_t)(g->before - pos);
	int64_t have = RTE_MAX((int64_t)st->pos, arrived);
	int64_t to = RTE_MAX(at + (int64_t)g->len, have);

	return (struct monitor_news){
	    .from = (uint64_t)RTE_MAX(at, have),
	    .to = (uint64_t)to,
	    .skip = at < have ? (uint32_t)RTE_MIN(have - at, (int64_t)g->len) : 0,
	    .next = at <= have,
	};
}

/* A cheap test: there may be no room for what a segment brings. */
static __rte_always_inline bool monitor_is_scarce(const struct stack *s, const struct flow *flow,
						  enum mbx_direction dir, uint32_t len,
						  const struct stack_features f)
{
	if (!f.drops || len == 0 || !monitor_hears(f, dir))
		return false;
	return reassembly_is_scarce(&s->reassembly, monitor_stream(flow, dir, f)->pages, len);
}

/* Whether a segment has to wait until it is known who hears what was raised before: that
 * decides how much room there is. */
static __rte_always_inline bool monitor_room_waits_tmpl(const struct stack *s,
							const struct monitor_segment *g,
							const struct packet *p,
							const struct stack_features f,
							const struct stack_hooks *h)
{
	if (!f.drops || !monitor_has_streams(f) ||
	    likely(!s->tentative && (g->flow == NULL || !h->unsettled(s, g->flow))))
		return false;
	if (g->flow == NULL)
		return g->len > 0 && reassembly_is_scarce(&s->reassembly, 0, g->len);
	return monitor_is_scarce(s, g->flow, flow_direction(g->flow, p->reversed), g->len, f);
}

/* Whether next bytes go straight from the mbuf to who hears them, and need no page. */
static __rte_always_inline bool monitor_next_is_straight(const struct monitor_segment *g,
							 const struct packet *p,
							 const struct stream *st,
							 const struct monitor_news *news,
							 const struct stack_features f)
{
	const uint8_t open = (uint8_t) ~(STREAM_AFTER_GAP | STREAM_AHEAD | STREAM_REFUTED);

	return news->from == st->pos && (st->flags & open) == 0 && p->mbuf->nb_segs == 1 &&
	       st->given_up <= st->pos && !(monitor_cuts_urgent(f) && (g->tcp.flags & TCP_URG)) &&
	       (st->end <= st->pos || stream_next(stream_held(st), st->pos) >= news->to);
}

/* Keeps a digest in the place of next bytes. Pages that they need on their way to who
 * hears them are given back at once. */
static __rte_always_inline bool monitor_digest_tmpl(struct stack *s, const struct packet *p,
						    const struct monitor_segment *g,
						    struct stream *st,
						    const struct monitor_news *news,
						    const struct stack_features f)
{
	enum mbx_direction dir = (enum mbx_direction)g->dir;
	struct stream_digests *digests = monitor_digests(g->flow, dir, f);
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	int64_t acked = stream_position(st, t->side[dir].una);
	struct stream_digest *slot = digest_free(digests, (uint64_t)RTE_MAX(acked, (int64_t)0));
	uint32_t len = (uint32_t)(news->to - news->from);
	struct stream_overlap found = {0};

	if (slot == NULL && monitor_is_onesided(g->flow, dir))
		slot = digest_oldest(digests);
	if (!news->next || slot == NULL ||
	    (!monitor_next_is_straight(g, p, st, news, f) &&
	     stream_missing(stream_held(st), news->from, news->to) > s->chunks->available))
		return false;
	/* The digest is of what is handed on, which may not be what came last. */
	if (st->end > news->from)
		monitor_contradict(p, g, stream_held(st), news->from, news->skip, &found);
	if (found.conflict_to > found.conflict_from)
		return false;
	*slot = (struct stream_digest){
	    .tag = monitor_tag(s, p, news->skip, len), .from = news->from, .len = len & 0xffff};
	st->lost = RTE_MAX(st->lost, news->to);
	s->counters->held_digested++;
	return true;
}

/* Whether there is a place for what a segment brings: among the bytes in doubt, where the
 * host may take what it seems to refuse. */
static inline bool monitor_has_place(const struct stack *s, const struct stream *st,
				     const struct monitor_news *news, bool doubted)
{
	struct page *root = doubted ? st->doubted : stream_held(st);

	return news->from >= news->to ||
	       reassembly_has_room(&s->reassembly, st->pages,
				   stream_missing(root, news->from, news->to));
}

/* Whether what a segment brings can be compared later, or heard once it is known to be
 * taken; the tracker has taken the segment, its stream has not seen it. */
static __rte_always_inline bool monitor_keeps_tmpl(struct stack *s, const struct burst *b,
						   const struct monitor_segment *g,
						   const struct stack_features f,
						   const struct stack_hooks *h)
{
	enum mbx_direction dir = (enum mbx_direction)g->dir;
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	struct stream *st = monitor_stream(g->flow, dir, f);
	bool doubted = (g->outcome & TCP_DOUBTS) != 0;
	struct monitor_news news;

	if (!(g->outcome & (TCP_TAKES | TCP_DOUBTS)) || !monitor_wants_tmpl(s, g->flow, dir, f, h))
		return true;
	news = monitor_news(g, st, &t->side[dir]);
	if (monitor_has_place(s, st, &news, doubted))
		return true;
	/* Its own history goes first. */
	if (monitor_forget_done_tmpl(s, g->flow, dir, st, f) &&
	    monitor_has_place(s, st, &news, doubted))
		return true;
	return !doubted && monitor_digest_tmpl(s, &b->packet[g->packet], g, st, &news, f);
}

/* Drops a segment that may not arrive: a copy with other bytes, or one with bytes for
 * which there is no memory. */
static __rte_always_inline bool monitor_refuses_tmpl(struct stack *s, struct burst *b,
						     const struct monitor_segment *g, bool copy,
						     bool scarce, const struct stack_features f,
						     const struct stack_hooks *h)
{
	if (copy && monitor_rewrites_tmpl(s, b, g, f, h)) {
		monitor_drop_copy_tmpl(s, b, g, f, h);
		return true;
	}
	if (!scarce || monitor_keeps_tmpl(s, b, g, f, h))
		return false;
	burst_drop(b, g->packet, VERDICT_DROP_UNKEPT, BURST_NO_NF);
	return true;
}
