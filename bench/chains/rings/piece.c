/* piece: adds up fields of each piece; the same as piece.ts. */
#include "piece.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void piece_on_data_tcp(struct piece_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	bench_sum += m->offset + m->len;
}
