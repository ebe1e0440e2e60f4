/* One stream's bytes: kept until they are in order, remembered once they are
 * delivered, compared, read, and given back. */
#include <rte_common.h>
#include <string.h>

#include "overlap.h"
#include "row.h"
#include "stream_pages.h"

/* What remains of a queued piece behind a new segment begins there. */
static void hold_close(struct page *root, uint64_t to, const struct stream_overlap *found)
{
	struct page *p = page_find(root, to / PAGE_BYTES);
	unsigned int at = (unsigned int)(to % PAGE_BYTES);

	if (found->joined && p != NULL && page_bit(p->present, at))
		page_bits_set(p->start, at, at + 1);
}

bool stream_hold(struct reassembly *r, struct stream *st, uint32_t id,
		 const struct stream_extent *extent, uint64_t at, const uint8_t *data, uint32_t len,
		 enum overlap_policy policy, struct stream_overlap *found)
{
	while (len > 0) {
		unsigned int from = (unsigned int)(at % PAGE_BYTES);
		unsigned int some = RTE_MIN(len, (uint32_t)PAGE_BYTES - from);
		struct page *p = stream_page(r, st, id, stream_held_root(st), at / PAGE_BYTES);

		if (p == NULL) {
			r->counters->held_lost++;
			return false;
		}
		overlap_hold(stream_held(st), p, from, from + some, extent, data, policy, found);
		at += some;
		data += some;
		len -= some;
		st->end = RTE_MAX(st->end, at);
	}
	if (at == extent->to)
		hold_close(stream_held(st), at, found);
	return true;
}

void stream_doubt(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at,
		  const uint8_t *data, uint32_t len, struct stream_overlap *found)
{
	struct stream_extent extent = {at, at + len};

	while (len > 0) {
		unsigned int from = (unsigned int)(at % PAGE_BYTES);
		unsigned int some = RTE_MIN(len, (uint32_t)PAGE_BYTES - from);
		struct page *p = page_find(st->doubted, at / PAGE_BYTES);

		if (p == NULL) {
			if (st->doubted_pages < STREAM_DOUBTED_PAGES_MAX &&
			    (r->keeps || r->pages < r->limit))
				p = stream_page_add(r, st, id, &st->doubted, at / PAGE_BYTES);
			if (p == NULL) {
				r->counters->held_lost++;
				return;
			}
			st->doubted_pages++;
		}
		overlap_hold(st->doubted, p, from, from + some, &extent, data, OVERLAP_FIRST,
			     found);
		at += some;
		data += some;
		len -= some;
	}
}

void stream_remember(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at,
		     const uint8_t *data, uint32_t len)
{
	while (len > 0) {
		unsigned int from = (unsigned int)(at % PAGE_BYTES);
		unsigned int some = row_append(r, st, id, at, data, len);
		struct page *p;

		if (some > 0) {
			at += some;
			data += some;
			len -= some;
			continue;
		}
		some = RTE_MIN(len, (uint32_t)PAGE_BYTES - from);
		p = stream_page(r, st, id, stream_held_root(st), at / PAGE_BYTES);
		if (p == NULL) {
			st->lost = RTE_MAX(st->lost, at + len);
			return;
		}
		memcpy(p->data + from, data, some);
		page_bits_set(p->present, from, from + some);
		at += some;
		data += some;
		len -= some;
	}
}

uint32_t stream_missing(struct page *root, uint64_t from, uint64_t to)
{
	uint32_t missing = 0;

	for (uint64_t number = from / PAGE_BYTES; number * PAGE_BYTES < to; number++)
		missing += page_find(root, number) == NULL;
	return missing;
}

void stream_forget(struct reassembly *r, struct stream *st, uint32_t id, uint64_t from, uint64_t to)
{
	struct page *p = page_from(stream_held(st), from / PAGE_BYTES);

	while (p != NULL && page_begin(p) < to) {
		uint64_t begin = page_begin(p), next = p->number + 1;
		unsigned int first = (unsigned int)(RTE_MAX(from, begin) - begin);
		unsigned int end = (unsigned int)(RTE_MIN(to, page_end(p)) - begin);

		page_bits_clear(p->present, first, end);
		page_bits_clear(p->start, first, end);
		if (page_next_set(p->present, 0) == PAGE_BYTES)
			stream_page_drop(r, st, id, stream_held_root(st), p);
		p = page_from(stream_held(st), next);
	}
}

uint64_t stream_remembered(const struct stream *st)
{
	uint64_t number = (st->pos + PAGE_BYTES - 1) / PAGE_BYTES;
	const struct page *p;

	if (st->row_first != NULL)
		return row_end(st);
	while ((p = page_before(stream_held(st), number)) != NULL) {
		uint64_t last = RTE_MIN(page_end(p), st->pos) - page_begin(p) - 1;
		int at = page_last_set(p->present, (unsigned int)last);

		if (at >= 0)
			return page_begin(p) + (unsigned int)at + 1;
		number = p->number;
	}
	return 0;
}

