/* Bytes that nobody has heard: their copies may differ. And what is kept, while
 * nobody listens, of those that somebody has heard. */
#pragma once

#include <string.h>

#include "../tcp/reassembly.h"

/* Bytes [from, to) have reached nobody. */
static inline void stream_unheard(struct stream *st, uint64_t from, uint64_t to)
{
	if (from > st->unheard)
		st->unheard_from = from;
	st->unheard = RTE_MAX(st->unheard, to);
}

/* Whether copies of bytes have to be looked at while nobody listens. */
static inline bool stream_guards(const struct stream *st, uint32_t una)
{
	return st->pages > 0 || (int64_t)st->lost > stream_position(st, una);
}

/* Whether bytes are those that somebody has heard, or that wait to be heard, or
 * passed when nobody wanted them. */
static inline bool stream_agrees(const struct stream *st, uint64_t at, const uint8_t *data,
				 uint32_t len)
{
	while (len > 0) {
		uint64_t nobody_from = st->unheard_from;
		const uint8_t *kept;
		struct page *page;
		uint32_t some = RTE_MIN(len, stream_run(stream_held(st), at, &page, &kept));
		bool same = some > 0 && memcmp(kept, data, some) == 0;

		if (some == 0) {
			uint64_t next = stream_next(stream_held(st), at);

			some = (uint32_t)RTE_MIN((uint64_t)len, next - at);
			nobody_from = RTE_MIN(nobody_from, st->lost);
		}
		if (!same && (at < nobody_from || at + some > st->unheard))
			return false;
		at += some;
		data += some;
		len -= some;
	}
	return true;
}

/* Nobody listens: of what was heard stays what is not acknowledged, because the
 * receiver may still take a copy of it in its place. What came early goes. */
static inline void stream_turn_deaf(struct reassembly *r, struct stream *st, uint32_t id,
				    uint32_t una)
{
	uint64_t acked = (uint64_t)RTE_MAX(stream_position(st, una), (int64_t)0);

	if (st->pages == 0)
		return;
	stream_cut(r, st, id, st->pos);
	if (!stream_holds_from(st, acked))
		stream_clear(r, st, id);
	else
		stream_trim(r, st, id, acked);
}

/* Whether what was found of a copy puts other bytes than were handed on in their
 * place: the peer ignores what it has acknowledged, and nobody can be misled about
 * bytes that reached nobody. */
static inline bool stream_rewrites(const struct stream *st, uint32_t una,
				   const struct stream_overlap *found)
{
	uint64_t acked = (uint64_t)RTE_MAX(stream_position(st, una), (int64_t)0);

	if (found->conflict_to > found->conflict_from) {
		bool reached_nobody =
		    found->conflict_from >= st->unheard_from && found->conflict_to <= st->unheard;
		/* Kept until it was acknowledged: whether it is still there is chance. */
		bool is_over = found->conflict_from < st->unheard && found->conflict_to <= acked;

		if (!reached_nobody && !is_over)
			return true;
	}
	if (found->unknown_to <= RTE_MAX(found->unknown_from, acked))
		return false;
	return RTE_MAX(found->unknown_from, acked) < st->lost || found->unknown_to > st->unheard;
}
