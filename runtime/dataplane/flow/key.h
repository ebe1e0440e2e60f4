/* What makes two packets one flow. */
#pragma once

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_common.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

static inline uint64_t flow_key_be64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return rte_be_to_cpu_64(value);
}

/* Which of two addresses that lie side by side is the smaller: -1 the first, 1
 * the second, 0 equal. */
static inline int flow_key_compare_ip4(const uint8_t *addresses)
{
	uint64_t both = flow_key_be64(addresses);
	uint32_t from = (uint32_t)(both >> 32), to = (uint32_t)both;

	return (from > to) - (from < to);
}

static inline int flow_key_compare_ip6(const uint8_t *addresses)
{
	uint64_t from = flow_key_be64(addresses);
	uint64_t to = flow_key_be64(addresses + 16);

	if (from == to) {
		from = flow_key_be64(addresses + 8);
		to = flow_key_be64(addresses + 24);
	}
	return (from > to) - (from < to);
}

/* The larger of the ends is the second. `len` is constant in each caller, so that
 * the copies are moves. */
static __rte_always_inline int flow_key_place(struct flow_key *k, const uint8_t *addresses,
					      unsigned int len, int order, const uint32_t ports[2])
{
	if (unlikely(order == 0))
		order = (ports[0] > ports[1]) - (ports[0] < ports[1]);
	if (order > 0) {
		k->word[0] = ports[1] << 16 | ports[0];
		memcpy(&k->word[2], addresses + len, len);
		memcpy(&k->word[2 + len / 4], addresses, len);
	} else {
		k->word[0] = ports[0] << 16 | ports[1];
		memcpy(&k->word[2], addresses, 2 * len);
	}
	return order;
}

/* Fills a zeroed key from the source and destination addresses, as they lie in an
 * IP header, and from both ports. Above 0: the source is the second end; 0: both
 * ends are the same. */
static __rte_always_inline int flow_key_fill(struct flow_key *k, const uint8_t *addresses, bool ip6,
					     uint16_t zone, uint8_t proto, const uint32_t ports[2])
{
	k->word[1] = (uint32_t)zone << 16 | (ip6 ? 6u : 4u) << 8 | proto;
	if (likely(!ip6))
		return flow_key_place(k, addresses, 4, flow_key_compare_ip4(addresses), ports);
	return flow_key_place(k, addresses, 16, flow_key_compare_ip6(addresses), ports);
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
