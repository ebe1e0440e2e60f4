/* Delivered bytes that are kept to be compared, in a row: most are never looked at, come
 * one after the other, and go in the same order. Their pages are a list without bitmaps,
 * and become part of the stream's tree when somebody looks for a byte (stream_held()).
 * In the tree at once, each packet would walk pages that no cache has. A page is indexed
 * once at most, so what an attacker can ask for stays O(log pages) a page. */
#pragma once

#include "reassembly.h"
#include "stream_pages.h"

/* Copies bytes to the end of the row, as many as fit there: 0 when they do not go on with
 * it, less than `len` when memory is out. */
uint32_t row_append(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at,
		    const uint8_t *data, uint32_t len);

/* Gives back pages that lie wholly before `keep`, at once: no event points into them. */
void row_trim(struct reassembly *r, struct stream *st, uint32_t id, uint64_t keep);
