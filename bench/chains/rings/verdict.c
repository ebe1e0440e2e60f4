/* verdict: drops every packet; the same as verdict.ts. */
#include "verdict.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void verdict_on_pkt_tcp(struct verdict_ctx *ctx, const struct pkt_tcp *m)
{
	(void)m;
	verdict_drop_packet(ctx);
	bench_sum++;
}
