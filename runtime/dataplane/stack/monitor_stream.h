/* Bytes in order: from the segment, or from what is held, to DATA_TCP. */
#pragma once

#include "../memory/owner.h"
#include "../tcp/reassembly.h"
#include "../tcp/track.h"
#include "stack.h"
#include "unheard.h"

static __rte_always_inline bool monitor_has_streams(const struct stack_features f)
{
	return f.data_client || f.data_server;
}

/* Bytes that are delivered are remembered where they may have to be compared. */
static __rte_always_inline bool monitor_remembers(const struct stack_features f)
{
	return f.drops || (f.overlap && f.history > 0);
}

static __rte_always_inline bool monitor_hears(const struct stack_features f, enum mbx_direction dir)
{
	return dir == MBX_CLIENT ? f.data_client : f.data_server;
}

static __rte_always_inline bool monitor_wants_tmpl(const struct stack *s, const struct flow *flow,
						   enum mbx_direction dir,
						   const struct stack_features f,
						   const struct stack_hooks *h)
{
	if (!monitor_hears(f, dir))
		return false;
	return h->wants_data(s, flow, dir) || ((f.overlap || f.gap) && h->follows(flow));
}

static __rte_always_inline struct stream *
monitor_stream(const struct flow *flow, enum mbx_direction dir, const struct stack_features f)
{
	return (struct stream *)stack_flow_part(flow, f.stream_at) + dir;
}

static __rte_always_inline struct stream_digests *
monitor_digests(const struct flow *flow, enum mbx_direction dir, const struct stack_features f)
{
	return f.drops ? (struct stream_digests *)stack_flow_part(flow, f.digests_at) + dir : NULL;
}

static inline uint32_t monitor_stream_id(const struct flow *flow, enum mbx_direction dir)
{
	return flow->index << 1 | (uint32_t)dir;
}

/* Nothing of a stream is open: no byte is held, in doubt or given up. Such a one
 * goes on in the same way whether somebody wants its bytes or not. */
static inline bool monitor_stream_is_settled(const struct stream *st)
{
	return st->end <= st->pos && st->given_up <= st->pos && st->doubted == NULL &&
	       (st->flags & ~STREAM_DEAF) == 0;
}

static __rte_always_inline bool monitor_streams_are_settled(const struct flow *flow,
							    const struct stack_features f)
{
	return (!f.data_client || monitor_stream_is_settled(monitor_stream(flow, MBX_CLIENT, f))) &&
	       (!f.data_server || monitor_stream_is_settled(monitor_stream(flow, MBX_SERVER, f)));
}

/* Whether the end of a flow has to wait until the network functions have handled
 * what was raised: they decide whether what it holds is handed on. */
static __rte_always_inline bool monitor_end_waits_tmpl(const struct stack *s,
						       const struct flow *flow,
						       const struct stack_features f,
						       const struct stack_hooks *h)
{
	return monitor_has_streams(f) && h->unsettled(s, flow) &&
	       !monitor_streams_are_settled(flow, f);
}

/* Hands on `len` bytes at st->pos. */
static __rte_always_inline void monitor_deliver_tmpl(struct stack *s, struct burst *b,
						     struct event_site *site, struct stream *st,
						     const uint8_t *data, uint32_t len,
						     uintptr_t owner, const struct stack_features f,
						     const struct stack_hooks *h)
{
	/* Before it is raised: the event itself may be what a switch is made on. */
	bool unsettled = h->unsettled(s, site->flow);
	bool wanted = h->wants_data(s, site->flow, site->dir);

	site->flags = owner & 1 ? EVENT_HELD : 0;
	if (unlikely(st->flags & STREAM_AFTER_GAP)) {
		site->flags |= EVENT_AFTER_GAP;
		st->flags &= (uint8_t)~STREAM_AFTER_GAP;
	}
	if (f.data_client)
		STACK_FEATURE("data_client");
	if (f.data_server)
		STACK_FEATURE("data_server");
	site->offset = stream_offset(st, st->pos);
	site->length = len;
	site->data = data;
	site->owner = owner;
	site->seq = stream_seq(st, st->pos);
	h->raise(s, b, EVENT_DATA_TCP, site);
	/* At once, because a network function may write to the packet; what nobody turns
	 * out to have heard is forgotten again (stack_judge_bytes()). */
	if (monitor_remembers(f) && (wanted || f.overlap)) {
		if ((owner & 1) == 0 && !(f.drops && st->lost >= st->pos + len))
			stream_remember(&s->reassembly, st,
					monitor_stream_id(site->flow, site->dir), st->pos, data,
					len);
		s->tentative |= unsettled && wanted;
	}
	if (f.drops && !wanted)
		stream_unheard(st, st->pos, st->pos + len);
	st->pos += len;
}

