/* Keys of flows that somebody who knows a hash's secret makes to collide under it:
 * all 32 bits are the same. */
#pragma once

#include <rte_hash_crc.h>

#include "flow/key.h"

typedef unsigned __int128 uint128;

#define COLLIDING_NONE (~(uint128)0)

static inline uint128 divide_up(uint128 a, uint128 b)
{
	return (a + b - 1) / b;
}

/* The least x with low <= a * x mod m <= high, by Euclid's steps. */
static inline uint128 least_multiple(uint128 a, uint128 m, uint128 low, uint128 high)
{
	uint128 x;

	if (low == 0)
		return 0;
	if (a == 0)
		return COLLIDING_NONE;
	if (2 * a > m) {
		uint128 swap = m - low;

		a = m - a;
		low = m - high;
		high = swap;
	}
	x = divide_up(low, a);
	if (a * x <= high)
		return x;
	x = least_multiple(a - m % a, a, low % a, high % a);
	return x == COLLIDING_NONE ? x : divide_up(low + m * x, a);
}

/* IPv4 and TCP with the ports of `number` and one address; the other address is
 * the one that makes the hash flow_hash_mix(`target`). False where there is none. */
static inline bool colliding_key(const struct flow_hash_key *secret, uint32_t number,
				 uint32_t target, struct flow_key *key)
{
	uint64_t base = secret->add, low, high;
	uint128 x;

	*key = (struct flow_key){.word = {number, 4u << 8 | 6, 0x0a000001}};
	for (int i = 0; i < 3; i++)
		base += secret->multiply[i] * key->word[i];
	low = ((uint64_t)target << 32) - base;
	high = low + UINT32_MAX;
	if (high < low)
		return false;
	x = least_multiple(secret->multiply[3], (uint128)1 << 64, low, high);
	if (x > UINT32_MAX)
		return false;
	key->word[3] = (uint32_t)x;
	return true;
}

/* The same for CRC32C over the key, whatever it is seeded with. */
static inline void colliding_crc_key(uint32_t number, struct flow_key *key)
{
	*key = (struct flow_key){.word = {number, 4u << 8 | 6, 0x0a000001}};
	key->word[3] = rte_hash_crc(key->word, 12, 0) ^ 0x5eed;
}
