/* heavy1: as heavy as functions that look at every byte are, such as signatures,
 * compression or ciphers: hashes the payload word by word, each after the one before, twice.
 * Neither pass can be left out, because the second goes on with what the first came to. */
#include <string.h>

#include "heavy1.gen.h"

#define PASSES 2

static uint64_t hash_words(uint64_t hash, const uint8_t *data, uint32_t len)
{
	for (; len >= sizeof(uint32_t); data += sizeof(uint32_t), len -= sizeof(uint32_t)) {
		uint32_t word;

		memcpy(&word, data, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	}
	for (; len > 0; len--)
		hash = (hash ^ *data++) * 0x9e3779b97f4a7c15ull;
	return hash;
}

void heavy1_on_data_tcp(struct heavy1_ctx *ctx, const struct data_tcp *m)
{
	uint64_t hash = m->offset;

	for (unsigned int i = 0; i < PASSES; i++)
		hash = hash_words(hash ^ i, m->data, m->len);
	/* The compiler does not know that no payload of a trace comes to this. */
	if (hash == 0)
		heavy1_drop_packet(ctx);
}
