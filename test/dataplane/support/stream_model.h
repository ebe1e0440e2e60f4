/* One direction of a TCP connection in the plainest way: an array with the value
 * and the fate of every byte. Slow, and meant to be right at sight; what the
 * monitor's pages and bitmaps do is compared with it. Positions count from the
 * first byte after the SYN. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tcp/reassembly.h"

#define MODEL_BYTES 16384u
#define MODEL_NOWHERE UINT32_MAX
#define MODEL_EVENTS 4096

enum model_fate {
	MODEL_ABSENT = 0,
	MODEL_QUEUED,	 /* arrived, not handed on */
	MODEL_DELIVERED, /* handed on */
	MODEL_MISSED,	 /* in a gap */
	MODEL_REMOVED,	 /* urgent, out of the stream */
};

enum model_event_type { MODEL_DATA, MODEL_GAP };

/* What the monitor has to raise, in order. DATA of one packet that is contiguous
 * is one event here. */
struct model_event {
	enum model_event_type type;
	uint32_t packet, offset, length;
};

struct model_side {
	struct model_event event[MODEL_EVENTS];
	uint8_t value[MODEL_BYTES];
	uint8_t fate[MODEL_BYTES];    /* enum model_fate */
	uint32_t piece[MODEL_BYTES];  /* neighbours of one number came in one segment */
	uint8_t doubted[MODEL_BYTES]; /* refused, as far as is known: the first copy */
	bool in_doubt[MODEL_BYTES];
	uint8_t out[MODEL_BYTES]; /* what was handed on, by offset; 0 in gaps */
	uint32_t pieces;
	uint32_t high;	     /* no byte beyond was ever queued, or in doubt */
	uint32_t doubt_high; /* the same for those in doubt */
	uint32_t pos;	     /* next to hand on */
	uint32_t next;	     /* all before it has arrived at the peer */
	uint32_t given_up;   /* the peer has what is missing before this */
	uint32_t removed;    /* urgent bytes taken out */
	uint32_t urgent;     /* its position, or MODEL_NOWHERE */
	bool waits;	     /* at the urgent byte: another one may put it back */
	/* Of the sender, as its peer knows it. */
	uint32_t top, una;  /* a FIN counts as one byte */
	uint32_t doubt_top; /* what it may have sent with segments in doubt */
	uint32_t edge;	    /* right one of the window that the peer offers */
	uint32_t max_window;
	uint32_t doubt_ack; /* what its latest segment in doubt acknowledged */
	uint32_t unsure;    /* end of bytes that were taken and that the peer may refuse */
	uint32_t fin;	    /* its position, or MODEL_NOWHERE */
	uint32_t fin_from;  /* where the segment that brought it begins */
	bool fin_done;
	bool refuted; /* the peer has spoken since and has not taken what is queued */
	uint32_t events;
};

static inline void model_side_reset(struct model_side *s)
{
	uint32_t used = s->high;

	memset(s->value, 0, used);
	memset(s->fate, 0, used);
	memset(s->out, 0, used);
	memset(s->in_doubt, 0, used * sizeof(s->in_doubt[0]));
	memset(s->piece, 0, used * sizeof(s->piece[0]));
	memset(&s->pieces, 0, sizeof(*s) - offsetof(struct model_side, pieces));
	s->urgent = MODEL_NOWHERE;
	s->fin = MODEL_NOWHERE;
}

static inline bool model_queued(const struct model_side *s, uint32_t at)
{
	return at < MODEL_BYTES && s->fate[at] == MODEL_QUEUED;
}

/* The first queued byte at or after `at`. */
static inline uint32_t model_next_queued(const struct model_side *s, uint32_t at)
{
	for (; at < s->high; at++)
		if (s->fate[at] == MODEL_QUEUED)
			return at;
	return MODEL_NOWHERE;
}

/* The first byte in doubt that is not handed on, at or after `at`. */
static inline uint32_t model_next_doubt(const struct model_side *s, uint32_t at)
{
	for (; at < s->doubt_high; at++)
		if (s->in_doubt[at])
			return at;
	return MODEL_NOWHERE;
}

static inline bool model_doubts(const struct model_side *s)
{
	return model_next_doubt(s, s->pos) != MODEL_NOWHERE;
}

/* End of the highest byte in doubt, 0 when there is none. */
static inline uint32_t model_doubt_end(const struct model_side *s)
{
	for (uint32_t at = s->doubt_high; at > s->pos; at--)
		if (s->in_doubt[at - 1])
			return at;
	return 0;
}

