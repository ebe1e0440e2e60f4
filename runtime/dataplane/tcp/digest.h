/* What is kept of segments whose bytes are not: memory for those was short when they
 * left. A keyed digest each, in the flow's record, so that nobody can take the place
 * away; a few of them are what a connection can always have in flight. A copy is compared
 * where it has such a segment as a whole, alone or beside others: that is how senders
 * repeat what they sent.
 *
 * Rejected: digests of what is there already, when memory runs out. How many are needed
 * is up to the sender then, and they are as easy to exhaust as bytes. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct reassembly;
struct stream;

/* Two, and the peer acknowledges at once (RFC 1122, 4.2.3.2); four, and one that is lost
 * is repeated for the acknowledgements of the next ones (RFC 5681, 3.2). */
#define STREAM_DIGESTS 4

struct stream_digest {
	uint64_t tag;
	uint64_t from : 48; /* position in the stream */
	uint64_t len : 16;  /* 0: none */
};

/* Of one direction. */
struct stream_digests {
	struct stream_digest slot[STREAM_DIGESTS];
};

static inline uint64_t digest_end(const struct stream_digest *d)
{
	return (uint64_t)d->from + d->len;
}

/* Of the segments inside [begin, end) the first that reaches beyond `at`, or NULL. */
static inline const struct stream_digest *digest_next(const struct stream_digests *d, uint64_t at,
						      uint64_t begin, uint64_t end)
{
	const struct stream_digest *first = NULL;

	for (int i = 0; i < STREAM_DIGESTS; i++) {
		const struct stream_digest *slot = &d->slot[i];

		if (slot->len > 0 && slot->from >= begin && digest_end(slot) <= end &&
		    digest_end(slot) > at && (first == NULL || slot->from < first->from))
			first = slot;
	}
	return first;
}

/* A slot whose segment the peer has acknowledged, or NULL. */
static inline struct stream_digest *digest_free(struct stream_digests *d, uint64_t acked)
{
	for (int i = 0; i < STREAM_DIGESTS; i++)
		if (d->slot[i].len == 0 || digest_end(&d->slot[i]) <= acked)
			return &d->slot[i];
	return NULL;
}

/* Gives up the bytes of which there are digests, once they are handed on. */
void digest_forget_bytes(const struct stream_digests *d, struct reassembly *r, struct stream *st,
			 uint32_t id);

/* The slot of what was sent first. */
static inline struct stream_digest *digest_oldest(struct stream_digests *d)
{
	struct stream_digest *oldest = &d->slot[0];

	for (int i = 1; i < STREAM_DIGESTS; i++)
		if (d->slot[i].from < oldest->from)
			oldest = &d->slot[i];
	return oldest;
}
