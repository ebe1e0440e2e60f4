/* Pages of one stream, for the files that fill, compare and read them. */
#pragma once

#include "reassembly.h"

/* A new page that is in no tree, its bitmaps unset; NULL when memory is out. */
struct page *stream_page_take(struct reassembly *r, struct stream *st, uint32_t id,
			      uint64_t number);

/* Releases a page that is in no tree any more: events of this burst may still point into
 * it. */
void stream_page_release(struct reassembly *r, struct stream *st, uint32_t id, struct page *p);

/* A new page in one of the stream's trees; NULL when memory is out. */
struct page *stream_page_add(struct reassembly *r, struct stream *st, uint32_t id,
			     struct page **root, uint64_t number);

/* A stream has so many pages less. */
void stream_pages_went(struct reassembly *r, struct stream *st, uint32_t id, uint32_t pages);

/* Takes a page out of its tree, and releases it. */
void stream_page_drop(struct reassembly *r, struct stream *st, uint32_t id, struct page **root,
		      struct page *p);

static inline struct page *stream_page(struct reassembly *r, struct stream *st, uint32_t id,
				       struct page **root, uint64_t number)
{
	struct page *p = page_find(*root, number);

	return p != NULL ? p : stream_page_add(r, st, id, root, number);
}
