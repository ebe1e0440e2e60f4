/* first: reads the first bytes of each piece; the same as first.ts. */
#include "first.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

#define FIRST 16

void first_on_data_tcp(struct first_ctx *ctx, const struct data_tcp *m)
{
	uint32_t len = m->len < FIRST ? m->len : FIRST;
	uint32_t sum = 0;

	(void)ctx;
	for (uint32_t i = 0; i < len; i++)
		sum += m->data[i];
	bench_sum += sum;
}
