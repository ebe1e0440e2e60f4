#include "page.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct fragment_page) <= RTE_PKTMBUF_HEADROOM,
	       "a page's marks lie in the headroom of its buffer");

#define PAGE_UNITS (FRAGMENT_PAGE_BYTES / FRAGMENT_UNIT)

static struct fragment_page *page_marks(const struct rte_mbuf *m)
{
	return m->buf_addr;
}

/* The page of a window, or the last one before it; NULL: there is none. */
static struct rte_mbuf *page_at_or_before(struct fragment_pages *pages, uint32_t window)
{
	struct rte_mbuf *m = pages->recent;

	if (m == NULL || page_marks(m)->window > window)
		m = pages->first;
	if (m == NULL || page_marks(m)->window > window)
		return NULL;
	while (m->next != NULL && page_marks(m->next)->window <= window)
		m = m->next;
	pages->recent = m;
	return m;
}

static struct rte_mbuf *page_of(struct fragment_pages *pages, uint32_t window)
{
	struct rte_mbuf *m = page_at_or_before(pages, window);

	return m != NULL && page_marks(m)->window == window ? m : NULL;
}

static struct rte_mbuf *page_make(struct fragment_pages *pages, struct rte_mempool *pool,
				  uint32_t window)
{
	struct rte_mbuf *before = page_at_or_before(pages, window);
	struct rte_mbuf *m;

	if (before != NULL && page_marks(before)->window == window)
		return before;
	m = rte_pktmbuf_alloc(pool);
	if (m == NULL)
		return NULL;
	*page_marks(m) = (struct fragment_page){.window = window};
	if (before == NULL) {
		m->next = pages->first;
		pages->first = m;
	} else {
		m->next = before->next;
		before->next = m;
	}
	pages->recent = m;
	pages->count++;
	return m;
}

/* The units of one page that a range covers. */
struct page_span {
	uint32_t first, end;
};

static struct page_span page_span(uint32_t window, uint32_t from, uint32_t to)
{
	uint32_t base = window * PAGE_UNITS;
	uint32_t first = from / FRAGMENT_UNIT;
	uint32_t end = (to + FRAGMENT_UNIT - 1) / FRAGMENT_UNIT;

	return (struct page_span){RTE_MAX(first, base) - base,
				  RTE_MIN(end, base + PAGE_UNITS) - base};
}

/* The bits of word `word` that a span covers. */
static uint64_t span_mask(const struct page_span *span, uint32_t word)
{
	uint32_t base = word * 64;
	uint64_t mask = UINT64_MAX;

	if (span->first >= base + 64 || span->end <= base)
		return 0;
	if (span->first > base)
		mask &= UINT64_MAX << (span->first - base);
	if (span->end < base + 64)
		mask &= UINT64_MAX >> (base + 64 - span->end);
	return mask;
}

enum fragment_fit fragment_pages_fit(struct fragment_pages *pages, uint32_t from, uint32_t to)
{
	bool some = false, all = true, joint = false;

	for (uint32_t w = from / FRAGMENT_PAGE_BYTES; w * FRAGMENT_PAGE_BYTES < to; w++) {
		const struct rte_mbuf *m = page_of(pages, w);
		struct page_span span = page_span(w, from, to);

		if (m == NULL) {
			all = false;
			continue;
		}
		for (uint32_t i = 0; i < FRAGMENT_PAGE_WORDS; i++) {
			uint64_t mask = span_mask(&span, i);
			uint64_t begins = page_marks(m)->begins[i] & mask;

			some = some || (page_marks(m)->present[i] & mask) != 0;
			all = all && (page_marks(m)->present[i] & mask) == mask;
			if (w == from / FRAGMENT_PAGE_BYTES && span.first / 64 == i)
				begins &= ~(1ull << span.first % 64);
			joint = joint || begins != 0;
		}
	}
	if (!some)
		return FRAGMENT_FREE;
	return all && !joint ? FRAGMENT_WITHIN : FRAGMENT_ACROSS;
}

uint32_t fragment_pages_missing(struct fragment_pages *pages, uint32_t from, uint32_t to)
{
	uint32_t missing = 0;

	for (uint32_t w = from / FRAGMENT_PAGE_BYTES; w * FRAGMENT_PAGE_BYTES < to; w++)
		missing += page_of(pages, w) == NULL;
	return missing;
}

/* Copies within one page: `skip` bytes of the payload are before it. */
static void page_write(struct rte_mbuf *m, uint32_t at, uint32_t len, uint32_t skip,
		       const struct packet *p)
{
	uint8_t *to = (uint8_t *)m->buf_addr + RTE_PKTMBUF_HEADROOM + at;
	const void *bytes = rte_pktmbuf_read(p->mbuf, p->payload + skip, len, to);

	if (bytes != NULL && bytes != to)
		memcpy(to, bytes, len);
}

static void page_mark(struct rte_mbuf *m, const struct page_span *span)
{
	for (uint32_t i = 0; i < FRAGMENT_PAGE_WORDS; i++)
		page_marks(m)->present[i] |= span_mask(span, i);
}

int fragment_pages_put(struct fragment_pages *pages, struct rte_mempool *pool, uint32_t from,
		       uint32_t to, bool begins, const struct packet *p)
{
	uint32_t window = from / FRAGMENT_PAGE_BYTES;

	for (uint32_t w = window; w * FRAGMENT_PAGE_BYTES < to; w++)
		if (page_make(pages, pool, w) == NULL)
			return -ENOMEM;
	for (uint32_t w = window; w * FRAGMENT_PAGE_BYTES < to; w++) {
		struct rte_mbuf *m = page_of(pages, w);
		struct page_span span = page_span(w, from, to);
		uint32_t base = w * FRAGMENT_PAGE_BYTES;
		uint32_t first = RTE_MAX(from, base);
		uint32_t end = RTE_MIN(to, base + FRAGMENT_PAGE_BYTES);

		page_write(m, first - base, end - first, first - from, p);
		page_mark(m, &span);
		if (w == window && begins)
			page_marks(m)->begins[span.first / 64] |= 1ull << span.first % 64;
	}
	return 0;
}

struct rte_mbuf *fragment_pages_take(struct fragment_pages *pages, uint32_t len)
{
	struct rte_mbuf *first = pages->first;

	first->pkt_len = len;
	first->nb_segs = (uint16_t)pages->count;
	for (struct rte_mbuf *m = first; m != NULL; m = m->next) {
		m->data_len = (uint16_t)RTE_MIN(len, (uint32_t)FRAGMENT_PAGE_BYTES);
		len -= m->data_len;
	}
	*pages = (struct fragment_pages){0};
	return first;
}

void fragment_pages_free(struct fragment_pages *pages)
{
	struct rte_mbuf *m = pages->first;

	while (m != NULL) {
		struct rte_mbuf *next = m->next;

		m->next = NULL;
		rte_pktmbuf_free_seg(m);
		m = next;
	}
	*pages = (struct fragment_pages){0};
}
