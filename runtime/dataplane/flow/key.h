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
#define FLOW_KEY_WORDS_ZONE 2
#define FLOW_KEY_WORDS (FLOW_KEY_WORDS_IP6 + FLOW_KEY_WORDS_ZONE)

#define FLOW_ZONE_VLAN 0x0fff
#define FLOW_KEY_ZONED (1u << 31)

/* What separates equal tuples of different VLANs, tunnels or tenants. A single VLAN
 * is its own zone, 0 is none; all others are above (packet/zone.h). */
struct flow_zone {
	uint64_t id;
	uint16_t vlan; /* the outermost of the innermost Ethernet header */
};

/* Direction-canonical 5-tuple and zone: the end with the smaller (address,
 * port) comes first, so both directions have one key.
 *   word 0: port of the first end << 16 | port of the second, host order
 *   word 1: FLOW_KEY_ZONED | VLAN << 16 | family (4, 6) << 8 | IP protocol
 *   IPv4: word 2, 3: first and second address; IPv6: words 2-5 and 6-9.
 * With FLOW_KEY_ZONED two words of the zone's id follow, else it is the VLAN. The
 * words behind are zero and not compared. Addresses are in network order. */
struct flow_key {
	uint32_t word[FLOW_KEY_WORDS];
};

/* Words in use without those of the zone. */
static inline unsigned int flow_key_tuple_words(const struct flow_key *k)
{
	return ((k->word[1] >> 8) & 0xff) == 6 ? FLOW_KEY_WORDS_IP6 : FLOW_KEY_WORDS_IP4;
}

static inline unsigned int flow_key_words(const struct flow_key *k)
{
	return flow_key_tuple_words(k) + (k->word[1] >> 31) * FLOW_KEY_WORDS_ZONE;
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

/* Word 1, and the words of the zone in a zeroed key. */
static __rte_always_inline void flow_key_set_zone(struct flow_key *k, bool ip6,
						  const struct flow_zone *zone, uint8_t proto)
{
	uint32_t *at = &k->word[ip6 ? FLOW_KEY_WORDS_IP6 : FLOW_KEY_WORDS_IP4];

	k->word[1] = (uint32_t)zone->vlan << 16 | (ip6 ? 6u : 4u) << 8 | proto;
	if (likely(zone->id == zone->vlan))
		return;
	k->word[1] |= FLOW_KEY_ZONED;
	at[0] = (uint32_t)(zone->id >> 32);
	at[1] = (uint32_t)zone->id;
}

static inline struct flow_zone flow_key_zone(const struct flow_key *k)
{
	const uint32_t *at = &k->word[flow_key_tuple_words(k)];
	uint16_t vlan = k->word[1] >> 16 & FLOW_ZONE_VLAN;

	if (likely(!(k->word[1] & FLOW_KEY_ZONED)))
		return (struct flow_zone){.id = vlan, .vlan = vlan};
	return (struct flow_zone){.id = (uint64_t)at[0] << 32 | at[1], .vlan = vlan};
}

/* Fills a zeroed key from the source and destination addresses, as they lie in an
 * IP header, and from both ports. Above 0: the source is the second end; 0: both
 * ends are the same. */
static __rte_always_inline int flow_key_fill(struct flow_key *k, const uint8_t *addresses, bool ip6,
					     const struct flow_zone *zone, uint8_t proto,
					     const uint32_t ports[2])
{
	flow_key_set_zone(k, ip6, zone, proto);
	if (likely(!ip6))
		return flow_key_place(k, addresses, 4, flow_key_compare_ip4(addresses), ports);
	return flow_key_place(k, addresses, 16, flow_key_compare_ip6(addresses), ports);
}

/* Secret of the hash, 64-bit odd multipliers and an addend, drawn at start. */
struct flow_hash_key {
	uint64_t add;
	uint64_t multiply[FLOW_KEY_WORDS];
};

/* A secret word from getrandom(2). */
uint64_t flow_secret_draw(void);

/* Fills the secret from getrandom(2); `seed` other than 0 makes it repeatable
 * for tests and benches. */
void flow_hash_key_draw(struct flow_hash_key *secret, uint64_t seed);

/* Ports and addresses that follow one another give sums with one distance, which an
 * unlucky secret lays close together: mixed, they lie anywhere. One to one, so it makes no
 * collision (Wellons, "Prospecting for hash functions", 2018: lowbias32). */
static inline uint32_t flow_hash_mix(uint32_t sum)
{
	sum = (sum ^ sum >> 16) * 0x7feb352du;
	sum = (sum ^ sum >> 15) * 0x846ca68bu;
	return sum ^ sum >> 16;
}

/* Multilinear over 32-bit words (Lemire and Kaser, "Strongly universal string
 * hashing is fast", 2014): keyed, so that nobody outside can make collisions. */
static inline uint32_t flow_hash(const struct flow_hash_key *secret, const struct flow_key *k)
{
	unsigned int words = flow_key_words(k);
	uint64_t sum = secret->add;

	for (unsigned int i = 0; i < words; i++)
		sum += secret->multiply[i] * k->word[i];
	return flow_hash_mix((uint32_t)(sum >> 32));
}
