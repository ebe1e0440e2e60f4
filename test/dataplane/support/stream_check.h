/* What a monitor raised on a script of segments, against the model. With a small buffer
 * the model cannot know which hole is given up: then each byte is one that was sent
 * there, comes once, and memory stays within its bounds. Where drops are possible no
 * hole is given up: the same as with a large one is raised of what got past, and
 * stream_kept.h says what has to get past. */
#pragma once

#include "stream_kept.h"

static inline void play_check_data(struct play *p, const struct rig_event *e)
{
	const uint8_t *bytes = p->rig->bytes + e->bytes;
	const struct model_side *s = &p->model.side[e->dir];

	if (((e->flags & EVENT_AFTER_GAP) != 0) != p->gap[e->dir])
		play_wrong(p, "data at %lu: after a gap or not?", e->offset);
	p->gap[e->dir] = false;
	for (uint64_t i = 0; i < e->length && !play_is_exact(p); i++) {
		unsigned int variant = bytes[i] & (PLAY_VARIANTS - 1);
		uint32_t at = (uint32_t)(e->offset + i);

		if (bytes[i] != play_value(e->dir, at, variant) ||
		    !(p->sent[e->dir][at] & 1 << variant))
			play_wrong(p, "byte %u was never sent so", at);
	}
	if (play_is_exact(p) && memcmp(bytes, s->out + e->offset, e->length) != 0)
		play_wrong(p, "dir %u packet %u: other bytes at %lu+%lu", e->dir, e->packet,
			   e->offset, e->length);
}

/* One event in order of the stream: contiguous, and what the model has next. */
static inline void play_check_stream(struct play *p, const struct rig_event *e, uint32_t packet)
{
	const struct model_side *s = &p->model.side[e->dir];
	const struct model_event *m = &s->event[p->heard[e->dir]];
	uint32_t part = p->heard_part[e->dir];
	bool gap = e->type == EVENT_FLOW_GAP;

	if (e->offset != p->offset[e->dir] || e->length == 0 ||
	    e->offset + e->length > MODEL_BYTES) {
		play_wrong(p, "dir %u packet %u: %lu+%lu follows %lu", e->dir, packet, e->offset,
			   e->length, p->offset[e->dir]);
		return;
	}
	p->offset[e->dir] += e->length;
	if (play_is_exact(p)) {
		if (p->heard[e->dir] == s->events || (m->type == MODEL_GAP) != gap ||
		    m->packet != packet || m->offset + part != e->offset ||
		    part + e->length > m->length || (gap && m->length != e->length)) {
			play_wrong(p, "dir %u packet %u: %s %lu+%lu is not expected", e->dir,
				   packet, gap ? "gap" : "data", e->offset, e->length);
			return;
		}
		p->heard_part[e->dir] += (uint32_t)e->length;
		if (p->heard_part[e->dir] == m->length) {
			p->heard[e->dir]++;
			p->heard_part[e->dir] = 0;
		}
	}
	if (gap)
		p->gap[e->dir] = true;
	else
		play_check_data(p, e);
}

/* Positions of which a copy has to be kept: in `history`, or not acknowledged
 * where drops are possible. */
static inline uint32_t play_kept_from(const struct play *p, const struct model_copy *c)
{
	uint32_t history = p->features.history;
	uint32_t from = c->have > history ? c->have - history : 0;

	if (history == 0)
		return c->have;
	return p->features.drops && c->acked < from ? c->acked : from;
}

/* Bytes left of what was handed on, against the copies that are kept. */
static inline void play_check_copy(struct play *p, uint32_t packet,
				   const struct rig_event *conflict,
				   const struct rig_event *unknown)
{
	const struct model_segment *seg = &p->seg[packet];
	const struct model_side *s = &p->model.side[seg->dir];
	const struct model_copy *c = &p->copy[packet];
	uint32_t kept = play_kept_from(p, c);
	uint64_t cf = conflict == NULL ? 0 : conflict->offset + c->removed;
	uint64_t ct = conflict == NULL ? 0 : cf + conflict->length;
	uint64_t uf = unknown == NULL ? 0 : unknown->offset + c->removed;
	uint64_t ut = unknown == NULL ? 0 : uf + unknown->length;

	if (ct > c->to || ut > c->to || (ct > 0 && cf < c->from) || (ut > 0 && uf < c->from))
		play_wrong(p, "packet %u: an overlap outside its segment", packet);
	for (uint32_t at = c->from; at < c->to; at++) {
		/* The peer has it, and it never passed here: a gap, now or behind an urgent byte.
		 */
		bool doubted = s->fate[at] == MODEL_ABSENT && s->in_doubt[at];
		bool missed =
		    s->fate[at] == MODEL_MISSED || (s->fate[at] == MODEL_ABSENT && !doubted);
		uint8_t value = doubted ? s->doubted[at] : s->value[at];
		bool differs = !missed && value != seg->data[at - seg->at];
		bool known = !missed && at >= kept;

		if (known && differs && (at < cf || at >= ct))
			play_wrong(p, "packet %u: no conflict at %u", packet, at);
		if (!known && (missed || differs) && (at < uf || at >= ut) && (at < cf || at >= ct))
			play_wrong(p, "packet %u: nothing said of %u", packet, at);
		if (known && ut > 0 && (at == uf || at == ut - 1))
			play_wrong(p, "packet %u: %u is said to be unknown", packet, at);
		if (!differs && ct > 0 && (at == cf || at == ct - 1))
			play_wrong(p, "packet %u: no difference at %u", packet, at);
	}
}

