/* SipHash-2-4 (Aumasson and Bernstein, 2012), fed piece by piece: who does not know the
 * key cannot make two inputs with one tag. */
#pragma once

#include <stdint.h>

struct siphash_key {
	uint64_t word[2];
};

struct siphash {
	uint64_t v[4];
	uint64_t tail; /* bytes that do not fill a word yet */
	uint64_t len;  /* bytes so far */
};

struct siphash siphash_begin(const struct siphash_key *key);
void siphash_add(struct siphash *h, const uint8_t *data, uint32_t len);
uint64_t siphash_end(struct siphash *h);
