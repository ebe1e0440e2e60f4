/* Time to insert and to look up 100,000 keys that were made to collide, as a ratio
 * to random ones: sets in turns, a table and a secret for each. */
#include <rte_cycles.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/table.h"
#include "support/colliding.h"
#include "support/random.h"

#define KEYS 100000u
#define ROUNDS 31
#define TARGET 0x5eed1234u

enum { RANDOM, OURS, CRC, SETS };

static const char *const names[SETS] = {"random", "our hash, known secret", "CRC32C"};

static struct flow_key keys[SETS][KEYS];
static double insert_time[SETS][ROUNDS], lookup_time[SETS][ROUNDS];

static void keys_make(void)
{
	struct flow_hash_key known;
	uint64_t random = 4;
	uint32_t number = 0;

	flow_hash_key_draw(&known, 1);
	for (uint32_t i = 0; i < KEYS; i++) {
		keys[RANDOM][i] = (struct flow_key){
		    .word = {(uint32_t)test_random(&random), 4u << 8 | 6, 0x0a000001, i}};
		while (!colliding_key(&known, number++, TARGET, &keys[OURS][i]))
			continue;
		colliding_crc_key(i, &keys[CRC][i]);
	}
}

/* In another order than they were inserted. */
static uint32_t lookup_all(struct flow_table *t, const struct flow_key *set)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < KEYS; i++) {
		const struct flow_key *key = &set[i * 7919ull % KEYS];

		found += flow_table_lookup(t, key, flow_table_hash(t, key)) != NULL;
	}
	return found;
}

static int measure(int set, int round)
{
	struct flow_table *t = flow_table_create(&(struct flow_table_config){
	    .flows = KEYS, .record_size = 192, .socket = -1, .prefault = true});
	uint64_t begin, inserted, end;
	uint32_t missing = 0;

	if (t == NULL)
		return -1;
	begin = rte_rdtsc();
	for (uint32_t i = 0; i < KEYS; i++)
		missing +=
		    flow_table_insert(t, &keys[set][i], flow_table_hash(t, &keys[set][i])) == NULL;
	inserted = rte_rdtsc();
	missing += KEYS - lookup_all(t, keys[set]);
	end = rte_rdtsc();
	flow_table_destroy(t);
	insert_time[set][round] = (double)(inserted - begin);
	lookup_time[set][round] = (double)(end - inserted);
	return missing == 0 ? 0 : -1;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Of the rounds' ratios to random keys in the same round. */
static void ratio_print(const char *what, double time[SETS][ROUNDS], int set)
{
	double ratio[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		ratio[i] = time[set][i] / time[RANDOM][i];
	qsort(ratio, ROUNDS, sizeof(ratio[0]), order);
	printf("%-24s %-7s %5.2f  (%.2f to %.2f)\n", names[set], what, ratio[ROUNDS / 2],
	       ratio[ROUNDS / 10], ratio[ROUNDS - 1 - ROUNDS / 10]);
}

int main(void)
{
	keys_make();
	for (int round = 0; round < ROUNDS; round++)
		for (int set = 0; set < SETS; set++)
			if (measure((set + round) % SETS, round) < 0) {
				fprintf(stderr, "a key found no place\n");
				return 1;
			}
	printf("%u keys that collide under     ratio to random: median (deciles) of %d rounds\n",
	       KEYS, ROUNDS);
	for (int set = OURS; set < SETS; set++) {
		ratio_print("insert", insert_time, set);
		ratio_print("lookup", lookup_time, set);
	}
	return 0;
}