/* The overlaps of one packet: of its copy first, then of what is queued. */
static inline void play_check_overlaps(struct play *p, uint32_t packet,
				       const struct rig_event *const *events, unsigned int count)
{
	const struct model_copy *c = &p->copy[packet];
	const struct rig_event *conflict = NULL, *unknown = NULL, *queued = NULL, *denied = NULL;

	for (unsigned int i = 0; i < count; i++) {
		const struct rig_event *e = events[i];

		if (p->small && (e->offset < p->seg[packet].at ||
				 e->offset + e->length > p->seg[packet].at + p->seg[packet].len))
			play_wrong(p, "packet %u: an overlap outside its segment", packet);
	}
	if (p->small)
		return;
	for (unsigned int i = 0; i < count; i++) {
		if (events[i]->reason == 1)
			unknown = events[i];
		else if (c->compared && events[i]->offset + c->removed < c->have)
			conflict = events[i];
		else if (c->denies != MODEL_NOWHERE && denied == NULL)
			denied = events[i];
		else
			queued = events[i];
	}
	if (c->compared)
		play_check_copy(p, packet, conflict, unknown);
	else if (conflict != NULL || unknown != NULL)
		play_wrong(p, "packet %u: nothing to compare it with", packet);
	if (c->denies != MODEL_NOWHERE &&
	    (denied == NULL || denied->length != c->denies_to - c->denies ||
	     denied->offset + c->removed != c->denies))
		play_wrong(p, "packet %u: other bytes than those in doubt from %u on", packet,
			   c->denies);
	if ((queued != NULL) != (c->differs != MODEL_NOWHERE))
		play_wrong(p, "packet %u: conflict in the queue %s", packet,
			   queued == NULL ? "not seen" : "not there");
	else if (queued != NULL && queued->length != c->differs_to - c->differs)
		play_wrong(p, "packet %u: conflict in the queue of another extent", packet);
}

/* Copies that may put other bytes in the place of what was handed on. */
static inline void play_check_verdict(struct play *p, uint32_t packet,
				      const struct rig_event *const *events, unsigned int count)
{
	const struct model_copy *c = &p->copy[packet];
	bool dropped = p->rig->verdicts[packet + PLAY_OPENING] == VERDICT_DROP_REWRITTEN;
	bool due = false;

	if (p->small) {
		if (p->features.drops)
			play_check_kept(p, packet);
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		uint64_t from = events[i]->offset + c->removed;

		if (events[i]->reason == 1)
			due = due || from + events[i]->length > c->acked;
		else
			due = due || (c->compared && from < c->have);
	}
	due = due || c->vain;
	if (dropped != (due && p->features.drops))
		play_wrong(p, "packet %u: %s", packet, dropped ? "dropped" : "not dropped");
}

/* Events that were raised since the last call; packets from `first` on. */
static inline void play_check_events(struct play *p, uint32_t first)
{
	const struct rig_event *overlap[4];
	unsigned int overlaps = 0;
	uint32_t packet = first;

	for (; p->wrong[0] == '\0'; p->read++) {
		const struct rig_event *e =
		    p->read < p->rig->event_count ? &p->rig->events[p->read] : NULL;

		while (packet < p->segments && (e == NULL || first + e->packet != packet)) {
			play_check_overlaps(p, packet, overlap, overlaps);
			play_check_verdict(p, packet, overlap, overlaps);
			overlaps = 0;
			packet++;
		}
		if (e == NULL)
			break;
		if (e->type == EVENT_FLOW_OVERLAP && overlaps < RTE_DIM(overlap))
			overlap[overlaps++] = e;
		else if (e->type == EVENT_DATA_TCP || e->type == EVENT_FLOW_GAP)
			play_check_stream(p, e, e->has_packet ? first + e->packet : p->segments);
	}
}

/* Nothing that the model raised is missing. */
static inline void play_check_silence(struct play *p)
{
	for (int dir = 0; dir < 2 && play_is_exact(p); dir++)
		if (p->heard[dir] != p->model.side[dir].events)
			play_wrong(p, "dir %d: packet %u should have raised more", dir,
				   p->model.side[dir].event[p->heard[dir]].packet);
}

/* Pages that the bytes of a direction lie in that have to be kept. */
static inline uint32_t play_pages_due(const struct play *p, int dir)
{
	const struct model_side *s = &p->model.side[dir];
	uint32_t history = p->features.history;
	uint32_t from = s->pos > history ? s->pos - history : 0;
	uint32_t end = model_queue_end(s) > s->pos ? model_queue_end(s) : s->pos;

	if (!p->features.overlap || history == 0)
		from = s->pos;
	return from == end ? 0 : (end - 1) / PAGE_BYTES - from / PAGE_BYTES + 1;
}

/* The same for bytes in doubt, at most. */
static inline uint32_t play_pages_doubted(const struct model_side *s)
{
	return model_doubts(s) ? (model_doubt_end(s) - 1) / PAGE_BYTES - s->pos / PAGE_BYTES + 1
			       : 0;
}

/* All pages are accounted for, and none is kept without need. Where drops are
 * possible, one stays until a segment after its acknowledgement. */
static inline void play_check_pages(struct play *p)
{
	const struct reassembly *r = &p->rig->stack.reassembly;
	uint32_t taken = p->rig->chunks.capacity - p->rig->chunks.available;
	uint32_t due = 0;

	if (taken != r->pages)
		play_wrong(p, "%u pages are taken and %u accounted for", taken, r->pages);
	if (p->features.drops && r->pages > r->limit)
		play_wrong(p, "%u pages are kept of at most %u", r->pages, r->limit);
	if (p->features.drops || p->small)
		return;
	for (int dir = 0; dir < 2 && !p->model.ended; dir++)
		due += play_pages_due(p, dir) + play_pages_doubted(&p->model.side[dir]);
	if (taken > due)
		play_wrong(p, "%u pages are taken, %u would do", taken, due);
}
