/* What makes two packets one flow. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FLOW_KEY_WORDS_IP4 4
#define FLOW_KEY_WORDS_IP6 10

/* Direction-canonical 5-tuple and zone: the end with the smaller (address,
 * port) comes first, so both directions have one key. Words in use depend on
 * the family: 4 for IPv4, 10 for IPv6; the rest is zero and not compared.
 *   word 0: port of the first end << 16 | port of the second, host order
 *   word 1: zone << 16 | family (4, 6) << 8 | IP protocol
 *   IPv4: word 2, 3: first and second address; IPv6: words 2-5 and 6-9.
 * Addresses are in network order. `zone` separates equal tuples of different
 * VLANs, tunnels or tenants. */
struct flow_key {
	uint32_t word[FLOW_KEY_WORDS_IP6];
};

static inline unsigned int flow_key_words(const struct flow_key *k)
{
	return ((k->word[1] >> 8) & 0xff) == 6 ? FLOW_KEY_WORDS_IP6 : FLOW_KEY_WORDS_IP4;
}

static inline bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	unsigned int words = flow_key_words(a);

	for (unsigned int i = 0; i < words; i++)
		if (a->word[i] != b->word[i])
			return false;
	return true;
}

/* Secret of the hash, 64-bit odd multipliers and an addend, drawn at start. */
struct flow_hash_key {
	uint64_t add;
	uint64_t multiply[FLOW_KEY_WORDS_IP6];
};

/* Fills the secret from getrandom(2); `seed` other than 0 makes it repeatable
 * for tests and benches. */
void flow_hash_key_draw(struct flow_hash_key *secret, uint64_t seed);

/* Multilinear over 32-bit words (Lemire and Kaser, "Strongly universal string
 * hashing is fast", 2014): keyed, so that nobody outside can make collisions. */
static inline uint32_t flow_hash(const struct flow_hash_key *secret, const struct flow_key *k)
{
	unsigned int words = flow_key_words(k);
	uint64_t sum = secret->add;

	for (unsigned int i = 0; i < words; i++)
		sum += secret->multiply[i] * k->word[i];
	return (uint32_t)(sum >> 32);
}