void stream_compare(const struct stream *st, uint64_t at, const uint8_t *data, uint32_t len,
		    struct stream_overlap *found)
{
	while (len > 0) {
		unsigned int from = (unsigned int)(at % PAGE_BYTES);
		unsigned int some = RTE_MIN(len, (uint32_t)PAGE_BYTES - from);
		const struct page *p = page_find(stream_held(st), at / PAGE_BYTES);
		const struct page *doubted =
		    at < st->pos ? NULL : page_find(st->doubted, at / PAGE_BYTES);

		if (p != NULL && !page_bit(p->present, from)) {
			some = RTE_MIN(some, page_next_set(p->present, from) - from);
			p = NULL;
		}
		if (p == NULL && doubted != NULL && !page_bit(doubted->present, from)) {
			some = RTE_MIN(some, page_next_set(doubted->present, from) - from);
			doubted = NULL;
		}
		p = p == NULL ? doubted : p;
		if (p != NULL) {
			some = RTE_MIN(some, page_next_clear(p->present, from) - from);
			overlap_compare(found, at, p->data + from, data, some);
		} else {
			overlap_unknown(found, at, at + some);
		}
		at += some;
		data += some;
		len -= some;
	}
}

void stream_contradict(struct page *root, uint64_t at, const uint8_t *data, uint32_t len,
		       struct stream_overlap *found)
{
	while (len > 0) {
		unsigned int from = (unsigned int)(at % PAGE_BYTES);
		unsigned int some = RTE_MIN(len, (uint32_t)PAGE_BYTES - from);
		const struct page *p = page_find(root, at / PAGE_BYTES);

		if (p != NULL && page_bit(p->present, from)) {
			some = RTE_MIN(some, page_next_clear(p->present, from) - from);
			overlap_compare(found, at, p->data + from, data, some);
		} else if (p != NULL) {
			some = RTE_MIN(some, page_next_set(p->present, from) - from);
		}
		at += some;
		data += some;
		len -= some;
	}
}

uint32_t stream_run(struct page *root, uint64_t at, struct page **page, const uint8_t **data)
{
	struct page *p = page_find(root, at / PAGE_BYTES);
	unsigned int from = (unsigned int)(at % PAGE_BYTES);

	if (p == NULL)
		return 0;
	*page = p;
	*data = p->data + from;
	return page_next_clear(p->present, from) - from;
}

uint64_t stream_next(struct page *root, uint64_t at)
{
	struct page *p = page_from(root, at / PAGE_BYTES);
	unsigned int from = (unsigned int)(at % PAGE_BYTES);

	while (p != NULL) {
		unsigned int bit;

		if (page_begin(p) > at)
			from = 0;
		bit = page_next_set(p->present, from);
		if (bit < PAGE_BYTES)
			return page_begin(p) + bit;
		p = page_from(root, p->number + 1);
	}
	return STREAM_NOWHERE;
}

bool stream_holds_from(const struct stream *st, uint64_t at)
{
	return st->row_first != NULL ? at < row_end(st)
				     : stream_next(st->tree, at) != STREAM_NOWHERE;
}

/* Whether no byte of a page is present from `at` on. */
static bool page_ends(const struct page *p, uint64_t at)
{
	unsigned int from = at > page_begin(p) ? (unsigned int)(at - page_begin(p)) : 0;

	return page_next_set(p->present, from) == PAGE_BYTES;
}

void stream_trim(struct reassembly *r, struct stream *st, uint32_t id, uint64_t keep)
{
	struct page *p;

	while ((p = page_from(st->tree, 0)) != NULL && page_end(p) <= keep)
		stream_page_drop(r, st, id, &st->tree, p);
	if (p == NULL)
		row_trim(r, st, id, keep);
	while ((p = page_from(st->doubted, 0)) != NULL &&
	       (page_end(p) <= st->pos || page_ends(p, st->pos))) {
		stream_page_drop(r, st, id, &st->doubted, p);
		st->doubted_pages--;
	}
}

/* Forgets bytes of a tree from `at` on; how many pages went. */
static uint32_t tree_cut(struct reassembly *r, struct stream *st, uint32_t id, struct page **root,
			 uint64_t at)
{
	struct page *p = page_find(*root, at / PAGE_BYTES);
	uint32_t pages = 0;

	if (p != NULL) {
		page_bits_clear(p->present, (unsigned int)(at % PAGE_BYTES), PAGE_BYTES);
		page_bits_clear(p->start, (unsigned int)(at % PAGE_BYTES), PAGE_BYTES);
		if (page_ends(p, 0)) {
			stream_page_drop(r, st, id, root, p);
			pages++;
		}
	}
	for (; (p = page_from(*root, at / PAGE_BYTES + (at % PAGE_BYTES != 0))) != NULL; pages++)
		stream_page_drop(r, st, id, root, p);
	return pages;
}

void stream_cut(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at)
{
	if (st->row_first == NULL || at < row_end(st))
		tree_cut(r, st, id, stream_held_root(st), at);
	st->doubted_pages -= tree_cut(r, st, id, &st->doubted, at);
	st->end = stream_holds_from(st, st->pos) ? RTE_MIN(st->end, at) : st->pos;
}

void stream_clear(struct reassembly *r, struct stream *st, uint32_t id)
{
	row_trim(r, st, id, UINT64_MAX);
	while (st->tree != NULL)
		stream_page_drop(r, st, id, &st->tree, st->tree);
	while (st->doubted != NULL)
		stream_page_drop(r, st, id, &st->doubted, st->doubted);
	st->doubted_pages = 0;
	st->end = st->pos;
}
