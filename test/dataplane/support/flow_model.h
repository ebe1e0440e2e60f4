/* An established TCP connection as both hosts see it, on stream_model.h. Knows
 * segments whose numbers are inside the windows; handshakes, timestamps and
 * segments that a host refuses are tried elsewhere. */
#pragma once

#include "stream_model.h"

struct model_segment {
	uint32_t packet;
	int dir;
	uint32_t at, len; /* payload [at, at + len) of the sender's stream */
	const uint8_t *data;
	bool fin, rst, urg;
	bool refused; /* it acknowledges what was never sent */
	uint16_t urgent;
	uint32_t ack; /* position in the other stream; a FIN counts as one byte */
};

/* Which bytes of a segment the monitor has to compare with what was handed on,
 * as of that moment, and what differs in the queue. */
struct model_copy {
	bool compared;
	uint32_t from, to;	       /* positions */
	uint32_t have, removed, acked; /* of the stream, then */
	uint32_t differs, differs_to;  /* in the queue; MODEL_NOWHERE: nothing */
	uint32_t denies, denies_to;    /* bytes in doubt that it takes the place of */
};

struct flow_model {
	struct model_side side[2];
	enum overlap_policy policy;
	bool urgent_inline;
	bool hasty; /* verdicts count: what follows an urgent byte does not wait */
	bool ended;
};

static inline void flow_model_reset(struct flow_model *m, enum overlap_policy policy,
				    bool urgent_inline, bool hasty)
{
	model_side_reset(&m->side[0]);
	model_side_reset(&m->side[1]);
	m->policy = policy;
	m->urgent_inline = urgent_inline;
	m->hasty = hasty;
	m->ended = false;
}

/* What this side sends next; its FIN counts as one byte. */
static inline uint32_t model_next_number(const struct model_side *s)
{
	return s->next + s->fin_done;
}

static inline void model_end(struct flow_model *m, uint32_t packet)
{
	for (int dir = 0; dir < 2; dir++) {
		struct model_side *s = &m->side[dir];
		uint32_t end = model_queue_end(s), doubt_end = model_doubt_end(s);

		model_settle_urgent(s);
		end = end > doubt_end ? end : doubt_end;
		if (!s->refuted && end > s->given_up)
			s->given_up = end;
		model_deliver(s, packet, true);
	}
	m->ended = true;
}

/* `to` learns that its peer has all before `ack`. */
static inline void model_ack(struct model_side *to, uint32_t ack)
{
	uint32_t data = to->fin != MODEL_NOWHERE && ack > to->fin ? to->fin : ack;

	if (ack <= to->una)
		return;
	to->una = ack;
	to->top = ack > to->top ? ack : to->top;
	if (data <= to->next)
		return;
	to->next = data;
	to->given_up = data;
	model_advance(to);
}

static inline uint32_t model_urgent_at(const struct model_segment *seg)
{
	return seg->at + (seg->urgent == 0 ? 0 : seg->urgent - 1u);
}

/* Whether a segment announces another urgent byte than the one that is known. */
static inline bool model_urgent_moves(const struct model_side *from,
				      const struct model_segment *seg)
{
	uint32_t at = model_urgent_at(seg);

	return seg->urg && at >= from->next && at >= from->pos &&
	       (from->urgent == MODEL_NOWHERE || at > from->urgent);
}

static inline void model_urgent(struct model_side *from, const struct model_segment *seg)
{
	if (!model_urgent_moves(from, seg))
		return;
	from->urgent = model_urgent_at(seg); /* one that was not read yet goes back */
	from->waits = false;
}

/* Whether a segment's bytes are held against those of before. */
static inline bool model_compares(const struct model_side *from, const struct model_segment *seg)
{
	uint32_t end = seg->at + seg->len;

	if (seg->rst)
		return false;
	if (end + seg->fin < from->una) /* left of the window: a copy */
		return true;
	if (seg->refused)
		return false;
	if (from->fin_done)
		return end <= from->fin;
	/* RFC 9293, 3.8.4: only what is acknowledged is a keep-alive */
	return seg->len != 1 || end != from->next || end > from->una;
}

/* With what was handed on, or waits behind an urgent byte, or did until this packet. */
static inline void model_compare(const struct model_side *from, const struct model_segment *seg,
				 struct model_copy *copy)
{
	uint32_t end = seg->at + seg->len;
	uint32_t have = from->pos;

	if ((from->waits || model_queued(from, from->pos)) && from->next > have)
		have = from->next;
	if (seg->at >= have || seg->len == 0)
		return;
	copy->compared = true;
	copy->from = seg->at;
	copy->to = end < have ? end : have;
	copy->have = have;
	copy->removed = from->removed;
	copy->acked = from->una;
}

