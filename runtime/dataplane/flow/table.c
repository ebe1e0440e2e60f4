#include <errno.h>
#include <rte_branch_prediction.h>
#include <rte_errno.h>
#include <rte_prefetch.h>
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "displace.h"
#include "memory.h"
#include "table.h"

#define FLOWS_MAX (1u << 24)
#define GENERATION_MASK ((1u << 29) - 1)
#define FETCHED_MOST 640 /* bytes of a record: more lines do not come at once */

struct flow_table {
	struct flow_records records;
	struct flow_hash_key secret;
	struct bucket *buckets;
	uint32_t *free; /* indices of free records; the last freed is taken first */
	uint32_t free_count;
	uint32_t used;	/* records from here on were never taken */
	uint32_t mask;	/* of bucket numbers */
	uint32_t live;	/* in the buckets */
	size_t fetched; /* bytes of a record that a lookup fetches */
};

/* A power of two, such that at most three quarters of the ways are taken. */
static uint32_t bucket_count(uint32_t flows)
{
	uint32_t count = 2;

	while ((uint64_t)count * BUCKET_WAYS * 3 < (uint64_t)flows * 4)
		count *= 2;
	return count;
}

static bool config_valid(const struct flow_table_config *config)
{
	return config->flows > 0 && config->flows <= FLOWS_MAX &&
	       config->record_size >= sizeof(struct flow) && config->record_size % 64 == 0;
}

static size_t records_memory(const struct flow_table_config *config)
{
	return (size_t)config->flows * config->record_size;
}

static size_t buckets_memory(const struct flow_table_config *config)
{
	return (size_t)bucket_count(config->flows) * sizeof(struct bucket);
}

static size_t free_memory(const struct flow_table_config *config)
{
	return (size_t)config->flows * sizeof(uint32_t);
}

size_t flow_table_memory(const struct flow_table_config *config)
{
	return sizeof(struct flow_table) + records_memory(config) + buckets_memory(config) +
	       free_memory(config);
}

static struct flow_table *table_map(const struct flow_table_config *config)
{
	struct flow_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->records.capacity = config->flows;
	t->records.size = config->record_size;
	t->fetched = config->record_used == 0 ? config->record_size : config->record_used;
	t->fetched = RTE_MIN(t->fetched, (size_t)FETCHED_MOST);
	t->mask = bucket_count(config->flows) - 1;
	t->records.first =
	    flow_memory_map(records_memory(config), config->socket, config->prefault);
	t->buckets = flow_memory_map(buckets_memory(config), config->socket, config->prefault);
	t->free = flow_memory_map(free_memory(config), config->socket, config->prefault);
	if (t->records.first != NULL && t->buckets != NULL && t->free != NULL)
		return t;
	flow_table_destroy(t);
	return NULL;
}

struct flow_table *flow_table_create(const struct flow_table_config *config)
{
	struct flow_table *t;

	if (!config_valid(config)) {
		rte_errno = EINVAL;
		return NULL;
	}
	t = table_map(config);
	if (t == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	flow_hash_key_draw(&t->secret, config->seed);
	return t;
}

void flow_table_destroy(struct flow_table *t)
{
	if (t == NULL)
		return;
	flow_memory_unmap(t->records.first, t->records.capacity * t->records.size);
	flow_memory_unmap(t->buckets, (t->mask + (size_t)1) * sizeof(struct bucket));
	flow_memory_unmap(t->free, t->records.capacity * sizeof(uint32_t));
	free(t);
}

/* The flow of this key among the ways of a bucket that have its tag. */
static inline struct flow *ways_find(const struct flow_table *t, const struct bucket *b,
				     unsigned int ways, const struct flow_key *key, uint32_t hash)
{
	while (ways != 0) {
		struct flow *f = flow_table_at(t, b->index[__builtin_ctz(ways)]);

		if (f->hash == hash && flow_key_equal(&f->key, key))
			return f;
		ways &= ways - 1;
	}
	return NULL;
}

static inline struct flow *partner_find(const struct flow_table *t, const struct flow_key *key,
					uint32_t hash)
{
	uint16_t tag = bucket_tag(hash);
	const struct bucket *b = &t->buckets[bucket_partner(hash & t->mask, tag, t->mask)];

	return ways_find(t, b, bucket_match(b, tag), key, hash);
}

struct flow *flow_table_lookup(const struct flow_table *t, const struct flow_key *key,
			       uint32_t hash)
{
	const struct bucket *b = &t->buckets[hash & t->mask];
	struct flow *f = ways_find(t, b, bucket_match(b, bucket_tag(hash)), key, hash);

	if (f == NULL && unlikely(b->away != 0))
		f = partner_find(t, key, hash);
	return f;
}

uint32_t flow_table_hash(const struct flow_table *t, const struct flow_key *key)
{
	return flow_hash(&t->secret, key);
}

void flow_table_fetch(const struct flow_table *t, uint32_t hash)
{
	rte_prefetch0(&t->buckets[hash & t->mask]);
}

static inline bool packet_has_flow(const struct packet *p)
{
	return (p->flags & PACKET_IP) != 0 &&
	       (p->flags & (PACKET_FRAGMENT | PACKET_MALFORMED)) == 0;
}

void flow_table_hash_bulk(const struct flow_table *t, struct packet *packets, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (!packet_has_flow(&packets[i]))
			continue;
		packets[i].hash = flow_hash(&t->secret, &packets[i].key);
		flow_table_fetch(t, packets[i].hash);
	}
}

