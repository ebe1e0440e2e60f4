#include "peer.h"

#include <rte_common.h>

uint64_t peer_table_memory(uint32_t peers)
{
	return peers * sizeof(struct fragment_peer) + rte_align32pow2(peers) * sizeof(uint32_t);
}

void peer_table_init(struct peer_table *t, void *memory, uint32_t peers)
{
	*t = (struct peer_table){
	    .peers = memory,
	    .buckets = (uint32_t *)((struct fragment_peer *)memory + peers),
	    .bucket_mask = rte_align32pow2(peers) - 1,
	    .free = PEER_NONE,
	};
	for (uint32_t i = 0; i <= t->bucket_mask; i++)
		t->buckets[i] = PEER_NONE;
	for (uint32_t i = peers; i-- > 0;) {
		t->peers[i].chained = t->free;
		t->free = i;
	}
}

static struct flow_key key_of(const struct flow_key *datagram)
{
	struct flow_key key = *datagram;

	key.word[0] = 0;
	key.word[1] &= ~(uint32_t)0xff; /* the protocol */
	return key;
}

uint32_t peer_take(struct peer_table *t, const struct flow_hash_key *secret,
		   const struct flow_key *datagram)
{
	struct flow_key key = key_of(datagram);
	uint32_t *bucket = &t->buckets[flow_hash(secret, &key) & t->bucket_mask];
	uint32_t at;

	for (at = *bucket; at != PEER_NONE; at = t->peers[at].chained) {
		if (flow_key_equal(&t->peers[at].key, &key)) {
			t->peers[at].users++;
			return at;
		}
	}
	at = t->free;
	t->free = t->peers[at].chained;
	t->peers[at] = (struct fragment_peer){.key = key, .users = 1, .chained = *bucket};
	*bucket = at;
	return at;
}

void peer_leave(struct peer_table *t, const struct flow_hash_key *secret, uint32_t peer)
{
	struct fragment_peer *p = &t->peers[peer];
	uint32_t *link = &t->buckets[flow_hash(secret, &p->key) & t->bucket_mask];

	if (--p->users > 0)
		return;
	while (*link != peer)
		link = &t->peers[*link].chained;
	*link = p->chained;
	p->chained = t->free;
	t->free = peer;
}
