/* The flow table: fixed memory, taken at the start. Keys live in the flow
 * records; buckets hold 8 tags of 16 bits and 8 indices, so that one cache line
 * decides a lookup. Behind these functions it can be replaced. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../packet/packet.h"
#include "flow.h"

struct flow_table;

/* Where a table keeps its records; a table begins with it, so that who handles events
 * gets from a handle to its record without a call. */
struct flow_records {
	uint8_t *first;
	size_t size;	   /* bytes of one */
	uint32_t capacity; /* of how many */
};

struct flow_table_config {
	uint32_t flows;	      /* records; at most 1 << 24 */
	uint32_t record_size; /* bytes, multiple of 64 */
	uint32_t record_used; /* bytes, up to the last one that most packets touch; 0: all */
	uint64_t seed;	      /* 0: draw a secret; else repeatable */
	int socket;	      /* NUMA node, -1 for any */
	bool prefault;	      /* touch all memory at the start: no page fault later */
};

/* Bytes that a table of this configuration takes. */
size_t flow_table_memory(const struct flow_table_config *config);

/* NULL with rte_errno set: EINVAL for a configuration out of bounds (record_size
 * at least a struct flow), ENOMEM when there is no memory. The memory is mapped
 * anew, in huge pages where the kernel gives them; none of the EAL's is used. */
struct flow_table *flow_table_create(const struct flow_table_config *config);
void flow_table_destroy(struct flow_table *t);

/* Packets are looked up in three steps, each of which fetches what the next one needs:
 * so that nobody waits, there is to be work on others between them.
 *
 * Sets p->hash of each packet that can have a flow: not of those without PACKET_IP,
 * of malformed ones and of fragments. */
void flow_table_hash_bulk(const struct flow_table *t, struct packet *packets, unsigned int count);

/* Writes the flow of each packet as far as its bucket tells, unread, or NULL. */
void flow_table_guess_bulk(const struct flow_table *t, const struct packet *packets,
			   unsigned int count, struct flow **flows);

/* Writes each packet's flow, or NULL where there is none, in the place of what was
 * guessed. What was inserted or removed in between may be missed, or not. */
void flow_table_lookup_bulk(const struct flow_table *t, const struct packet *packets,
			    unsigned int count, struct flow **flows);

/* The hash that lookups by this table use. */
uint32_t flow_table_hash(const struct flow_table *t, const struct flow_key *key);

/* One lookup by key and hash, for packets whose flow an earlier packet of the
 * burst may have made. */
struct flow *flow_table_lookup(const struct flow_table *t, const struct flow_key *key,
			       uint32_t hash);

/* Fetches the bucket of a hash, where an entry will be put or taken out. */
void flow_table_fetch(const struct flow_table *t, uint32_t hash);

/* Takes a record, zeroed but for key, hash, index, generation and FLOW_LIVE.
 * The key must not be in the table. NULL when no record or no place is free:
 * the caller evicts, then tries again. */
struct flow *flow_table_insert(struct flow_table *t, const struct flow_key *key, uint32_t hash);

/* Removes the key; the record stays readable until flow_table_free(). */
void flow_table_remove(struct flow_table *t, struct flow *f);

/* Gives the record back (removed first, if it is not) and raises its generation,
 * which is never 0: a zeroed handle is stale. After the burst only. */
void flow_table_free(struct flow_table *t, struct flow *f);

static inline uint32_t flow_table_capacity(const struct flow_table *t)
{
	return ((const struct flow_records *)t)->capacity;
}

/* The record at `index`, which is below the capacity. */
static inline struct flow *flow_table_at(const struct flow_table *t, uint32_t index)
{
	const struct flow_records *r = (const struct flow_records *)t;

	return (struct flow *)(r->first + (size_t)index * r->size);
}

/* The flow of a handle, or NULL when it has been freed. A removed flow is still
 * found until then: events of its last burst are handled after its end. */
struct flow *flow_table_get(struct flow_table *t, struct mbx_flow handle);

/* Calls `visit` for each live flow, in index order; `visit` may remove and free
 * it, and insert others, which may be visited or not. */
void flow_table_iterate(struct flow_table *t, void (*visit)(struct flow *f, void *arg), void *arg);

uint32_t flow_table_live(const struct flow_table *t);
/* Records that are taken: those of live flows, and of ended ones until they are
 * freed. */
uint32_t flow_table_in_use(const struct flow_table *t);
