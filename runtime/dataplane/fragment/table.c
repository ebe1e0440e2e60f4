#include "table.h"

#include <rte_common.h>

#include "../flow/memory.h"

/* Buffers that all datagrams together may have: an honest one has two or three,
 * and one of 64 KB in fragments of any size thirty-three. */
#define QUOTA_EACH 2
#define QUOTA_EACH_HELD 4 /* with the fragments themselves */
#define QUOTA_LEAST 64
#define QUOTA_MOST 65536

/* Datagrams that are not waited for any more, while bursts have their fragments. */
#define HOLDS_SPARE 8192

static uint32_t buckets_of(const struct fragment_config *config)
{
	return rte_align32pow2(config->datagrams);
}

static uint32_t quota_of(const struct fragment_config *config)
{
	uint32_t each = config->holds ? QUOTA_EACH_HELD : QUOTA_EACH;

	return RTE_MIN(config->datagrams * each, (uint32_t)QUOTA_MOST) + QUOTA_LEAST;
}

static uint64_t datagrams_bytes(const struct fragment_config *config)
{
	return RTE_ALIGN_CEIL(config->datagrams * sizeof(struct datagram),
			      (uint64_t)RTE_CACHE_LINE_SIZE);
}

static uint64_t table_bytes(void)
{
	return RTE_ALIGN_CEIL(sizeof(struct fragment_table), (uint64_t)RTE_CACHE_LINE_SIZE);
}

static uint64_t buckets_bytes(const struct fragment_config *config)
{
	return RTE_ALIGN_CEIL(buckets_of(config) * sizeof(uint32_t), (uint64_t)RTE_CACHE_LINE_SIZE);
}

static uint32_t holds_of(const struct fragment_config *config)
{
	return config->holds ? config->datagrams + HOLDS_SPARE : 0;
}

/* One for each buffer that may be held, and those of whole ones on their way. */
static uint32_t held_of(const struct fragment_config *config)
{
	return config->holds ? 3 * quota_of(config) : 0;
}

uint64_t fragment_table_memory(const struct fragment_config *config)
{
	return table_bytes() + datagrams_bytes(config) + buckets_bytes(config) +
	       hold_pool_memory(holds_of(config), held_of(config)) +
	       peer_table_memory(config->datagrams);
}

uint32_t fragment_table_mbufs(const struct fragment_config *config)
{
	return 2 * quota_of(config);
}

struct fragment_table *fragment_table_create(const struct fragment_config *config,
					     struct rte_mempool *mbufs, struct timer_wheel *wheel,
					     struct counters *counters)
{
	uint64_t size = fragment_table_memory(config);
	struct fragment_table *t;
	uint8_t *memory;

	if (rte_pktmbuf_data_room_size(mbufs) < RTE_PKTMBUF_HEADROOM + FRAGMENT_PAGE_BYTES)
		return NULL;
	memory = flow_memory_map(size, SOCKET_ID_ANY, false);
	if (memory == NULL)
		return NULL;
	t = (struct fragment_table *)memory;
	*t = (struct fragment_table){
	    .datagrams = (struct datagram *)(memory + table_bytes()),
	    .buckets = (uint32_t *)(memory + table_bytes() + datagrams_bytes(config)),
	    .bucket_mask = buckets_of(config) - 1,
	    .free = DATAGRAM_NONE,
	    .limit = config->datagrams,
	    .oldest = DATAGRAM_NONE,
	    .newest = DATAGRAM_NONE,
	    .quota = quota_of(config),
	    .mbufs = mbufs,
	    .holds = config->holds,
	    .wheel = wheel,
	    .counters = counters,
	    .memory = memory,
	    .memory_size = size,
	};
	memory += table_bytes() + datagrams_bytes(config) + buckets_bytes(config);
	hold_pool_init(&t->held, memory, holds_of(config), held_of(config), counters);
	memory += hold_pool_memory(holds_of(config), held_of(config));
	peer_table_init(&t->peers, memory, config->datagrams);
	flow_hash_key_draw(&t->secret, config->seed);
	for (uint32_t i = 0; i <= t->bucket_mask; i++)
		t->buckets[i] = DATAGRAM_NONE;
	for (uint32_t i = t->limit; i-- > 0;) {
		t->datagrams[i].chained = t->free;
		t->free = i;
	}
	return t;
}

void fragment_table_destroy(struct fragment_table *t)
{
	if (t == NULL)
		return;
	fragment_table_clear(t);
	flow_memory_unmap(t->memory, t->memory_size);
}

static uint32_t index_of(const struct fragment_table *t, const struct datagram *d)
{
	return (uint32_t)(d - t->datagrams);
}

