/* How keys spread over the buckets of a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rte_hash_crc.h>

#include "flow/bucket.h"
#include "support/flow_keys.h"
#include "support/random.h"

/* One hash for all: the table cannot spread them, but says so, keeps what it has
 * and does not search for long. */
static void flows_of_one_hash_fill_two_buckets_and_no_more(void **state)
{
	struct flow_table *t = table_of(1000);
	struct flow_key key;

	(void)state;
	for (uint32_t i = 0; i < 16; i++) {
		key = key_of(i);
		assert_non_null(flow_table_insert(t, &key, 0x12345678));
	}
	key = key_of(16);
	assert_null(flow_table_insert(t, &key, 0x12345678));
	assert_int_equal(flow_table_live(t), 16);
	for (uint32_t i = 0; i < 16; i++) {
		key = key_of(i);
		assert_non_null(flow_table_lookup(t, &key, 0x12345678));
	}
	flow_table_destroy(t);
}

/* Keys whose last word undoes the CRC of those before: all 100,000 have one CRC,
 * whatever its seed. */
static void keys_that_collide_under_crc_spread_like_others(void **state)
{
	struct flow_table *t = table_of(100000);
	uint32_t *filled = calloc(1 << 15, sizeof(*filled));
	uint32_t most = 0;

	(void)state;
	assert_non_null(filled);
	for (uint32_t i = 0; i < 100000; i++) {
		struct flow_key key = {.word = {i, 4u << 8 | 6, 0x0a000001}};

		key.word[3] = rte_hash_crc(key.word, 12, 0) ^ 0x5eed;
		assert_int_equal(rte_hash_crc(key.word, 16, 0), rte_hash_crc_4byte(0x5eed, 0));
		filled[flow_table_hash(t, &key) & 0x7fff]++;
		assert_non_null(insert(t, &key));
	}
	for (uint32_t i = 0; i < 1 << 15; i++)
		most = RTE_MAX(most, filled[i]);
	assert_true(most < 24); /* mean 3; 24 has a chance below 1e-8 */
	free(filled);
	flow_table_destroy(t);
}

static void hash_secret_is_drawn_anew_without_a_seed(void **state)
{
	struct flow_hash_key a, b, c;

	(void)state;
	flow_hash_key_draw(&a, 0);
	flow_hash_key_draw(&b, 0);
	assert_memory_not_equal(&a, &b, sizeof(a));
	flow_hash_key_draw(&b, 9);
	flow_hash_key_draw(&c, 9);
	assert_memory_equal(&b, &c, sizeof(b));
	for (int i = 0; i < FLOW_KEY_WORDS; i++)
		assert_true(a.multiply[i] & 1);
}

#define SECRETS 1000
#define ROW 2048u
#define BUCKETS 256u
/* Of 8 on average: by chance none in all of these rows has so many. */
#define MOST 32u

/* How many of the fullest bucket: ports and address count up by so much. */
static unsigned int fullest(const struct flow_hash_key *secret, uint32_t ports, uint32_t address)
{
	unsigned int had[BUCKETS] = {0}, most = 0;

	for (uint32_t i = 0; i < ROW; i++) {
		const struct flow_key k = {.word = {(1024u << 16 | 80) + i * ports, 4u << 8 | 6,
						    rte_cpu_to_be_32(0x0a000001 + i * address),
						    RTE_BE32(0x0a000002)}};
		unsigned int *one = &had[flow_hash(secret, &k) % BUCKETS];

		most = RTE_MAX(most, ++*one);
	}
	return most;
}

/* Ports of one host, and hosts of one network. */
static void flows_in_a_row_spread_with_every_secret(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SECRETS; seed++) {
		struct flow_hash_key secret;

		flow_hash_key_draw(&secret, seed);
		assert_in_range(fullest(&secret, 1, 0), ROW / BUCKETS, MOST);
		assert_in_range(fullest(&secret, 1u << 16, 0), ROW / BUCKETS, MOST);
		assert_in_range(fullest(&secret, 0, 1), ROW / BUCKETS, MOST);
	}
}

static void tags_are_matched_alike_with_and_without_sse(void **state)
{
	uint64_t random = 3;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct bucket b = {0};
		uint16_t tag = (uint16_t)test_random(&random);

		for (int way = 0; way < BUCKET_WAYS; way++)
			b.tag[way] =
			    test_random(&random) % 3 == 0 ? tag : (uint16_t)test_random(&random);
		assert_int_equal(bucket_match(&b, tag), bucket_match_scalar(&b, tag));
	}
}

static void partner_of_a_partner_is_the_bucket_itself(void **state)
{
	uint64_t random = 4;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint32_t mask = (2u << (test_random(&random) % 20)) - 1;
		uint32_t bucket = (uint32_t)test_random(&random) & mask;
		uint16_t tag = bucket_tag((uint32_t)test_random(&random));
		uint32_t partner = bucket_partner(bucket, tag, mask);

		assert_int_not_equal(partner, bucket);
		assert_int_equal(bucket_partner(partner, tag, mask), bucket);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flows_of_one_hash_fill_two_buckets_and_no_more),
	    cmocka_unit_test(keys_that_collide_under_crc_spread_like_others),
	    cmocka_unit_test(hash_secret_is_drawn_anew_without_a_seed),
	    cmocka_unit_test(flows_in_a_row_spread_with_every_secret),
	    cmocka_unit_test(tags_are_matched_alike_with_and_without_sse),
	    cmocka_unit_test(partner_of_a_partner_is_the_bucket_itself),
	};

	return cmocka_run_group_tests_name("flow buckets", tests, NULL, NULL);
}