/* A hole up to `to`: its bytes will never be handed on. */
static __rte_always_inline void monitor_gap_tmpl(struct stack *s, struct burst *b,
						 struct event_site *site, struct stream *st,
						 uint64_t to, const struct stack_features f,
						 const struct stack_hooks *h)
{
	site->flags = 0;
	site->offset = stream_offset(st, st->pos);
	site->length = to - st->pos;
	site->seq = stream_seq(st, st->pos);
	site->data = NULL;
	site->owner = OWNER_NONE;
	s->counters->tcp_gap++;
	s->counters->tcp_gap_bytes += site->length;
	if (f.gap) {
		STACK_FEATURE("gap");
		h->raise(s, b, EVENT_FLOW_GAP, site);
	}
	if ((st->flags & STREAM_URGENT) && st->urgent < to)
		st->flags &= (uint8_t) ~(STREAM_URGENT | STREAM_URGENT_HOLD);
	st->flags |= STREAM_AFTER_GAP;
	st->pos = to;
}

/* The urgent byte leaves the stream, and what is behind it can go on. */
static inline void monitor_urgent_settle(struct stream *st)
{
	if (!(st->flags & STREAM_URGENT_HOLD))
		return;
	st->flags &= (uint8_t) ~(STREAM_URGENT | STREAM_URGENT_HOLD);
	st->pos++;
	st->removed++;
}

/* Where a FIN ends the stream: what is held behind it is nothing. When the flow
 * ends, one that was not reached ends nothing. */
static inline uint64_t monitor_stream_stop(const struct stream *st, const struct tcp_side *side,
					   bool ending)
{
	int64_t at = stream_position(st, side->fin);

	if (!(side->flags & TCP_SIDE_FIN_DONE) && (ending || !(side->flags & TCP_SIDE_FIN)))
		return STREAM_NOWHERE;
	return (uint64_t)RTE_MAX(at, (int64_t)st->pos);
}

/* How many bytes can be handed on from memory at st->pos, 0 for none. */
static inline uint32_t monitor_stream_ready(struct stream *st, struct page **page,
					    const uint8_t **data)
{
	uint32_t len = st->end > st->pos ? stream_run(stream_held(st), st->pos, page, data) : 0;
	uint64_t hole;

	if (len > 0 && (st->flags & STREAM_URGENT)) {
		if (st->urgent == st->pos)
			st->flags |= STREAM_URGENT_HOLD;
		if (st->urgent >= st->pos)
			len = (uint32_t)RTE_MIN((uint64_t)len, st->urgent - st->pos);
	}
	if (len > 0 || (st->flags & STREAM_URGENT_HOLD) || st->given_up <= st->pos)
		return len;
	len = stream_run(st->doubted, st->pos, page, data);
	hole = RTE_MIN(stream_next(stream_held(st), st->pos), st->given_up);
	return (uint32_t)RTE_MIN((uint64_t)len, hole - st->pos);
}

/* Where the hole at st->pos ends, if it is given up and bytes follow it: a gap at
 * the very end is none, because nothing goes on behind it. */
static inline bool monitor_hole_ends(const struct stream *st, uint64_t *to)
{
	uint64_t held, doubted;

	if (st->given_up <= st->pos)
		return false;
	held = stream_next(stream_held(st), st->pos);
	doubted = stream_next(st->doubted, st->pos);
	*to = RTE_MIN(RTE_MIN(held, doubted), st->given_up);
	return held != STREAM_NOWHERE || doubted < st->given_up;
}

/* Gives back pages that are done with. What has not been acknowledged stays
 * where drops are possible: only so a retransmission can be compared, and one that
 * cannot is dropped. When memory gets tight, the history makes room for that. */
