/* The hash of receive side scaling, bit by bit, as a device computes it: nothing of it
 * is ours (Microsoft, "RSS Hashing Functions"). */
#pragma once

#include <stdint.h>

/* Each bit of the input that is set adds the 32 bits of the key from its place on. */
static inline uint32_t toeplitz(const uint8_t *key, const uint8_t *input, unsigned int len)
{
	uint32_t hash = 0;

	for (unsigned int bit = 0; bit < 8 * len; bit++) {
		if (!(input[bit / 8] & 0x80 >> bit % 8))
			continue;
		for (unsigned int i = 0; i < 32; i++)
			if (key[(bit + i) / 8] & 0x80 >> (bit + i) % 8)
				hash ^= 0x80000000u >> i;
	}
	return hash;
}