/* All that a usual packet touches of its flow; the lines do not wait for each other. */
static inline void record_fetch(const struct flow_table *t, const struct flow *f, bool ip4)
{
	rte_prefetch0(f);
	if (unlikely(!ip4))
		rte_prefetch0((const uint8_t *)f + FLOW_LINE);
	for (size_t at = 2 * FLOW_LINE; at < t->fetched; at += FLOW_LINE)
		rte_prefetch0((const uint8_t *)f + at);
}

/* The partner is fetched also where the tag may be in it. */
void flow_table_guess_bulk(const struct flow_table *t, const struct packet *packets,
			   unsigned int count, struct flow **flows)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct packet *p = &packets[i];
		const struct bucket *b = &t->buckets[p->hash & t->mask];
		unsigned int ways;

		flows[i] = NULL;
		if (!packet_has_flow(p))
			continue;
		ways = bucket_match(b, bucket_tag(p->hash));
		if (likely(ways != 0)) {
			flows[i] = flow_table_at(t, b->index[__builtin_ctz(ways)]);
			record_fetch(t, flows[i], (p->flags & PACKET_IP4) != 0);
		} else if (b->away != 0) {
			flow_table_fetch(
			    t, bucket_partner(p->hash & t->mask, bucket_tag(p->hash), t->mask));
		}
	}
}

void flow_table_lookup_bulk(const struct flow_table *t, const struct packet *packets,
			    unsigned int count, struct flow **flows)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct packet *p = &packets[i];
		const struct flow *f = flows[i];

		if (likely(f != NULL && f->hash == p->hash && flow_key_equal(&f->key, &p->key)))
			continue;
		flows[i] = packet_has_flow(p) ? flow_table_lookup(t, &p->key, p->hash) : NULL;
	}
}

/* The bucket of a flow's hash, which counts it while it is in the other one. */
static struct bucket *flow_home(const struct flow_table *t, const struct flow *f)
{
	return &t->buckets[f->hash & t->mask];
}

static void bucket_put(struct flow_table *t, uint32_t number, unsigned int way, struct flow *f)
{
	struct bucket *b = &t->buckets[number];

	b->tag[way] = bucket_tag(f->hash);
	b->index[way] = f->index;
	if (b != flow_home(t, f))
		flow_home(t, f)->away++;
}

static void bucket_take(struct flow_table *t, struct bucket *b, unsigned int way)
{
	struct flow *f = flow_table_at(t, b->index[way]);

	b->tag[way] = BUCKET_NO_TAG;
	if (b != flow_home(t, f))
		flow_home(t, f)->away--;
}

/* Follows a path back from the free way that it ends at, moving each entry one
 * bucket on. Returns the way of the first bucket that is free now. */
static unsigned int path_move(struct flow_table *t, const struct displacement *d,
			      const struct displacement_step *last, unsigned int way)
{
	while (last->from != DISPLACEMENT_ROOT) {
		const struct displacement_step *from = &d->step[last->from];
		struct bucket *b = &t->buckets[from->bucket];
		struct flow *f = flow_table_at(t, b->index[last->way]);

		bucket_take(t, b, last->way);
		bucket_put(t, last->bucket, way, f);
		way = last->way;
		last = from;
	}
	return way;
}

/* Finds room in one of the two buckets of a hash, moving others where both are
 * full. False when the bounded search finds none. */
