/* Memory for bytes that must outlive their mbuf: held segments that are small
 * or too many, and what `from start` keeps. A pool of fixed chunks in memory
 * that the caller provides; one lcore owns it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CHUNK_SIZE 2048

struct chunk {
	struct chunk *next;
	uint32_t refs;
	uint16_t used; /* bytes of data */
	uint16_t reserved;
	uint8_t data[CHUNK_SIZE - 16];
};

struct chunk_pool {
	struct chunk *free;
	uint32_t capacity;
	uint32_t available;
	uint32_t stashed;     /* held by stashes (memory/stash.h) */
	uint32_t stashed_max; /* the rest is for holes; all unless somebody says less */
};

/* Cuts `size` bytes at `memory` (aligned to 64) into chunks. */
void chunk_pool_init(struct chunk_pool *pool, void *memory, size_t size);

/* A chunk with one reference and nothing used, or NULL when all are taken. */
struct chunk *chunk_take(struct chunk_pool *pool);

static inline void chunk_hold(struct chunk *c)
{
	c->refs++;
}

/* Gives back a list of `count` chunks that nobody else has a reference to. */
void chunk_give_back(struct chunk_pool *pool, struct chunk *first, struct chunk *last,
		     uint32_t count);

/* Drops a reference; the last gives the chunk back. */
void chunk_release(struct chunk_pool *pool, struct chunk *c);
