/* Keys that were made to collide, under our own hash with a secret that is known
 * and under CRC, are spread by a table with another secret as random ones are. No
 * times are measured here: `npm run bench:hash` does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <rte_common.h>
#include <rte_errno.h>

#include "flow/bucket.h"
#include "flow/table.h"
#include "support/colliding.h"
#include "support/random.h"

#define KEYS 100000u
#define BUCKETS 32768u /* of a table for so many */
#define TARGET 0x5eed1234u

static struct flow_key keys[KEYS];

static void keys_random(void)
{
	uint64_t random = 4;

	for (uint32_t i = 0; i < KEYS; i++)
		keys[i] = (struct flow_key){
		    .word = {(uint32_t)test_random(&random), 4u << 8 | 6, 0x0a000001, i}};
}

static void keys_under_crc(void)
{
	for (uint32_t i = 0; i < KEYS; i++) {
		colliding_crc_key(i, &keys[i]);
		assert_int_equal(rte_hash_crc(keys[i].word, 16, 0), rte_hash_crc_4byte(0x5eed, 0));
	}
}

static void keys_under_our_hash(const struct flow_hash_key *known)
{
	uint32_t number = 0;

	for (uint32_t i = 0; i < KEYS; i++) {
		while (!colliding_key(known, number++, TARGET, &keys[i]))
			assert_true(number < 4 * KEYS);
		assert_int_equal(flow_hash(known, &keys[i]), flow_hash_mix(TARGET));
	}
}

/* What a lookup costs: pairs of keys that share a bucket, and those of them whose
 * tags are equal too, so that keys are compared in vain. */
struct spread {
	uint64_t neighbours, tags;
	uint32_t fullest;
};

static int word_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static struct spread spread_of(const struct flow_table *t)
{
	uint32_t *place = malloc(KEYS * sizeof(*place));
	struct spread s = {0};

	assert_non_null(place);
	for (uint32_t i = 0; i < KEYS; i++) {
		uint32_t hash = flow_table_hash(t, &keys[i]);

		place[i] = (hash & (BUCKETS - 1)) << 16 | bucket_tag(hash);
	}
	qsort(place, KEYS, sizeof(*place), word_order);
	for (uint32_t i = 0; i < KEYS; i++) {
		uint32_t fill = 1;

		for (uint32_t j = i; j-- > 0 && place[j] >> 16 == place[i] >> 16; fill++)
			s.tags += place[j] == place[i];
		s.neighbours += fill - 1;
		s.fullest = RTE_MAX(s.fullest, fill);
	}
	free(place);
	return s;
}

#define SECRETS 16

/* Pairs that share a bucket are n(n-1)/2 / buckets in the mean over secrets, for
 * one secret up to some times that where the keys have a structure; those that
 * share a tag too are 1/32768 of them (it has one bit of the bucket's number). */
static void spread_like_random(void)
{
	const double pairs = (double)KEYS * (KEYS - 1) / 2 / BUCKETS;
	double neighbours = 0;

	for (uint64_t seed = 2; seed < 2 + SECRETS; seed++) {
		struct flow_table *t = flow_table_create(&(struct flow_table_config){
		    .flows = KEYS, .record_size = 192, .seed = seed, .socket = -1});
		struct spread s = spread_of(t);

		neighbours += (double)s.neighbours;
		assert_true(s.tags < 40);
		assert_true(s.fullest < 24); /* 16 fit in a bucket and its partner */
		for (uint32_t i = 0; i < KEYS; i++)
			assert_non_null(
			    flow_table_insert(t, &keys[i], flow_table_hash(t, &keys[i])));
		for (uint32_t i = 0; i < KEYS; i += 97)
			assert_non_null(
			    flow_table_lookup(t, &keys[i], flow_table_hash(t, &keys[i])));
		flow_table_destroy(t);
	}
	assert_true(neighbours / SECRETS < pairs * 1.25);
}

static void random_keys_spread(void **state)
{
	(void)state;
	keys_random();
	spread_like_random();
}

static void keys_that_collide_under_crc_spread_like_random_ones(void **state)
{
	(void)state;
	keys_under_crc();
	spread_like_random();
}

static void keys_that_collide_under_a_known_secret_spread_like_random_ones(void **state)
{
	struct flow_hash_key known;

	(void)state;
	flow_hash_key_draw(&known, 1);
	keys_under_our_hash(&known);
	spread_like_random();
}

/* What the secret is for: who knows it takes two buckets, and no flow more. */
static void under_the_known_secret_they_fill_two_buckets(void **state)
{
	struct flow_table *t = flow_table_create(&(struct flow_table_config){
	    .flows = KEYS, .record_size = 192, .seed = 1, .socket = -1});
	struct flow_hash_key known;
	uint32_t held = 0;

	(void)state;
	flow_hash_key_draw(&known, 1);
	keys_under_our_hash(&known);
	for (uint32_t i = 0; i < 1000; i++)
		held += flow_table_insert(t, &keys[i], flow_table_hash(t, &keys[i])) != NULL;
	assert_int_equal(held, 2 * BUCKET_WAYS);
	flow_table_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_keys_spread),
	    cmocka_unit_test(keys_that_collide_under_crc_spread_like_random_ones),
	    cmocka_unit_test(keys_that_collide_under_a_known_secret_spread_like_random_ones),
	    cmocka_unit_test(under_the_known_secret_they_fill_two_buckets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
