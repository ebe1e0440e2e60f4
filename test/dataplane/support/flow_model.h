/* An established TCP connection as both hosts see it, on stream_model.h. Knows windows, and
 * acknowledgements of what was never sent; handshakes, timestamps and what else a host
 * refuses are tried elsewhere. */
#pragma once

#include "stream_model.h"

struct model_segment {
	uint32_t packet;
	int dir;
	uint32_t at, len; /* payload [at, at + len) of the sender's stream */
	const uint8_t *data;
	bool fin, rst, urg;
	uint16_t urgent;
	uint32_t window;
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
	bool vain;		       /* what differs in the queue keeps it from getting there */
	bool refused;		       /* as far as is known */
};

struct flow_model {
	struct model_side side[2];
	enum overlap_policy policy;
	bool urgent_inline;
	bool hasty; /* verdicts count: what follows an urgent byte does not wait */
	bool ended;
};

static inline void flow_model_reset(struct flow_model *m, enum overlap_policy policy,
				    bool urgent_inline, bool hasty, uint32_t window)
{
	for (int dir = 0; dir < 2; dir++) {
		model_side_reset(&m->side[dir]);
		m->side[dir].edge = m->side[dir].max_window = window;
	}
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
		uint32_t end = model_queue_end(s);
		uint32_t doubt_end = model_doubts(s) ? s->doubt_top : 0;

		model_settle_urgent(s);
		end = end > doubt_end ? end : doubt_end;
		if (!s->refuted && end > s->given_up)
			s->given_up = end;
		model_deliver(s, packet, true);
	}
	m->ended = true;
}

/* Whether a side sent what comes before `at`, as far as is known. */
static inline bool model_sent(const struct model_side *s, uint32_t at, uint32_t window)
{
	if (at <= s->top || at <= s->una)
		return true;
	return at <= s->doubt_top && s->doubt_top - at <= RTE_MAX(window, s->max_window);
}

/* `to` learns that its peer has all before `ack`. */
static inline void model_ack(struct model_side *to, uint32_t ack)
{
	uint32_t data = to->fin != MODEL_NOWHERE && ack > to->fin ? to->fin : ack;

	if (ack <= to->una)
		return;
	to->una = ack;
	to->top = ack > to->top ? ack : to->top;
	if (data > to->next) {
		to->next = data;
		to->given_up = data;
	}
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
	if (seg->len + seg->fin == 0 && !model_sent(from, end, 0))
		from->doubt_top = end; /* bytes before it were sent, and it brings none */
	else if (seg->len + seg->fin > 0)
		from->top = RTE_MAX(from->top, end + seg->fin);
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

	if (from->fin_done || end + seg->fin <= from->next || seg->len + seg->fin == 0)
		return;
	if (end + seg->fin >= from->doubt_top || !model_sent(from, end + seg->fin, 0))
		from->doubt_top = end + seg->fin;
	if (seg->len > 0)
		from->doubt_ack = seg->ack;
	if (end > from->next)
		model_doubt(from, seg->at + skip, end, seg->data + skip, &copy->differs,
			    &copy->differs_to);
}

/* Windows of both sides were lost: each is where the other one says. Then the peer has all
 * that it said. */
static inline void model_leap(const struct flow_model *m, struct model_side *from,
			      const struct model_side *to, const struct model_segment *seg)
{
	uint32_t said = to->doubt_ack;
	uint32_t end = seg->at + seg->len + seg->fin;

	if (m->hasty || from->fin_done || seg->at <= from->edge || said <= from->next ||
	    seg->ack <= to->edge || end < said || end - said > from->max_window ||
	    seg->ack > to->doubt_top ||
	    to->doubt_top - seg->ack > RTE_MAX(to->max_window, seg->window))
		return;
	from->edge = RTE_MAX(from->edge, said + from->max_window);
	model_ack(from, said);
}

/* Only a segment in doubt speaks for what is so far right of the window. */
static inline bool model_passes_window(const struct model_side *s, uint32_t at)
{
	return at > s->edge + s->max_window && at > s->top && at > s->una;
}

enum model_place { MODEL_REFUSED, MODEL_REFUSED_COPY, MODEL_TAKEN, MODEL_UNSURE };

/* RFC 9293, 3.10.7.4, first. What is right of the window, or crosses its edge, the peer may
 * take all the same: where verdicts count it is judged at once. */
static inline enum model_place model_window(const struct flow_model *m,
					    const struct model_side *from,
					    const struct model_segment *seg)
{
	uint32_t next = model_next_number(from);
	bool right = seg->at > from->edge || (seg->len > 0 && seg->at == from->edge);

	if (!right && seg->at + seg->len <= from->edge)
		return MODEL_TAKEN;
	if (!m->hasty)
		return right || seg->at >= next ? MODEL_REFUSED : MODEL_REFUSED_COPY;
	if (right && seg->at > next && (seg->at - next) / 2 >= from->max_window)
		return MODEL_REFUSED;
	return MODEL_UNSURE;
}

