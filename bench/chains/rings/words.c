/* words: reads the first bytes of each piece as numbers; the same as words.ts. */
#include <arpa/inet.h>

#include "words.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

#define FIRST 16

void words_on_data_tcp(struct words_ctx *ctx, const struct data_tcp *m)
{
	uint32_t word[FIRST / 4];

	(void)ctx;
	if (m->len < FIRST)
		return;
	memcpy(word, m->data, sizeof(word));
	bench_sum += (ntohl(word[0]) ^ ntohl(word[1]) ^ ntohl(word[2]) ^ ntohl(word[3])) & 0xffff;
}
