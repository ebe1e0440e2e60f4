/* Delivered bytes that are kept to be compared, in a row: most are never looked at, come
 * one after the other, and go in the same order. Their pages are a list without bitmaps,
 * and become part of the stream's tree when somebody looks for a byte (stream_held()).
 * In the tree at once, each packet would walk pages that no cache has. A page is indexed
 * once at most, so what an attacker can ask for stays O(log pages) a page. */
#pragma once

#include <rte_common.h>

#include "reassembly.h"
#include "stream_pages.h"

/* Copies bytes to the end of the row, as many as fit there: 0 when they do not go on with
 * it, less than `len` when memory is out. */
uint32_t row_append(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at,
		    const uint8_t *data, uint32_t len);

/* Gives back pages that lie wholly before `keep`, at once: no event points into them. */
void row_trim(struct reassembly *r, struct stream *st, uint32_t id, uint64_t keep);

/* Pages of all streams that a cache has room for. */
#define ROW_CACHED_PAGES 4096

/* Whether rows are written past the caches: what they hold is not there anyway. */
static inline bool row_bypasses(const struct reassembly *r)
{
	return r->pages > ROW_CACHED_PAGES;
}

/* Fetches what `len` bytes at the end of the row will be written to, as far as its last page
 * reaches. Past the caches only the lines at both ends are read. */
static inline void row_fetch(const struct reassembly *r, const struct stream *st, uint32_t len)
{
	unsigned int from = (unsigned int)(st->pos % PAGE_BYTES);
	const uint8_t *at, *last;

	if (st->row_last == NULL)
		return;
	at = st->row_last->data + from;
	last = at + RTE_MIN(len, PAGE_BYTES - from) - 1;
	__builtin_prefetch(last, 1);
	if (row_bypasses(r))
		last = at;
	for (; at <= last; at += RTE_CACHE_LINE_SIZE)
		__builtin_prefetch(at, 1);
}
