#include "rss.h"

static uint16_t rotated(uint16_t key, unsigned int bits)
{
	return (uint16_t)(key << bits | key >> (16 - bits));
}

/* Four in a row that are alike, the last and the first being neighbours too. */
static bool has_run(uint16_t key)
{
	uint16_t changes = key ^ rotated(key, 1);

	return (uint16_t)(changes | rotated(changes, 1) | rotated(changes, 2)) != 0xffff;
}

uint16_t rss_key(uint64_t secret)
{
	uint16_t key = (uint16_t)secret;

	while (__builtin_popcount(key) % 2 == 0 || has_run(key))
		key++;
	return key;
}

/* Each bit that is set adds the key from its place on; the first bit is the highest. */
static uint16_t hash_of(uint16_t key, uint16_t word)
{
	uint16_t hash = 0;

	for (unsigned int bit = 0; bit < 16; bit++)
		if (word & 0x8000u >> bit)
			hash ^= bit == 0 ? key : rotated(key, bit);
	return hash;
}

void rss_set_key(struct rss *r, uint16_t key)
{
	r->key = key;
	for (unsigned int byte = 0; byte < 256; byte++) {
		r->of_high[byte] = hash_of(key, (uint16_t)(byte << 8));
		r->of_low[byte] = hash_of(key, (uint16_t)byte);
	}
}

void rss_fill_key(const struct rss *r, uint8_t *key, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		key[i] = (uint8_t)(i % 2 == 0 ? r->key >> 8 : r->key);
}