struct datagram *datagram_find(struct fragment_table *t, const struct flow_key *key, uint32_t hash)
{
	uint32_t at = t->buckets[hash & t->bucket_mask];

	while (at != DATAGRAM_NONE) {
		struct datagram *d = datagram_at(t, at);

		if (d->hash == hash && flow_key_equal(&d->key, key))
			return d;
		at = d->chained;
	}
	return NULL;
}

static void age_append(struct fragment_table *t, struct datagram *d)
{
	d->older = t->newest;
	d->newer = DATAGRAM_NONE;
	if (t->newest == DATAGRAM_NONE)
		t->oldest = index_of(t, d);
	else
		datagram_at(t, t->newest)->newer = index_of(t, d);
	t->newest = index_of(t, d);
}

static void age_remove(struct fragment_table *t, const struct datagram *d)
{
	if (d->older == DATAGRAM_NONE)
		t->oldest = d->newer;
	else
		datagram_at(t, d->older)->newer = d->newer;
	if (d->newer == DATAGRAM_NONE)
		t->newest = d->older;
	else
		datagram_at(t, d->newer)->older = d->older;
}

static void evict_oldest(struct fragment_table *t)
{
	t->counters->fragments_evicted++;
	datagram_forget(t, datagram_at(t, t->oldest), VERDICT_DROP_FRAGMENT_EVICTED);
}

struct datagram *datagram_new(struct fragment_table *t, const struct flow_key *key, uint32_t hash,
			      uint64_t expires)
{
	struct datagram *d;
	uint32_t index;

	if (t->live == t->limit)
		evict_oldest(t);
	index = t->free;
	d = datagram_at(t, index);
	t->free = d->chained;
	t->live++;
	*d = (struct datagram){
	    .key = *key,
	    .hash = hash,
	    .chained = t->buckets[hash & t->bucket_mask],
	    .hold = t->holds ? hold_begin(&t->held) : NULL,
	    .peer = PEER_NONE,
	    .timer = {.owner = index, .kind = t->timer_kind},
	};
	if (!datagram_is_ip6(d))
		d->peer = peer_take(&t->peers, &t->secret, key);
	t->buckets[hash & t->bucket_mask] = index;
	age_append(t, d);
	timer_arm(t->wheel, &d->timer, expires);
	return d;
}

static void chain_remove(struct fragment_table *t, const struct datagram *d)
{
	uint32_t *link = &t->buckets[d->hash & t->bucket_mask];

	while (*link != index_of(t, d))
		link = &datagram_at(t, *link)->chained;
	*link = d->chained;
}

static void bytes_free(struct fragment_table *t, struct datagram *d)
{
	fragment_pages_free(&d->pages);
	rte_pktmbuf_free(d->head);
	d->head = NULL;
	t->charged -= d->charged;
	d->charged = 0;
}

void datagram_restart(struct fragment_table *t, struct datagram *d, uint64_t expires)
{
	if (d->hold != NULL) {
		hold_refuse(d->hold, VERDICT_DROP_FRAGMENT_REFUSED);
		d->hold = hold_begin(&t->held);
	}
	bytes_free(t, d);
	d->length = 0;
	d->present = 0;
	d->tail = 0;
	d->flags = 0;
	d->ecn = 0;
	timer_arm(t->wheel, &d->timer, expires);
}

void datagram_forget(struct fragment_table *t, struct datagram *d, enum verdict cause)
{
	if (d->hold != NULL && cause != VERDICT_FORWARD)
		hold_refuse(d->hold, cause);
	if (d->peer != PEER_NONE)
		peer_leave(&t->peers, &t->secret, d->peer);
	timer_cancel(t->wheel, &d->timer);
	chain_remove(t, d);
	age_remove(t, d);
	bytes_free(t, d);
	d->chained = t->free;
	t->free = index_of(t, d);
	t->live--;
}

bool datagram_charge(struct fragment_table *t, struct datagram *d, uint32_t mbufs)
{
	while (t->charged + mbufs > t->quota) {
		bool own = t->oldest == index_of(t, d);

		evict_oldest(t);
		if (own)
			return false;
	}
	t->charged += mbufs;
	d->charged += mbufs;
	return true;
}

void fragment_expire(struct fragment_table *t, const struct wheel_timer *timer)
{
	t->counters->fragments_expired++;
	datagram_forget(t, datagram_at(t, timer->owner), VERDICT_DROP_FRAGMENT_EXPIRED);
}

void fragment_table_clear(struct fragment_table *t)
{
	while (t->oldest != DATAGRAM_NONE)
		datagram_forget(t, datagram_at(t, t->oldest), VERDICT_DROP_SHUTDOWN);
}
