#include "chunk.h"

void chunk_pool_init(struct chunk_pool *pool, void *memory, size_t size)
{
	struct chunk *chunks = memory;

	*pool = (struct chunk_pool){.capacity = (uint32_t)(size / sizeof(struct chunk))};
	pool->available = pool->capacity;
	pool->stashed_max = pool->capacity;
	for (uint32_t i = pool->capacity; i-- > 0;) {
		chunks[i].refs = 0;
		chunks[i].next = pool->free;
		pool->free = &chunks[i];
	}
}

struct chunk *chunk_take(struct chunk_pool *pool)
{
	struct chunk *c = pool->free;

	if (c == NULL)
		return NULL;
	pool->free = c->next;
	/* Who takes the next one reads there. */
	if (c->next != NULL)
		__builtin_prefetch(c->next, 1);
	pool->available--;
	c->next = NULL;
	c->refs = 1;
	c->used = 0;
	return c;
}

void chunk_release(struct chunk_pool *pool, struct chunk *c)
{
	if (--c->refs > 0)
		return;
	c->next = pool->free;
	pool->free = c;
	pool->available++;
}

void chunk_give_back(struct chunk_pool *pool, struct chunk *first, struct chunk *last,
		     uint32_t count)
{
	last->next = pool->free;
	pool->free = first;
	pool->available += count;
}