static inline enum model_place model_place(const struct flow_model *m,
					   const struct model_side *from,
					   const struct model_side *to,
					   const struct model_segment *seg)
{
	enum model_place place = model_window(m, from, seg);

	if (place == MODEL_REFUSED || place == MODEL_REFUSED_COPY)
		return place;
	if (!model_sent(to, seg->ack, seg->window) ||
	    (m->hasty && model_passes_window(to, seg->ack) && seg->at != model_next_number(from)))
		return m->hasty && seg->at == model_next_number(from) &&
			       (seg->ack - to->top) / 2 < to->max_window
			   ? MODEL_UNSURE
			   : MODEL_REFUSED;
	return m->hasty && seg->fin && seg->ack < to->top ? MODEL_UNSURE : place;
}

/* Whether other bytes wait in the place of a segment's, and the peer may have refused
 * either: nobody knows which it has, and the segment does not get there. */
static inline void model_vain(const struct flow_model *m, const struct model_side *from,
			      const struct model_segment *seg, enum model_place place,
			      struct model_copy *copy)
{
	uint32_t end = seg->at + seg->len;
	bool unsure = model_unsure(from) || (place == MODEL_UNSURE && end + seg->fin > from->una);

	if (!m->hasty || place < MODEL_TAKEN || !unsure || from->fin_done || end <= from->next)
		return;
	for (uint32_t at = RTE_MAX(seg->at, from->pos); at < end; at++)
		if (model_queued(from, at) && from->value[at] != seg->data[at - seg->at])
			model_differs(at, &copy->differs, &copy->differs_to);
	copy->vain = copy->differs != MODEL_NOWHERE;
}

static inline void model_copy_reset(struct model_copy *copy)
{
	*copy = (struct model_copy){.differs = MODEL_NOWHERE, .denies = MODEL_NOWHERE};
}

/* What is held of a segment against what was handed on, and what waits. */
static inline enum model_place model_look(const struct flow_model *m,
					  const struct model_segment *seg, struct model_copy *copy)
{
	const struct model_side *from = &m->side[seg->dir], *to = &m->side[seg->dir ^ 1];
	enum model_place place = model_place(m, from, to, seg);

	model_copy_reset(copy);
	if (m->ended || seg->rst)
		return place;
	if (seg->at + seg->len + seg->fin < from->una) /* left of the window: a copy */
		return MODEL_REFUSED_COPY;
	model_vain(m, from, seg, place, copy);
	return place;
}

/* A segment that was dropped between both ends: it was seen, and nothing else has
 * happened. */
static inline void flow_model_dropped(const struct flow_model *m, const struct model_segment *seg,
				      struct model_copy *copy)
{
	const struct model_side *from = &m->side[seg->dir];
	enum model_place place = model_look(m, seg, copy);

	if (!m->ended && !seg->rst && place != MODEL_REFUSED && model_compares(from, seg))
		model_compare(from, seg, copy);
}

static inline void model_reset(struct flow_model *m, const struct model_segment *seg)
{
	struct model_side *from = &m->side[seg->dir], *to = &m->side[seg->dir ^ 1];

	if (model_unsure(from))
		return;	      /* the peer may not have come to it */
	from->refuted = true; /* it is at a hole: what is behind that never got there */
	if (model_queue_end(to) > 0)
		to->refuted = true;
	model_end(m, seg->packet);
}

/* What the segment acknowledges and offers; of one that the peer may refuse, what it offers
 * at most. */
static inline void model_answer(struct model_side *to, const struct model_segment *seg,
				enum model_place place)
{
	to->max_window = RTE_MAX(to->max_window, seg->window);
	if (place != MODEL_TAKEN)
		return;
	to->edge = RTE_MAX(to->edge, seg->ack + seg->window);
	model_ack(to, seg->ack);
}

static inline void flow_model_segment(struct flow_model *m, const struct model_segment *seg,
				      struct model_copy *copy)
{
	struct model_side *from = &m->side[seg->dir], *to = &m->side[seg->dir ^ 1];
	bool speaks = seg->len > 0 || seg->fin;
	enum model_place place;

	if (!m->ended && !seg->rst)
		model_leap(m, from, to, seg);
	place = model_look(m, seg, copy);
	model_copy_reset(copy);
	if (m->ended)
		return;
	if (model_doubts(to)) /* the peer speaks of it no more */
		to->refuted = true;
	if (seg->rst) {
		model_reset(m, seg);
		return;
	}
	if (place == MODEL_REFUSED_COPY)
		model_compare(from, seg, copy);
	if (seg->at + seg->len + seg->fin < from->una)
		return;
	if (place < MODEL_TAKEN) {
		copy->refused = true;
		model_refuse(from, seg, copy);
		return;
	}
	model_answer(to, seg, place);
	if (place == MODEL_UNSURE && !speaks)
		return;
	if (place == MODEL_UNSURE)
		from->unsure = RTE_MAX(from->unsure, seg->at + seg->len + seg->fin);
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