/* End of the highest queued byte, 0 when there is none. */
static inline uint32_t model_queue_end(const struct model_side *s)
{
	for (uint32_t at = s->high; at > s->pos; at--)
		if (s->fate[at - 1] == MODEL_QUEUED)
			return at;
	return 0;
}

/* A queued byte and the one before it are of one piece. */
static inline bool model_joined(const struct model_side *s, uint32_t at)
{
	return at > 0 && model_queued(s, at) && model_queued(s, at - 1) &&
	       s->piece[at] == s->piece[at - 1];
}

static inline uint32_t model_piece_begin(const struct model_side *s, uint32_t at)
{
	while (model_joined(s, at))
		at--;
	return at;
}

static inline uint32_t model_piece_end(const struct model_side *s, uint32_t at)
{
	do
		at++;
	while (model_joined(s, at));
	return at;
}

/* Novak and Sturges, "Target-based TCP stream reassembly", 2007. The queued
 * piece is [of, ot), the new segment [nf, nt). */
static inline bool model_prefers_new(enum overlap_policy policy, uint32_t nf, uint32_t nt,
				     uint32_t of, uint32_t ot)
{
	bool begins_before = nf < of;
	bool begins_with = nf == of;
	bool ends_after = nt > ot;
	bool ends_with = nt == ot;

	switch (policy) {
	case OVERLAP_FIRST:
	case OVERLAP_WINDOWS:
		return false;
	case OVERLAP_LAST:
		return true;
	case OVERLAP_BSD:
		return begins_before;
	case OVERLAP_LINUX:
		return begins_before || (begins_with && ends_after);
	case OVERLAP_OLD_LINUX:
		return begins_before || (begins_with && (ends_after || ends_with));
	case OVERLAP_SOLARIS:
		return ends_after || ((begins_before || begins_with) && ends_with);
	}
	return false;
}

/* Puts bytes [from, to) into the queue; where others are queued the policy
 * decides. `[*differs, *differs_to)` spans the bytes that differ. */
static inline void model_queue(struct model_side *s, enum overlap_policy policy, uint32_t from,
			       uint32_t to, const uint8_t *bytes, uint32_t *differs,
			       uint32_t *differs_to)
{
	static bool takes[MODEL_BYTES];
	uint32_t number = 0, behind = 0, split;

	*differs = MODEL_NOWHERE;
	*differs_to = 0;
	s->high = to > s->high ? to : s->high;
	/* Decide for every byte before any is changed. */
	for (uint32_t at = from; at < to; at++) {
		takes[at] = true;
		if (s->fate[at] != MODEL_QUEUED)
			continue;
		if (at > from && model_joined(s, at))
			takes[at] = takes[at - 1];
		else
			takes[at] = model_prefers_new(policy, from, to, model_piece_begin(s, at),
						      model_piece_end(s, at));
		if (s->value[at] != bytes[at - from]) {
			*differs = *differs == MODEL_NOWHERE ? at : *differs;
			*differs_to = at + 1;
		}
	}
	/* What is left of a piece behind the segment is a piece of its own. */
	if (to > from && takes[to - 1] && model_joined(s, to)) {
		split = s->piece[to];
		behind = ++s->pieces;
		for (uint32_t at = to; model_queued(s, at) && s->piece[at] == split; at++)
			s->piece[at] = behind;
	}
	for (uint32_t at = from; at < to; at++) {
		if (!takes[at]) {
			number = 0;
			continue;
		}
		if (number == 0)
			number = ++s->pieces;
		s->fate[at] = MODEL_QUEUED;
		s->piece[at] = number;
		s->value[at] = bytes[at - from];
	}
}

static inline void model_differs(uint32_t at, uint32_t *differs, uint32_t *differs_to)
{
	*differs = *differs == MODEL_NOWHERE ? at : *differs;
	*differs_to = at + 1 > *differs_to ? at + 1 : *differs_to;
}