/* A FIN waits with its segment: one that covers it takes its place, and one that
 * lies inside what is queued was never there. */
static inline void model_fin(struct model_side *from, const struct model_segment *seg)
{
	uint32_t end = seg->at + seg->len;
	uint32_t behind = end + seg->fin;
	bool covers = from->fin != MODEL_NOWHERE && behind > from->fin &&
		      (seg->at <= from->next || seg->at < from->fin_from ||
		       (seg->at == from->fin_from && behind > from->fin + 1));

	if (covers)
		from->fin = MODEL_NOWHERE;
	if (!seg->fin || end < from->next)
		return;
	if (from->fin == MODEL_NOWHERE || end < from->fin) {
		from->fin = end;
		from->fin_from = seg->at;
	}
	if (from->fin == end && seg->at > from->pos && model_queued(from, seg->at) &&
	    model_queued(from, end))
		from->fin = MODEL_NOWHERE;
}

static inline void model_payload(struct flow_model *m, struct model_side *from,
				 const struct model_segment *seg, struct model_copy *copy)
{
	uint32_t end = seg->at + seg->len;
	uint32_t next = from->next;
	bool compares = model_compares(from, seg);

	if (from->fin_done) {
		if (!m->urgent_inline)
			model_urgent(from, seg);
		if (compares)
			model_compare(from, seg, copy);
		return;
	}
	model_fin(from, seg);
	if (end + seg->fin > from->top)
		from->top = end + seg->fin;
	if (!m->urgent_inline)
		model_urgent(from, seg);
	if (compares)
		model_compare(from, seg, copy);
	if (end > next && seg->len > 0) {
		uint32_t skip = seg->at < next ? next - seg->at : 0;

		from->refuted = false;
		copy->removed = from->removed;
		model_contradict(from, seg->at + skip, end, seg->data + skip, &copy->denies,
				 &copy->denies_to);
		model_queue(from, m->policy, seg->at + skip, end, seg->data + skip, &copy->differs,
			    &copy->differs_to);
	}
	model_advance(from);
}

/* The peer ignores it, unless it knows of bytes that did not pass here: then it
 * acknowledges this one too. */
static inline void model_refuse(struct model_side *from, const struct model_segment *seg,
				struct model_copy *copy)
{
	uint32_t end = seg->at + seg->len;
	uint32_t skip = seg->at < from->next ? from->next - seg->at : 0;

	if (from->fin_done || end <= from->next || seg->len == 0)
		return;
	from->top = end > from->top ? end : from->top;
	model_doubt(from, seg->at + skip, end, seg->data + skip, &copy->differs, &copy->differs_to);
}

static inline void model_copy_reset(struct model_copy *copy)
{
	*copy = (struct model_copy){.differs = MODEL_NOWHERE, .denies = MODEL_NOWHERE};
}

/* A segment that was dropped between both ends: it was seen, and nothing else has
 * happened. */
static inline void flow_model_dropped(const struct flow_model *m, const struct model_segment *seg,
				      struct model_copy *copy)
{
	const struct model_side *from = &m->side[seg->dir];

	model_copy_reset(copy);
	if (!m->ended && model_compares(from, seg))
		model_compare(from, seg, copy);
}

static inline void flow_model_segment(struct flow_model *m, const struct model_segment *seg,
				      struct model_copy *copy)
{
	struct model_side *from = &m->side[seg->dir], *to = &m->side[seg->dir ^ 1];
	bool speaks = seg->len > 0 || seg->fin;

	model_copy_reset(copy);
	if (m->ended)
		return;
	if (model_doubts(to)) /* the peer speaks of it no more */
		to->refuted = true;
	if (seg->rst) {
		from->refuted = true; /* it is at a hole: what is behind that never got there */
		if (model_queue_end(to) > 0)
			to->refuted = true;
		model_end(m, seg->packet);
		return;
	}
	if (seg->at + seg->len + seg->fin < from->una) { /* left of the window: a copy */
		model_compare(from, seg, copy);
		return;
	}
	if (seg->refused) {
		model_refuse(from, seg, copy);
		return;
	}
	model_ack(to, seg->ack);
	if (model_queue_end(to) > 0)
		to->refuted = true;
	if (speaks) {
		model_settle_urgent(to);
		if (m->urgent_inline || !model_urgent_moves(from, seg))
			model_settle_urgent(from);
	}
	model_payload(m, from, seg, copy);
	model_deliver(&m->side[0], seg->packet, m->hasty);
	model_deliver(&m->side[1], seg->packet, m->hasty);
	if (from->fin_done && to->fin_done && from->una > from->fin && to->una > to->fin)
		model_end(m, seg->packet);
}