static __rte_always_inline void monitor_stream_trim_tmpl(struct stack *s, const struct flow *flow,
							 enum mbx_direction dir, struct stream *st,
							 const struct stack_features f)
{
	uint64_t keep = st->end > st->pos ? st->pos : UINT64_MAX;

	if (st->pages == 0)
		return;
	if (monitor_remembers(f)) {
		const struct tcp_track *t = stack_flow_part(flow, f.tcp_at);
		int64_t acked = stream_position(st, t->side[dir].una);

		if (f.drops && unlikely((int64_t)st->lost > acked))
			digest_forget_bytes(monitor_digests(flow, dir, f), &s->reassembly, st,
					    monitor_stream_id(flow, dir));
		if (f.drops && (st->flags & STREAM_DEAF)) {
			stream_turn_deaf(&s->reassembly, st, monitor_stream_id(flow, dir),
					 t->side[dir].una);
			return;
		}
		keep = st->pos > f.history ? st->pos - f.history : 0;
		if (f.drops && unlikely(reassembly_is_tight(&s->reassembly)))
			keep = st->pos;
		if (f.drops && acked < (int64_t)keep)
			keep = acked < 0 ? 0 : (uint64_t)acked;
	}
	stream_trim(&s->reassembly, st, monitor_stream_id(flow, dir), keep);
}

/* End of what has arrived without a hole: what waits behind an urgent byte too. */
static inline uint64_t monitor_stream_arrived(const struct stream *st, const struct tcp_side *side)
{
	uint64_t at = st->pos;
	const uint8_t *data;
	struct page *page;
	uint32_t len;

	if (likely(!(st->flags & STREAM_URGENT_HOLD)))
		return at;
	at = (uint64_t)RTE_MAX((int64_t)at, stream_position(st, side->next));
	while ((len = stream_run(stream_held(st), at, &page, &data)) > 0)
		at += len;
	return at;
}

/* Once a FIN is reached, the host throws away what it holds behind it. */
static inline void monitor_stream_fin(struct stack *s, const struct flow *flow,
				      enum mbx_direction dir, struct stream *st,
				      const struct tcp_side *side)
{
	uint64_t fin;

	if (likely(!(side->flags & TCP_SIDE_FIN_DONE)) || st->pages == 0)
		return;
	fin = (uint64_t)stream_position(st, side->fin);
	if (st->end > fin || st->doubted != NULL)
		stream_cut(&s->reassembly, st, monitor_stream_id(flow, dir), fin);
}

/* False where nobody has wanted a byte of it yet, and none has come: it knows no sequence
 * number that it could tell the tracker. */
static inline bool monitor_stream_has_begun(const struct stream *st, const struct tcp_side *side)
{
	return st->pos > 0 || st->base == side->isn + 1;
}

