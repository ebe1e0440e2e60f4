/* Digests of segments whose bytes could not be kept: made of a payload, and compared with
 * one. */
#pragma once

#include "../tcp/overlap.h"
#include "monitor_payload.h"

/* Of `len` bytes, `skip` into a packet's payload. */
static inline uint64_t monitor_tag(const struct stack *s, const struct packet *p, uint32_t skip,
				   uint32_t len)
{
	struct siphash hash = siphash_begin(&s->reassembly.key);
	struct payload_piece piece = payload_begin(p, skip);

	while (len > 0 && piece.mbuf != NULL) {
		uint32_t some = RTE_MIN(len, piece.len);

		siphash_add(&hash, piece.data, some);
		len -= some;
		payload_advance(&piece);
	}
	return siphash_end(&hash);
}

/* The first segment with a digest that reaches beyond `at` and lies inside a segment over
 * [begin, end), or NULL. */
static __rte_always_inline const struct stream_digest *
monitor_digest_next(const struct monitor_segment *g, const struct stream *st, uint64_t at,
		    int64_t begin, int64_t end, const struct stack_features f)
{
	const struct stream_digests *d = monitor_digests(g->flow, (enum mbx_direction)g->dir, f);

	if (d == NULL || likely(st->lost <= at))
		return NULL;
	return digest_next(d, at, (uint64_t)RTE_MAX(begin, (int64_t)0),
			   (uint64_t)RTE_MAX(end, (int64_t)0));
}

/* Whether a packet whose payload begins at `begin` has the bytes that a digest is of. */
static inline bool monitor_digest_agrees(const struct stack *s, const struct packet *p,
					 const struct stream_digest *d, int64_t begin)
{
	return monitor_tag(s, p, (uint32_t)((int64_t)d->from - begin), d->len) == d->tag;
}
