/* What has to get past a monitor whose buffer is small, where drops are possible: no copy
 * with other bytes than were handed on, each copy with the same that is cut like before,
 * and next bytes when nothing is in flight, whoever holds the memory. */
#pragma once

#include "stream_script.h"

#define PLAY_OPENING 3		/* packets before the first of the script */
#define PLAY_STRAIGHT_MAX 1400u /* bytes that lie in one mbuf, and need no page */

__attribute__((format(printf, 2, 3))) static inline void play_wrong(struct play *p,
								    const char *format, ...)
{
	va_list arguments;

	if (p->wrong[0] != '\0')
		return;
	va_start(arguments, format);
	vsnprintf(p->wrong, sizeof(p->wrong), format, arguments);
	va_end(arguments);
}

/* Whether the model knows what has to be raised: bytes in doubt may find no room. */
static inline bool play_is_exact(const struct play *p)
{
	return !p->small || (p->features.drops && p->rig->counters.held_lost == 0);
}

static inline enum verdict play_verdict(const struct play *p, uint32_t packet)
{
	return (enum verdict)p->rig->verdicts[packet + PLAY_OPENING];
}

static inline bool play_is_dropped(const struct play *p, uint32_t packet)
{
	return play_verdict(p, packet) >= VERDICT_DROP;
}

/* Whether a copy has other bytes than were handed on, or some in a gap, of those that the
 * peer may still take. */
static inline bool play_rewrites(const struct play *p, uint32_t packet)
{
	const struct model_segment *seg = &p->seg[packet];
	const struct model_copy *c = &p->copy[packet];
	const struct model_side *s = &p->model.side[seg->dir];

	for (uint32_t at = RTE_MAX(c->from, c->acked); at < c->to; at++)
		if (s->fate[at] != MODEL_DELIVERED || s->value[at] != seg->data[at - seg->at])
			return true;
	return false;
}

/* Whether a copy has other bytes than were handed on, of those too that the peer has
 * acknowledged: these may be known still, and nobody who repeats himself sends any. */
static inline bool play_contradicts(const struct play *p, const struct model_segment *seg)
{
	const struct model_side *s = &p->model.side[seg->dir];

	for (uint32_t at = seg->at; at < RTE_MIN(seg->at + seg->len, s->pos); at++)
		if (s->fate[at] == MODEL_DELIVERED && s->value[at] != seg->data[at - seg->at])
			return true;
	return false;
}

/* Whether a segment left before with the same bytes and the same ends, and all that left
 * with some of its bytes lies inside of it. */
static inline bool play_left_before(const struct play *p, uint32_t packet)
{
	const struct model_segment *seg = &p->seg[packet];
	bool left = false;

	for (uint32_t i = 0; i < packet; i++) {
		const struct model_segment *o = &p->seg[i];

		if (o->dir != seg->dir || o->len == 0 || o->at >= seg->at + seg->len ||
		    o->at + o->len <= seg->at || play_is_dropped(p, i))
			continue;
		if (p->copy[i].refused || o->at < seg->at || o->at + o->len > seg->at + seg->len)
			return false;
		left = left || (o->len == seg->len && memcmp(o->data, seg->data, o->len) == 0);
	}
	return left;
}

/* Whether a segment is all that would be in flight: the side as it stands is that before
 * it, when it was dropped. */
static inline bool play_is_alone(const struct play *p, const struct model_segment *seg)
{
	const struct model_side *s = &p->model.side[seg->dir];

	return seg->at <= s->next && s->una == s->next && s->pos == s->next &&
	       model_queue_end(s) == 0 && !model_doubts(s) && seg->len <= PLAY_STRAIGHT_MAX &&
	       !seg->urg;
}

static inline void play_check_kept(struct play *p, uint32_t packet)
{
	const struct model_segment *seg = &p->seg[packet];
	const struct model_copy *c = &p->copy[packet];
	enum verdict verdict = play_verdict(p, packet);
	bool rewrites = c->compared && play_rewrites(p, packet);

	if (rewrites && verdict < VERDICT_DROP)
		play_wrong(p, "packet %u: other bytes get past", packet);
	if (verdict == VERDICT_DROP_REWRITTEN && !rewrites && !c->vain &&
	    !play_contradicts(p, seg) && play_left_before(p, packet))
		play_wrong(p, "packet %u: the same bytes do not get past", packet);
	if (verdict == VERDICT_DROP_UNKEPT && play_is_alone(p, seg))
		play_wrong(p, "packet %u: nothing is in flight, and it does not leave", packet);
}
