/* Who sends IPv4 fragments to whom. Linux gives up what it has of a datagram when
 * more than 64 fragments of the same sender came since its last one
 * (net.ipv4.ipfrag_max_dist): its identifications may be used again by then. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../flow/key.h"

#define FRAGMENT_DISTANCE_MAX 64
#define PEER_NONE UINT32_MAX

struct fragment_peer {
	struct flow_key key; /* word 1: zone and version; then source and destination */
	uint32_t seen;	     /* fragments; wraps */
	uint32_t users;	     /* datagrams */
	uint32_t chained;    /* the next in its bucket, or the next free one */
};

/* As many as there are datagrams: each has one. */
struct peer_table {
	struct fragment_peer *peers;
	uint32_t *buckets;
	uint32_t bucket_mask;
	uint32_t free;
};

uint64_t peer_table_memory(uint32_t peers);
void peer_table_init(struct peer_table *t, void *memory, uint32_t peers);

/* Of a datagram with this key; one more user. */
uint32_t peer_take(struct peer_table *t, const struct flow_hash_key *secret,
		   const struct flow_key *datagram);
void peer_leave(struct peer_table *t, const struct flow_hash_key *secret, uint32_t peer);

/* One more fragment; how many there were. */
static inline uint32_t peer_count(struct peer_table *t, uint32_t peer)
{
	return ++t->peers[peer].seen;
}
