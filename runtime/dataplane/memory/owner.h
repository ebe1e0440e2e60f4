/* Bytes of a DATA_TCP lie in an mbuf or in a chunk (memory/chunk.h). An owner
 * names which, in one word; holding it keeps the bytes where they are. */
#pragma once

#include <rte_mbuf.h>
#include <stdint.h>

#include "chunk.h"

#define OWNER_NONE ((uintptr_t)0)

static inline uintptr_t owner_of_mbuf(struct rte_mbuf *m)
{
	return (uintptr_t)m;
}

static inline uintptr_t owner_of_chunk(struct chunk *c)
{
	return (uintptr_t)c | 1;
}

static inline void owner_hold(uintptr_t owner)
{
	if (owner & 1)
		chunk_hold((struct chunk *)(owner & ~(uintptr_t)1));
	else if (owner != OWNER_NONE)
		rte_mbuf_refcnt_update((struct rte_mbuf *)owner, 1);
}

static inline void owner_release(struct chunk_pool *chunks, uintptr_t owner)
{
	if (owner & 1)
		chunk_release(chunks, (struct chunk *)(owner & ~(uintptr_t)1));
	else if (owner != OWNER_NONE)
		rte_pktmbuf_free_seg((struct rte_mbuf *)owner);
}