/* Bytes of a segment that the peer refuses, as far as is known. */
static inline void model_doubt(struct model_side *s, uint32_t from, uint32_t to,
			       const uint8_t *bytes, uint32_t *differs, uint32_t *differs_to)
{
	s->high = to > s->high ? to : s->high;
	s->doubt_high = to > s->doubt_high ? to : s->doubt_high;
	for (uint32_t at = from; at < to; at++) {
		uint8_t byte = bytes[at - from];

		if ((s->in_doubt[at] && s->doubted[at] != byte) ||
		    (model_queued(s, at) && s->value[at] != byte))
			model_differs(at, differs, differs_to);
		if (!s->in_doubt[at])
			s->doubted[at] = byte;
		s->in_doubt[at] = true;
	}
}

/* Bytes that are taken, against those in doubt in their place. */
static inline void model_contradict(const struct model_side *s, uint32_t from, uint32_t to,
				    const uint8_t *bytes, uint32_t *differs, uint32_t *differs_to)
{
	for (uint32_t at = from; at < to; at++)
		if (s->in_doubt[at] && s->doubted[at] != bytes[at - from])
			model_differs(at, differs, differs_to);
}

/* Bytes were taken that the peer may have refused, and has not acknowledged. */
static inline bool model_unsure(const struct model_side *s)
{
	return s->unsure > s->una;
}

/* What has arrived without a hole, and with it the FIN: one that the peer may have refused
 * is none when bytes come in its place. */
static inline void model_advance(struct model_side *s)
{
	while ((s->next != s->fin || model_unsure(s)) && model_queued(s, s->next))
		s->next++;
	if (s->fin != MODEL_NOWHERE && s->next > s->fin && !s->fin_done)
		s->fin = MODEL_NOWHERE;
	if (s->next != s->fin || s->fin_done || model_unsure(s))
		return;
	s->fin_done = true;
	for (uint32_t at = s->fin; at < MODEL_BYTES; at++) { /* the host throws it away */
		s->fate[at] = MODEL_ABSENT;
		s->in_doubt[at] = false;
	}
}

static inline void model_raise(struct model_side *s, enum model_event_type type, uint32_t packet,
			       uint32_t offset, uint32_t length)
{
	struct model_event *last = s->events > 0 ? &s->event[s->events - 1] : NULL;

	if (last != NULL && last->type == MODEL_DATA && type == MODEL_DATA &&
	    last->packet == packet && last->offset + last->length == offset) {
		last->length += length;
		return;
	}
	if (s->events == MODEL_EVENTS)
		abort();
	s->event[s->events++] = (struct model_event){
	    .type = type, .packet = packet, .offset = offset, .length = length};
}

/* The application has read up to the urgent byte: that leaves the stream. */
static inline void model_settle_urgent(struct model_side *s)
{
	if (!s->waits)
		return;
	s->fate[s->pos] = MODEL_REMOVED;
	s->pos++;
	s->removed++;
	s->waits = false;
	s->urgent = MODEL_NOWHERE;
}

static inline void model_gap(struct model_side *s, uint32_t packet, uint32_t to)
{
	model_raise(s, MODEL_GAP, packet, s->pos - s->removed, to - s->pos);
	for (; s->pos < to; s->pos++) {
		if (s->pos == s->urgent) {
			s->urgent = MODEL_NOWHERE;
			s->waits = false;
		}
		s->fate[s->pos] = MODEL_MISSED;
	}
}

/* Hands on what can be handed on. */
static inline void model_deliver(struct model_side *s, uint32_t packet, bool hasty)
{
	for (;;) {
		uint32_t queued = model_next_queued(s, s->pos);
		bool lost = s->given_up > s->pos;
		uint32_t doubt = lost ? model_next_doubt(s, s->pos) : MODEL_NOWHERE;
		uint32_t next = queued < doubt ? queued : doubt;

		if (queued == s->pos && s->pos == s->urgent) {
			s->waits = true;
			if (!hasty)
				break;
			model_settle_urgent(s);
		} else if (queued == s->pos || (lost && doubt == s->pos)) {
			if (queued != s->pos)
				s->value[s->pos] = s->doubted[s->pos];
			s->fate[s->pos] = MODEL_DELIVERED;
			s->out[s->pos - s->removed] = s->value[s->pos];
			model_raise(s, MODEL_DATA, packet, s->pos - s->removed, 1);
			s->pos++;
		} else if (lost && (queued != MODEL_NOWHERE || doubt < s->given_up)) {
			/* Nothing goes on behind a hole at the very end: that is no gap. */
			model_gap(s, packet, next < s->given_up ? next : s->given_up);
		} else {
			break;
		}
	}
	if (model_queue_end(s) == 0 && !model_doubts(s))
		s->refuted = false;
}