static bool place_make(struct flow_table *t, uint32_t hash, uint32_t *bucket, unsigned int *way)
{
	uint32_t home = hash & t->mask;
	uint32_t partner = bucket_partner(home, bucket_tag(hash), t->mask);
	const struct displacement_step *last;
	struct displacement d;

	*bucket = home;
	*way = bucket_free_way(&t->buckets[home]);
	if (likely(*way != BUCKET_WAYS))
		return true;
	*bucket = partner;
	*way = bucket_free_way(&t->buckets[partner]);
	if (*way != BUCKET_WAYS)
		return true;
	last = displacement_search(&d, t->buckets, t->mask, home, partner);
	if (last == NULL)
		return false;
	*bucket = d.step[last->root].bucket;
	*way = path_move(t, &d, last, bucket_free_way(&t->buckets[last->bucket]));
	return true;
}

/* The index of a free record; FLOW_NONE when there is none. */
static uint32_t record_take(struct flow_table *t)
{
	if (t->free_count > 0)
		return t->free[--t->free_count];
	return t->used < t->records.capacity ? t->used++ : FLOW_NONE;
}

static void record_give(struct flow_table *t, uint32_t index)
{
	t->free[t->free_count++] = index;
}

static struct flow *record_init(struct flow_table *t, uint32_t index, const struct flow_key *key,
				uint32_t hash)
{
	struct flow *f = flow_table_at(t, index);
	uint32_t generation = f->generation;

	memset(f, 0, t->records.size);
	f->key = *key;
	f->hash = hash;
	f->index = index;
	f->generation = generation != 0 ? generation : 1;
	f->flags = FLOW_LIVE;
	return f;
}

struct flow *flow_table_insert(struct flow_table *t, const struct flow_key *key, uint32_t hash)
{
	uint32_t index = record_take(t);
	struct flow *f;
	unsigned int way;
	uint32_t bucket;

	if (index == FLOW_NONE)
		return NULL;
	if (!place_make(t, hash, &bucket, &way)) {
		record_give(t, index);
		return NULL;
	}
	f = record_init(t, index, key, hash);
	bucket_put(t, bucket, way, f);
	t->live++;
	return f;
}

/* Takes the entry of this very record out of a bucket, if it is there. */
static bool bucket_remove(struct flow_table *t, struct bucket *b, const struct flow *f)
{
	unsigned int ways = bucket_match(b, bucket_tag(f->hash));

	for (; ways != 0; ways &= ways - 1) {
		unsigned int way = (unsigned int)__builtin_ctz(ways);

		if (b->index[way] != f->index)
			continue;
		bucket_take(t, b, way);
		return true;
	}
	return false;
}

void flow_table_remove(struct flow_table *t, struct flow *f)
{
	uint32_t home = f->hash & t->mask;
	uint32_t partner = bucket_partner(home, bucket_tag(f->hash), t->mask);

	if ((f->flags & FLOW_LIVE) == 0)
		return;
	if (!bucket_remove(t, &t->buckets[home], f))
		bucket_remove(t, &t->buckets[partner], f);
	f->flags &= (uint16_t)~FLOW_LIVE;
	t->live--;
}

/* A free record has FLOW_NONE as its index: freeing it again does nothing. */
void flow_table_free(struct flow_table *t, struct flow *f)
{
	uint32_t index = f->index;

	if (index == FLOW_NONE)
		return;
	flow_table_remove(t, f);
	f->index = FLOW_NONE;
	f->flags = 0;
	f->generation = (f->generation + 1) & GENERATION_MASK;
	if (f->generation == 0)
		f->generation = 1;
	record_give(t, index);
}

struct flow *flow_table_get(struct flow_table *t, struct mbx_flow handle)
{
	struct flow *f;

	if (handle.index >= t->used || handle.generation == 0)
		return NULL;
	f = flow_table_at(t, handle.index);
	return f->index == handle.index && f->generation == handle.generation ? f : NULL;
}

void flow_table_iterate(struct flow_table *t, void (*visit)(struct flow *f, void *arg), void *arg)
{
	for (uint32_t index = 0; index < t->used; index++) {
		struct flow *f = flow_table_at(t, index);

		if ((f->flags & FLOW_LIVE) != 0)
			visit(f, arg);
	}
}

uint32_t flow_table_live(const struct flow_table *t)
{
	return t->live;
}

uint32_t flow_table_in_use(const struct flow_table *t)
{
	return t->used - t->free_count;
}
