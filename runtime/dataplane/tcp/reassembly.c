/* The streams of a stack and the pages that they hold: who has how many, and who
 * has most. */
#include "reassembly.h"

#include <rte_common.h>
#include <rte_cycles.h>
#include <string.h>

#include "../flow/table.h"
#include "stream_pages.h"

/* Pages at most that are left to what was released in bursts on their way. */
#define SPARE_PAGES 2048u

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
	uint8_t class = (uint8_t)RTE_MIN(bits, r->keeps ? 1u : REASSEMBLY_CLASSES - 1u);

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

struct page *stream_page_take(struct reassembly *r, struct stream *st, uint32_t id, uint64_t number)
{
	struct chunk *c = chunk_take(r->chunks);
	struct page *p;

	if (c == NULL)
		return NULL;
	p = (struct page *)c->data;
	p->number = number;
	p->priority = reassembly_random(r);
	r->pages++;
	st->pages++;
	class_update(r, st, id);
	return p;
}

struct page *stream_page_add(struct reassembly *r, struct stream *st, uint32_t id,
			     struct page **root, uint64_t number)
{
	struct page *p = stream_page_take(r, st, id, number);

	if (p == NULL)
		return NULL;
	page_clear(p);
	page_insert(root, p);
	return p;
}

void stream_pages_went(struct reassembly *r, struct stream *st, uint32_t id, uint32_t pages)
{
	r->pages -= pages;
	st->pages -= pages;
	class_update(r, st, id);
}

void stream_page_release(struct reassembly *r, struct stream *st, uint32_t id, struct page *p)
{
	struct chunk *c = page_chunk(p);

	c->next = *r->released;
	*r->released = c;
	stream_pages_went(r, st, id, 1);
}

void stream_page_drop(struct reassembly *r, struct stream *st, uint32_t id, struct page **root,
		      struct page *p)
{
	page_remove(root, p);
	stream_page_release(r, st, id, p);
}

void reassembly_init(struct reassembly *r, struct chunk_pool *chunks, struct flow_table *table,
		     struct counters *counters, uint16_t stream_at)
{
	*r = (struct reassembly){
	    .chunks = chunks,
	    .table = table,
	    .counters = counters,
	    .random = rte_rdtsc() | 1,
	    .key = {{flow_secret_draw(), flow_secret_draw()}},
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

uint32_t reassembly_turn(struct reassembly *r)
{
	uint32_t id = r->first[1];
	struct stream *st;

	if (id == STREAM_NONE)
		return id;
	st = stream_at(r, id);
	class_leave(r, st);
	class_enter(r, st, id, 1);
	return id;
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
