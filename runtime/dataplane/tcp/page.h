/* Bytes of a stream that cannot be handed on yet, or that are kept to compare:
 * copied into pages, each a fixed window of the stream in one chunk, with a bit
 * per byte that is there. A million one-byte segments in any order take the same
 * pages as one large segment. Pages of a stream are a treap by number, so no
 * order of arrival costs more than O(log pages) a segment.
 *
 * Rejected: a list of references to mbufs. It is O(segments) for an attacker,
 * pins receive buffers, and saves one copy of bytes that arrive out of order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../memory/chunk.h"

#define PAGE_BYTES 1600
#define PAGE_WORDS (PAGE_BYTES / 64)

struct page {
	struct page *left, *right;
	uint64_t number; /* of the stream's position / PAGE_BYTES */
	uint32_t priority;
	uint32_t reserved;
	uint64_t present[PAGE_WORDS];
	uint64_t start[PAGE_WORDS]; /* a segment begins at this byte */
	uint8_t data[PAGE_BYTES];
};

_Static_assert(sizeof(struct page) <= sizeof(((struct chunk *)0)->data), "a page fills one chunk");

static inline struct chunk *page_chunk(struct page *p)
{
	return (struct chunk *)((uint8_t *)p - offsetof(struct chunk, data));
}

/* The page's first position, and the first one behind it. */
static inline uint64_t page_begin(const struct page *p)
{
	return p->number * PAGE_BYTES;
}

static inline uint64_t page_end(const struct page *p)
{
	return (p->number + 1) * PAGE_BYTES;
}

struct page *page_find(struct page *root, uint64_t number);

/* The page of lowest number at or above `number`, or NULL. */
struct page *page_from(struct page *root, uint64_t number);

/* The page of highest number below `number`, or NULL. */
struct page *page_before(struct page *root, uint64_t number);

void page_insert(struct page **root, struct page *p);
void page_remove(struct page **root, struct page *p);

static inline bool page_bit(const uint64_t *bits, unsigned int at)
{
	return bits[at / 64] >> (at % 64) & 1;
}

/* No byte of the page is there. */
void page_clear(struct page *p);

/* [from, to) of a bitmap. */
void page_bits_set(uint64_t *bits, unsigned int from, unsigned int to);
void page_bits_clear(uint64_t *bits, unsigned int from, unsigned int to);

/* First bit at or after `from` that is set (clear), or PAGE_BYTES. */
unsigned int page_next_set(const uint64_t *bits, unsigned int from);
unsigned int page_next_clear(const uint64_t *bits, unsigned int from);

/* Last bit at or before `from` that is set (clear), or -1. */
int page_last_set(const uint64_t *bits, unsigned int from);
int page_last_clear(const uint64_t *bits, unsigned int from);
