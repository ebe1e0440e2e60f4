#include "hold.h"

#include "../event/drop.h"

uint64_t hold_pool_memory(uint32_t holds, uint32_t fragments)
{
	return (uint64_t)holds * sizeof(struct fragment_hold) +
	       (uint64_t)fragments * sizeof(struct held_fragment);
}

void hold_pool_init(struct hold_pool *pool, void *memory, uint32_t holds, uint32_t fragments,
		    struct counters *counters)
{
	struct fragment_hold *h = memory;
	struct held_fragment *f = (struct held_fragment *)(h + holds);

	*pool = (struct hold_pool){.counters = counters};
	for (uint32_t i = holds; i-- > 0;) {
		h[i] = (struct fragment_hold){.free = pool->free};
		pool->free = &h[i];
	}
	for (uint32_t i = fragments; i-- > 0;) {
		f[i].next = pool->free_fragments;
		pool->free_fragments = &f[i];
	}
}

struct fragment_hold *hold_begin(struct hold_pool *pool)
{
	struct fragment_hold *h = pool->free;

	if (h == NULL)
		return NULL;
	pool->free = h->free;
	*h = (struct fragment_hold){.pool = pool, .waits = true};
	return h;
}

static void hold_end(struct fragment_hold *h)
{
	struct hold_pool *pool = h->pool;

	if (h->waits || h->places > 0)
		return;
	h->free = pool->free;
	pool->free = h;
}

static void fragment_drop(struct hold_pool *pool, struct rte_mbuf *m, enum verdict cause)
{
	(*verdict_counter(pool->counters, cause))++;
	rte_pktmbuf_free(m);
}

static void hold_drop(struct fragment_hold *h, enum verdict cause)
{
	struct rte_mbuf *m;
	uint8_t port;

	if (h->cause == VERDICT_FORWARD)
		h->cause = (uint8_t)cause;
	while ((m = hold_take(h, &port)) != NULL)
		fragment_drop(h->pool, m, (enum verdict)h->cause);
}

void hold_refuse(struct fragment_hold *h, enum verdict cause)
{
	hold_drop(h, cause);
	h->waits = false;
	hold_end(h);
}

void hold_complete(struct fragment_hold *h, const struct rte_mbuf *m)
{
	h->whole = m;
	h->waits = false;
	h->pool->leaving += h->mbufs;
}

void hold_keep(struct fragment_hold *h, struct rte_mbuf *m, uint8_t port, enum verdict verdict)
{
	struct held_fragment *f = h->pool->free_fragments;

	if (verdict >= VERDICT_DROP)
		hold_drop(h, verdict);
	else if (f == NULL)
		hold_drop(h, VERDICT_DROP_FRAGMENT_EVICTED);
	if (h->cause != VERDICT_FORWARD) {
		fragment_drop(h->pool, m,
			      verdict >= VERDICT_DROP ? verdict : (enum verdict)h->cause);
		return;
	}
	h->pool->free_fragments = f->next;
	*f = (struct held_fragment){.mbuf = m, .port = port};
	if (h->last == NULL)
		h->first = f;
	else
		h->last->next = f;
	h->last = f;
}

enum verdict hold_judge(const struct fragment_hold *h, enum verdict verdict)
{
	return h->cause != VERDICT_FORWARD ? (enum verdict)h->cause : verdict;
}

struct rte_mbuf *hold_take(struct fragment_hold *h, uint8_t *port)
{
	struct held_fragment *f = h->first;
	struct rte_mbuf *m;

	if (f == NULL)
		return NULL;
	m = f->mbuf;
	*port = f->port;
	h->first = f->next;
	if (h->first == NULL)
		h->last = NULL;
	f->next = h->pool->free_fragments;
	h->pool->free_fragments = f;
	return m;
}

void hold_leave(struct fragment_hold *h)
{
	h->places--;
	if (h->places == 0 && h->whole != NULL)
		h->pool->leaving -= h->mbufs;
	hold_end(h);
}
