/* What `subscribe DATA_TCP from start SIZE` keeps of a flow while it is at
 * `ignore`: the first bytes of both directions in the order in which they were
 * released, so that a late choice misses nothing. Lies in the flow record. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../nf.h"
#include "chunk.h"

struct stash {
	struct chunk *first, *last;
	uint32_t bytes; /* kept */
	uint32_t full;	/* something found no room: what follows is a gap */
	uint32_t taken; /* bytes of the first chunk that stash_pop() is done with */
	/* A worker has chosen: pieces are sent as its ring has room (chain->owed). */
	bool owed;
	uint8_t nf, subscription;
	uint32_t answers; /* choices that are to be answered behind the last piece */
	struct mbx_flow flow;
	struct stash *next;
};

/* One piece, contiguous in a chunk. */
struct stash_piece {
	const uint8_t *data;
	struct chunk *owner;
	uint64_t offset; /* in the stream */
	uint64_t time;	 /* nanoseconds, of the packet that released it */
	uint32_t len;
	uint32_t seq;
	uint8_t dir; /* enum mbx_direction */
};

/* Keeps `len` bytes, cut into pieces as chunks allow, while less than `limit`
 * bytes are kept. Returns the bytes that were not kept. */
uint32_t stash_append(struct chunk_pool *pool, struct stash *s, uint32_t limit,
		      const struct stash_piece *piece);

/* Calls `visit` for each piece in order. */
void stash_visit(const struct stash *s, void (*visit)(const struct stash_piece *piece, void *arg),
		 void *arg);

/* The oldest piece that is left; false: none. */
bool stash_peek(const struct stash *s, struct stash_piece *piece);

/* Done with that piece. Its chunk goes back behind its last one. */
void stash_pop(struct chunk_pool *pool, struct stash *s);

/* Gives all chunks back; the stash is empty and not full afterwards. */
void stash_free(struct chunk_pool *pool, struct stash *s);
