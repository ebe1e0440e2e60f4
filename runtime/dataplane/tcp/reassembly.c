#include "reassembly.h"

#include <rte_common.h>
#include <rte_cycles.h>
#include <string.h>

#include "../flow/table.h"

/* A piece's limits are looked for over at most so many pages (100 KB). */
#define PIECE_PAGES_MAX 64

/* Pages at most that are left to what was released in bursts on their way. */
#define SPARE_PAGES 2048u

/* ---- pages of a stream ---- */

static struct stream *stream_at(const struct reassembly *r, uint32_t id)
{
	struct flow *f = flow_table_at(r->table, id >> 1);

	return (struct stream *)((uint8_t *)f + r->stream_at) + (id & 1);
}

static void class_leave(struct reassembly *r, struct stream *st)
{
	if (st->older == STREAM_NONE)
		r->first[st->size_class] = st->newer;
	else
		stream_at(r, st->older)->newer = st->newer;
	if (st->newer == STREAM_NONE)
		r->last[st->size_class] = st->older;
	else
		stream_at(r, st->newer)->older = st->older;
	st->size_class = 0;
}

static void class_enter(struct reassembly *r, struct stream *st, uint32_t id, uint8_t class)
{
	st->size_class = class;
	st->older = r->last[class];
	st->newer = STREAM_NONE;
	if (st->older == STREAM_NONE)
		r->first[class] = id;
	else
		stream_at(r, st->older)->newer = id;
	r->last[class] = id;
}

/* After a change of st->pages. Class 0 holds nothing and is in no list. */
static void class_update(struct reassembly *r, struct stream *st, uint32_t id)
{
	unsigned int bits = st->pages == 0 ? 0 : 32u - (unsigned int)__builtin_clz(st->pages);
	uint8_t class = (uint8_t)RTE_MIN(bits, REASSEMBLY_CLASSES - 1u);

	if (class == st->size_class)
		return;
	if (st->size_class != 0)
		class_leave(r, st);
	if (class != 0)
		class_enter(r, st, id, class);
}

/* xorshift64 (Marsaglia, 2003), seeded at start: not to be guessed from outside. */
static uint32_t reassembly_random(struct reassembly *r)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return (uint32_t)(r->random >> 32);
}

static struct page *stream_page_add(struct reassembly *r, struct stream *st, uint32_t id,
				    struct page **root, uint64_t number)
{
	struct chunk *c = chunk_take(r->chunks);
	struct page *p;

	if (c == NULL)
		return NULL;
	p = (struct page *)c->data;
	p->number = number;
	p->priority = reassembly_random(r);
	memset(p->present, 0, sizeof(p->present));
	memset(p->start, 0, sizeof(p->start));
	page_insert(root, p);
	r->pages++;
	st->pages++;
	class_update(r, st, id);
	return p;
}

static void stream_page_drop(struct reassembly *r, struct stream *st, uint32_t id,
			     struct page **root, struct page *p)
{
	struct chunk *c = page_chunk(p);

	page_remove(root, p);
	c->next = *r->released;
	*r->released = c;
	r->pages--;
	st->pages--;
	class_update(r, st, id);
}

static struct page *stream_page(struct reassembly *r, struct stream *st, uint32_t id,
				struct page **root, uint64_t number)
{
	struct page *p = page_find(*root, number);

	return p != NULL ? p : stream_page_add(r, st, id, root, number);
}

/* ---- overlap ---- */

/* Whether a new segment [nf, nt) takes the bytes that it shares with a queued
 * piece [of, ot). Novak and Sturges, "Target-based TCP stream reassembly", 2007;
 * the tables in the tests. */
