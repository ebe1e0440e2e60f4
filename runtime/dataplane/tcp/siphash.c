#include "siphash.h"

#include <string.h>

static inline uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static inline void sip_word(struct siphash *h, uint64_t word)
{
	h->v[3] ^= word;
	sip_round(h->v);
	sip_round(h->v);
	h->v[0] ^= word;
}

struct siphash siphash_begin(const struct siphash_key *key)
{
	return (struct siphash){
	    .v = {key->word[0] ^ 0x736f6d6570736575ull, key->word[1] ^ 0x646f72616e646f6dull,
		  key->word[0] ^ 0x6c7967656e657261ull, key->word[1] ^ 0x7465646279746573ull},
	};
}

static inline void sip_byte(struct siphash *h, uint8_t byte)
{
	h->tail |= (uint64_t)byte << 8 * (h->len % 8);
	if (++h->len % 8 != 0)
		return;
	sip_word(h, h->tail);
	h->tail = 0;
}

void siphash_add(struct siphash *h, const uint8_t *data, uint32_t len)
{
	for (; len > 0 && h->len % 8 != 0; len--)
		sip_byte(h, *data++);
	for (; len >= 8; len -= 8, data += 8, h->len += 8) {
		uint64_t word;

		memcpy(&word, data, sizeof(word)); /* little-endian, as x86 is */
		sip_word(h, word);
	}
	for (; len > 0; len--)
		sip_byte(h, *data++);
}

uint64_t siphash_end(struct siphash *h)
{
	sip_word(h, h->tail | h->len << 56);
	h->v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(h->v);
	return h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
}
