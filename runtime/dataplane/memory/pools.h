/* Memory of packets: the mbuf pool and each chain's chunks, in one region of
 * less than 4 GiB, so that workers see all of it as one ArrayBuffer and a
 * payload is an offset in it. Sizes are computed before anything is taken. */
#pragma once

#include <rte_mempool.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../fault.h"
#include "chunk.h"

#define POOL_NAME_MAX 64
#define POOLS_MAX 256
#define POOL_CACHE 256 /* mbufs that the lcore keeps at hand */

/* What is taken at the start, for a person to see. */
struct pool_size {
	char name[POOL_NAME_MAX];
	uint64_t count; /* objects */
	uint64_t bytes; /* of all together */
	uint64_t used;	/* objects, when it was last looked */
};

struct pool_plan {
	struct pool_size pool[POOLS_MAX];
	unsigned int count;
	bool hugepages;
};

/* What of `name` there will be. Beyond POOLS_MAX it is counted, not named. */
__attribute__((format(printf, 4, 5))) void pool_plan_add(struct pool_plan *plan, uint64_t count,
							 uint64_t bytes, const char *format, ...);
uint64_t pool_plan_bytes(const struct pool_plan *plan);

/* The same, in the same order, for objects that are in use: `*next` is 0 first, and
 * all are unused before. */
void pool_plan_unused(struct pool_plan *plan);
void pool_plan_use(struct pool_plan *plan, unsigned int *next, uint64_t used);

/* Bytes of this process that lie in memory. */
uint64_t memory_resident(void);

/* Bytes that this machine, or the group of processes we are in, can still give. */
uint64_t memory_available(void);

struct packet_memory {
	uint8_t *base;
	size_t size;
	struct rte_mempool *mbufs;
	struct rte_mempool *frames; /* mbufs that a capture is kept in, or NULL */
	uint8_t *chunks;	    /* behind the mbufs, aligned to 64 */
	size_t chunks_size;
	const void *zone; /* where hugepages hold it, else NULL: a mapping */
};

struct packet_memory_config {
	uint32_t mbufs;
	uint32_t frames;     /* 0: no capture is kept */
	uint16_t frame_room; /* bytes of data that each of these holds */
	uint64_t chunk_bytes;
	bool hugepages;
};

/* Bytes of the mbuf pool alone, and of that for frames. */
uint64_t packet_memory_mbuf_bytes(uint32_t mbufs);
uint64_t packet_memory_frame_bytes(uint32_t frames, uint16_t frame_room);

/* After the EAL has started. */
int packet_memory_create(struct packet_memory *memory, const struct packet_memory_config *config,
			 struct fault *fault);
void packet_memory_destroy(struct packet_memory *memory);
