#include "row.h"

#include <rte_common.h>
#include <string.h>

#include "../memory/bypass.h"

/* Bytes at most in a row: its length has 32 bits. */
#define ROW_BYTES_MAX (UINT32_C(1) << 30)

/* Whether the byte at `at` goes on with the row, or may begin one: pages of a row lie
 * behind all that are in the tree. */
static bool row_takes(const struct stream *st, uint64_t at)
{
	const struct page *last;

	if (st->row_first != NULL)
		return at == row_end(st) && st->row_len < ROW_BYTES_MAX;
	last = page_before(st->tree, UINT64_MAX);
	return last == NULL || last->number < at / PAGE_BYTES;
}

/* One page more at the end; false when memory is out. */
static bool row_grow(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at)
{
	struct page *p = stream_page_take(r, st, id, at / PAGE_BYTES);

	if (p == NULL)
		return false;
	if (st->row_first == NULL) {
		st->row_first = p;
		st->row_from = at;
		st->row_len = 0;
	} else {
		page_chunk(st->row_last)->next = page_chunk(p);
	}
	p->left = st->row_last;
	st->row_last = p;
	return true;
}

/* Nobody is likely to read them, so where there are many, caches are for others. */
static void row_copy(const struct reassembly *r, uint8_t *to, const uint8_t *from, uint32_t len)
{
	if (row_bypasses(r))
		bypass_copy(to, from, len);
	else
		memcpy(to, from, len);
}

uint32_t row_append(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at,
		    const uint8_t *data, uint32_t len)
{
	uint32_t done = 0;

	if (!row_takes(st, at))
		return 0;
	while (done < len) {
		unsigned int from = (unsigned int)((at + done) % PAGE_BYTES);
		unsigned int some = RTE_MIN(len - done, (uint32_t)PAGE_BYTES - from);

		if ((st->row_first == NULL || from == 0) && !row_grow(r, st, id, at + done))
			break;
		row_copy(r, st->row_last->data + from, data + done, some);
		st->row_len += some;
		done += some;
	}
	return done;
}

/* How many pages [from, to) lies in. */
static uint32_t row_pages(uint64_t from, uint64_t to)
{
	return (uint32_t)((to - 1) / PAGE_BYTES - from / PAGE_BYTES + 1);
}

/* Gives back all pages, without a look at any but the last. */
static void row_clear(struct reassembly *r, struct stream *st, uint32_t id)
{
	uint32_t pages = row_pages(st->row_from, row_end(st));

	chunk_give_back(r->chunks, page_chunk(st->row_first), page_chunk(st->row_last), pages);
	st->row_first = NULL;
	st->row_last = NULL;
	st->row_len = 0;
	stream_pages_went(r, st, id, pages);
}

/* The last of the first `pages` of a row, which is not its last one: from the end that is
 * nearer, because each page that is passed may be in no cache. Most acknowledgements are of
 * all but the latest bytes, or of the first ones. */
static struct chunk *row_nth(const struct stream *st, uint32_t pages)
{
	uint32_t behind = row_pages(st->row_from, row_end(st)) - pages;
	struct chunk *c = page_chunk(st->row_first);
	struct page *p = st->row_last;

	if (pages <= behind) {
		while (--pages > 0)
			c = c->next;
		return c;
	}
	while (behind-- > 0)
		p = p->left;
	return page_chunk(p);
}

void row_trim(struct reassembly *r, struct stream *st, uint32_t id, uint64_t keep)
{
	uint64_t begin = keep / PAGE_BYTES * PAGE_BYTES;
	struct chunk *first, *last;
	uint32_t pages;

	if (st->row_first == NULL || begin <= st->row_from)
		return;
	if (begin > (row_end(st) - 1) / PAGE_BYTES * PAGE_BYTES) {
		row_clear(r, st, id);
		return;
	}
	pages = row_pages(st->row_from, begin);
	first = page_chunk(st->row_first);
	last = row_nth(st, pages);
	st->row_first = (struct page *)last->next->data;
	st->row_len -= (uint32_t)(begin - st->row_from);
	st->row_from = begin;
	chunk_give_back(r->chunks, first, last, pages);
	stream_pages_went(r, st, id, pages);
}

void row_index(struct stream *st)
{
	uint64_t at = st->row_from, end = row_end(st);
	struct chunk *c = st->row_first == NULL ? NULL : page_chunk(st->row_first);

	for (struct chunk *next; c != NULL; c = next) {
		struct page *p = (struct page *)c->data;
		uint64_t to = RTE_MIN(page_end(p), end);

		next = c->next;
		c->next = NULL;
		page_clear(p);
		page_bits_set(p->present, (unsigned int)(at - page_begin(p)),
			      (unsigned int)(to - page_begin(p)));
		page_insert(&st->tree, p);
		at = to;
	}
	st->row_first = NULL;
	st->row_last = NULL;
	st->row_len = 0;
}