static bool policy_takes_new(enum overlap_policy policy, uint64_t nf, uint64_t nt, uint64_t of,
			     uint64_t ot)
{
	switch (policy) {
	case OVERLAP_LINUX:
		return nf < of || (nf == of && nt > ot);
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

static uint64_t page_base(const struct page *p)
{
	return p->number * PAGE_BYTES;
}

/* First position of the queued piece that byte `at` of `p` belongs to. */
static uint64_t piece_from(struct page *root, const struct page *p, unsigned int at)
{
	for (int pages = 0; pages < PIECE_PAGES_MAX; pages++) {
		int start = page_last_set(p->start, at);
		int hole = page_last_clear(p->present, at);
		const struct page *before;

		if (start > hole)
			return page_base(p) + (unsigned int)start;
		if (hole >= 0)
			return page_base(p) + (unsigned int)hole + 1;
		before = p->number == 0 ? NULL : page_find(root, p->number - 1);
		if (before == NULL || !page_bit(before->present, PAGE_BYTES - 1))
			break;
		p = before;
		at = PAGE_BYTES - 1;
	}
	return page_base(p);
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
			return page_base(p) + to;
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

static void overlap_compare(struct stream_overlap *found, uint64_t at, const uint8_t *old,
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

		if (page_base(p) + at >= found->decided_to) {
			uint64_t of = piece_from(root, p, at);
			uint64_t ot = piece_to(root, p, at);

			found->decided_to = ot;
			found->takes_new =
			    policy_takes_new(policy, extent->from, extent->to, of, ot);
		}
		end = (unsigned int)RTE_MIN(found->decided_to - page_base(p), (uint64_t)to);
		overlap_compare(found, page_base(p) + at, p->data + at, data, end - at);
		if (found->takes_new)
			piece_write(p, at, data, end - at, found);
		else
			found->joined = false;
		data += end - at;
		at = end;
	}
}

/* Bytes [at, to) of one page. */
static void page_hold(struct page *root, struct page *p, unsigned int at, unsigned int to,
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
		struct page *p = stream_page(r, st, id, &st->held, at / PAGE_BYTES);

		if (p == NULL) {
			r->counters->held_lost++;
			return false;
		}
		page_hold(st->held, p, from, from + some, extent, data, policy, found);
		at += some;
		data += some;
		len -= some;
		st->end = RTE_MAX(st->end, at);
	}
	if (at == extent->to)
		hold_close(st->held, at, found);
	return true;
}

void stream_doubt(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at,
		  const uint8_t *data, uint32_t len)
{
	struct stream_extent extent = {at, at + len};
	struct stream_overlap ignored = {0};

	while (len > 0) {
		unsigned int from = (unsigned int)(at % PAGE_BYTES);
		unsigned int some = RTE_MIN(len, (uint32_t)PAGE_BYTES - from);
		struct page *p = page_find(st->doubted, at / PAGE_BYTES);

		if (p == NULL) {
			if (st->doubted_pages == STREAM_DOUBTED_PAGES_MAX || r->pages >= r->limit)
				return;
			p = stream_page_add(r, st, id, &st->doubted, at / PAGE_BYTES);
			if (p == NULL)
				return;
			st->doubted_pages++;
		}
		page_hold(st->doubted, p, from, from + some, &extent, data, OVERLAP_FIRST,
			  &ignored);
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
		unsigned int some = RTE_MIN(len, (uint32_t)PAGE_BYTES - from);
		struct page *p = stream_page(r, st, id, &st->held, at / PAGE_BYTES);

		if (p == NULL)
			return;
		memcpy(p->data + from, data, some);
		page_bits_set(p->present, from, from + some);
		at += some;
		data += some;
		len -= some;
	}
}

void stream_compare(const struct stream *st, uint64_t at, const uint8_t *data, uint32_t len,
		    struct stream_overlap *found)
{
	while (len > 0) {
		unsigned int from = (unsigned int)(at % PAGE_BYTES);
		unsigned int some = RTE_MIN(len, (uint32_t)PAGE_BYTES - from);
		const struct page *p = page_find(st->held, at / PAGE_BYTES);

		if (p != NULL && page_bit(p->present, from)) {
			some = RTE_MIN(some, page_next_clear(p->present, from) - from);
			overlap_compare(found, at, p->data + from, data, some);
		} else {
			if (p != NULL)
				some = RTE_MIN(some, page_next_set(p->present, from) - from);
			overlap_note(&found->unknown_from, &found->unknown_to, at, at + some);
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

		if (page_base(p) > at)
			from = 0;
		bit = page_next_set(p->present, from);
		if (bit < PAGE_BYTES)
			return page_base(p) + bit;
		p = page_from(root, p->number + 1);
	}
	return STREAM_NOWHERE;
}

void stream_trim(struct reassembly *r, struct stream *st, uint32_t id, uint64_t keep)
{
	struct page *p;

	while ((p = page_from(st->held, 0)) != NULL && page_end(p) <= keep)
		stream_page_drop(r, st, id, &st->held, p);
	while ((p = page_from(st->doubted, 0)) != NULL && page_end(p) <= st->pos) {
		stream_page_drop(r, st, id, &st->doubted, p);
		st->doubted_pages--;
	}
}

void stream_clear(struct reassembly *r, struct stream *st, uint32_t id)
{
	while (st->held != NULL)
		stream_page_drop(r, st, id, &st->held, st->held);
	while (st->doubted != NULL)
		stream_page_drop(r, st, id, &st->doubted, st->doubted);
	st->doubted_pages = 0;
	st->end = st->pos;
}

/* ---- all streams ---- */

void reassembly_init(struct reassembly *r, struct chunk_pool *chunks, struct flow_table *table,
		     struct counters *counters, uint16_t stream_at)
{
	*r = (struct reassembly){
	    .chunks = chunks,
	    .table = table,
	    .counters = counters,
	    .random = rte_rdtsc() | 1,
	    .stream_at = stream_at,
	};
	/* What is released stays in use until the burst ends: leave some for that. */
	r->limit =
	    chunks == NULL ? 0 : chunks->capacity - RTE_MIN(chunks->capacity / 4, SPARE_PAGES);
	memset(r->first, 0xff, sizeof(r->first));
	memset(r->last, 0xff, sizeof(r->last));
}

uint32_t reassembly_largest(const struct reassembly *r)
{
	for (int class = REASSEMBLY_CLASSES - 1; class > 0; class --)
		if (r->first[class] != STREAM_NONE)
			return r->first[class];
	return STREAM_NONE;
}

void reassembly_free(struct reassembly *r, struct chunk *list)
{
	while (list != NULL) {
		struct chunk *next = list->next;

		list->next = NULL;
		chunk_release(r->chunks, list);
		list = next;
	}
}