/* Hands on what one direction can; false when the log is full. */
static __rte_always_inline bool monitor_stream_drain_tmpl(struct stack *s, struct burst *b,
							  struct event_site *site, bool ending,
							  const struct stack_features f,
							  const struct stack_hooks *h)
{
	struct flow *flow = site->flow;
	struct tcp_track *t = stack_flow_part(flow, f.tcp_at);
	struct stream *st = monitor_stream(flow, site->dir, f);
	struct page *page = NULL;
	const uint8_t *data = NULL;
	/* What left has to be heard, though a FIN ends the stream that may not arrive, or that
	 * the host may refuse. */
	const bool goes_on = f.unheard || (f.drops && (t->side[site->dir].flags & TCP_SIDE_UNSURE));
	const uint64_t stop =
	    goes_on ? STREAM_NOWHERE : monitor_stream_stop(st, &t->side[site->dir], ending);

	/* Else the tracker would take a reset or a FIN that the host does not, and let what
	 * follows leave unheard. */
	if (unlikely(st->flags & STREAM_AHEAD) &&
	    stream_position(st, t->side[site->dir].next) >= (int64_t)st->given_up)
		st->flags &= (uint8_t)~STREAM_AHEAD;
	if (!f.unheard)
		monitor_stream_fin(s, flow, site->dir, st, &t->side[site->dir]);
	for (;;) {
		uint64_t to;
		uint32_t len;

		if (event_log_room(&b->log) < EVENT_SLOTS_MAX)
			return false;
		len = monitor_stream_ready(st, &page, &data);
		len = (uint32_t)RTE_MIN((uint64_t)len, stop - RTE_MIN(st->pos, stop));
		if (len > 0) {
			/* What was in doubt has to be compared from now on too; memory for
			 * it must not depend on the room in the log. */
			if (monitor_remembers(f) &&
			    page_find(stream_held(st), st->pos / PAGE_BYTES) != page) {
				if (unlikely(stack_is_short(s)) && stack_lends(s) &&
				    b->log.first != EVENT_END)
					return false;
				if (s->reassembly.keeps &&
				    s->reassembly.pages >= s->reassembly.limit)
					st->lost = RTE_MAX(st->lost, st->pos + len);
				else
					stream_remember(&s->reassembly, st,
							monitor_stream_id(flow, site->dir), st->pos,
							data, len);
			}
			monitor_deliver_tmpl(s, b, site, st, data, len,
					     owner_of_chunk(page_chunk(page)), f, h);
			continue;
		}
		/* Where verdicts count, what follows an urgent byte cannot wait: it would
		 * be judged when its packet has left. */
		if ((ending || f.drops) && (st->flags & STREAM_URGENT_HOLD)) {
			monitor_urgent_settle(st);
			continue;
		}
		if ((st->flags & STREAM_URGENT_HOLD) || st->pos >= stop ||
		    !monitor_hole_ends(st, &to))
			break;
		to = RTE_MIN(to, stop);
		monitor_gap_tmpl(s, b, site, st, to, f, h);
	}
	if (likely(!(st->flags & STREAM_AHEAD) &&
		   monitor_stream_has_begun(st, &t->side[site->dir])))
		tcp_track_arrived(t, &flow->state, site->dir,
				  stream_seq(st, monitor_stream_arrived(st, &t->side[site->dir])));
	if (!f.unheard)
		monitor_stream_fin(s, flow, site->dir, st, &t->side[site->dir]);
	monitor_stream_trim_tmpl(s, flow, site->dir, st, f);
	if (st->end <= st->pos && st->doubted == NULL)
		st->flags &= (uint8_t)~STREAM_REFUTED;
	return true;
}

/* At the end of a flow holes are given up, and what was in doubt is taken, unless
 * the peer has shown since that it did not get there. `all`: what waits is taken
 * even so. */
static inline void monitor_stream_end(struct stream *st, const struct tcp_track *t,
				      enum mbx_direction dir, bool all)
{
	int64_t top = stream_position(st, t->side[dir].doubt_top);

	monitor_urgent_settle(st);
	if ((st->flags & STREAM_REFUTED) && !all)
		return;
	st->given_up = RTE_MAX(st->given_up, st->end);
	if (st->doubted != NULL && top > (int64_t)st->given_up)
		st->given_up = (uint64_t)top;
}

/* Hands on what both directions can; false when the log is full. */
static __rte_always_inline bool monitor_drain_tmpl(struct stack *s, struct burst *b,
						   struct flow *flow, uint16_t packet,
						   uint64_t time, bool ending,
						   const struct stack_features f,
						   const struct stack_hooks *h)
{
	struct event_site site = {.flow = flow, .packet = packet, .time = time};
	struct tcp_track *t = stack_flow_part(flow, f.tcp_at);

	if (!monitor_has_streams(f))
		return true;
	if (f.data_client) {
		site.dir = MBX_CLIENT;
		if (ending)
			monitor_stream_end(monitor_stream(flow, MBX_CLIENT, f), t, MBX_CLIENT,
					   f.unheard);
		if (!monitor_stream_drain_tmpl(s, b, &site, ending, f, h))
			return false;
	}
	if (f.data_server) {
		site.dir = MBX_SERVER;
		if (ending)
			monitor_stream_end(monitor_stream(flow, MBX_SERVER, f), t, MBX_SERVER,
					   f.unheard);
		if (!monitor_stream_drain_tmpl(s, b, &site, ending, f, h))
			return false;
	}
	return true;
}

static __rte_always_inline void monitor_streams_clear_tmpl(struct stack *s, struct flow *flow,
							   const struct stack_features f)
{
	if (!monitor_has_streams(f))
		return;
	for (int dir = 0; dir < 2; dir++)
		stream_clear(&s->reassembly, monitor_stream(flow, (enum mbx_direction)dir, f),
			     monitor_stream_id(flow, (enum mbx_direction)dir));
}
