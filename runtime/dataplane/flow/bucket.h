/* A bucket of the flow table: what one cache line tells about eight flows. */
#pragma once

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BUCKET_WAYS 8
#define BUCKET_NO_TAG 0 /* of a free way */

/* An entry is in the bucket of its hash, or in the partner of that bucket by its
 * tag. `away` counts those of this bucket's hash that are in their partner, so
 * that a lookup reads the partner only where it must. */
struct bucket {
	uint16_t tag[BUCKET_WAYS];
	uint32_t index[BUCKET_WAYS];
	uint32_t away;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct bucket) == 64, "a bucket is one cache line");

/* The upper half of the hash; buckets are chosen by the lower bits. */
static inline uint16_t bucket_tag(uint32_t hash)
{
	uint16_t tag = (uint16_t)(hash >> 16);

	return tag != BUCKET_NO_TAG ? tag : 1;
}

/* The other bucket of an entry, from either one. Needs no key, so an entry can be
 * moved without its record. Never the same bucket; `mask` is at least 1. */
static inline uint32_t bucket_partner(uint32_t bucket, uint16_t tag, uint32_t mask)
{
	return (bucket ^ (((tag * 0x9e3779b1u) >> 8) | 1)) & mask;
}

/* A bit for each way with this tag. */
static inline unsigned int bucket_match_scalar(const struct bucket *b, uint16_t tag)
{
	unsigned int ways = 0;

	for (unsigned int i = 0; i < BUCKET_WAYS; i++)
		ways |= (unsigned int)(b->tag[i] == tag) << i;
	return ways;
}

static inline unsigned int bucket_match(const struct bucket *b, uint16_t tag)
{
#ifdef __SSE2__
	__m128i tags = _mm_load_si128((const __m128i *)(const void *)b->tag);
	__m128i same = _mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag));

	return (unsigned int)_mm_movemask_epi8(_mm_packs_epi16(same, _mm_setzero_si128()));
#else
	return bucket_match_scalar(b, tag);
#endif
}

/* The first free way; BUCKET_WAYS when the bucket is full. */
static inline unsigned int bucket_free_way(const struct bucket *b)
{
	unsigned int ways = bucket_match(b, BUCKET_NO_TAG);

	return ways != 0 ? (unsigned int)__builtin_ctz(ways) : BUCKET_WAYS;
}
