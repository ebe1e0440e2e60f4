#include "overlap.h"

#include <rte_common.h>
#include <string.h>

/* A piece's limits are looked for over at most so many pages (100 KB). */
#define PIECE_PAGES_MAX 64

/* Whether a new segment [nf, nt) takes the bytes that it shares with a queued
 * piece [of, ot). Novak and Sturges, "Target-based TCP stream reassembly", 2007;
 * the tables in the tests. */
static bool policy_takes_new(enum overlap_policy policy, uint64_t nf, uint64_t nt, uint64_t of,
			     uint64_t ot)
{
	switch (policy) {
	case OVERLAP_LINUX:
		return nf < of || (nf == of && nt > ot);
	case OVERLAP_OLD_LINUX:
		return nf < of || (nf == of && nt >= ot);
	case OVERLAP_BSD:
		return nf < of;
	case OVERLAP_SOLARIS:
		return nf <= of ? nt >= ot : nt > ot;
	case OVERLAP_LAST:
		return true;
	case OVERLAP_WINDOWS:
	case OVERLAP_FIRST:
		return false;
	}
	return false;
}

/* First position of the queued piece that byte `at` of `p` belongs to. */
static uint64_t piece_from(struct page *root, const struct page *p, unsigned int at)
{
	for (int pages = 0; pages < PIECE_PAGES_MAX; pages++) {
		int start = page_last_set(p->start, at);
		int hole = page_last_clear(p->present, at);
		const struct page *before;

		if (start > hole)
			return page_begin(p) + (unsigned int)start;
		if (hole >= 0)
			return page_begin(p) + (unsigned int)hole + 1;
		before = p->number == 0 ? NULL : page_find(root, p->number - 1);
		if (before == NULL || !page_bit(before->present, PAGE_BYTES - 1))
			break;
		p = before;
		at = PAGE_BYTES - 1;
	}
	return page_begin(p);
}

/* End of the queued piece that byte `at` of `p` belongs to. */
static uint64_t piece_to(struct page *root, const struct page *p, unsigned int at)
{
	unsigned int from = at + 1;

	for (int pages = 0; pages < PIECE_PAGES_MAX; pages++) {
		unsigned int to =
		    RTE_MIN(page_next_set(p->start, from), page_next_clear(p->present, from));
		const struct page *after;

		if (to < PAGE_BYTES)
			return page_begin(p) + to;
		after = page_find(root, p->number + 1);
		if (after == NULL || !page_bit(after->present, 0) || page_bit(after->start, 0))
			break;
		p = after;
		from = 1;
	}
	return page_end(p);
}

static void overlap_note(uint64_t *from, uint64_t *to, uint64_t at, uint64_t end)
{
	if (*from == *to) {
		*from = at;
		*to = end;
		return;
	}
	*from = RTE_MIN(*from, at);
	*to = RTE_MAX(*to, end);
}

void overlap_compare(struct stream_overlap *found, uint64_t at, const uint8_t *old,
		     const uint8_t *new, unsigned int len)
{
	unsigned int first = 0;

	if (memcmp(old, new, len) == 0)
		return;
	while (old[first] == new[first])
		first++;
	while (old[len - 1] == new[len - 1])
		len--;
	overlap_note(&found->conflict_from, &found->conflict_to, at + first, at + len);
}

void overlap_differs(struct stream_overlap *found, uint64_t at, uint64_t end)
{
	overlap_note(&found->conflict_from, &found->conflict_to, at, end);
}

void overlap_unknown(struct stream_overlap *found, uint64_t at, uint64_t end)
{
	overlap_note(&found->unknown_from, &found->unknown_to, at, end);
}

static void piece_write(struct page *p, unsigned int at, const uint8_t *data, unsigned int len,
			struct stream_overlap *found)
{
	memcpy(p->data + at, data, len);
	page_bits_set(p->present, at, at + len);
	page_bits_clear(p->start, at, at + len);
	if (!found->joined)
		page_bits_set(p->start, at, at + 1);
	found->joined = true;
}

/* Bytes [at, to) of a page, all present: piece by piece, the policy decides. */
static void page_overlap(struct page *root, struct page *p, unsigned int at, unsigned int to,
			 const struct stream_extent *extent, const uint8_t *data,
			 enum overlap_policy policy, struct stream_overlap *found)
{
	while (at < to) {
		unsigned int end;

		if (page_begin(p) + at >= found->decided_to) {
			uint64_t of = piece_from(root, p, at);
			uint64_t ot = piece_to(root, p, at);

			found->decided_to = ot;
			found->takes_new =
			    policy_takes_new(policy, extent->from, extent->to, of, ot);
		}
		end = (unsigned int)RTE_MIN(found->decided_to - page_begin(p), (uint64_t)to);
		overlap_compare(found, page_begin(p) + at, p->data + at, data, end - at);
		if (found->takes_new)
			piece_write(p, at, data, end - at, found);
		else
			found->joined = false;
		data += end - at;
		at = end;
	}
}

void overlap_hold(struct page *root, struct page *p, unsigned int at, unsigned int to,
		  const struct stream_extent *extent, const uint8_t *data,
		  enum overlap_policy policy, struct stream_overlap *found)
{
	while (at < to) {
		unsigned int taken = RTE_MIN(page_next_set(p->present, at), to);
		unsigned int free;

		if (taken > at)
			piece_write(p, at, data, taken - at, found);
		data += taken - at;
		free = RTE_MIN(page_next_clear(p->present, taken), to);
		if (free > taken)
			page_overlap(root, p, taken, free, extent, data, policy, found);
		data += free - taken;
		at = free;
	}
}
