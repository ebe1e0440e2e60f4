/* whole: reads every byte; the same as whole.ts. */
#include "whole.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void whole_on_data_tcp(struct whole_ctx *ctx, const struct data_tcp *m)
{
	uint32_t sum = 0;

	(void)ctx;
	for (uint32_t i = 0; i < m->len; i++)
		sum += m->data[i];
	bench_sum += sum;
}
