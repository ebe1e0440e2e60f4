/* state: counts by flow in the state that it declares; the same as state.ts. */
#include "state.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void state_on_pkt_tcp(struct state_ctx *ctx, const struct pkt_tcp *m)
{
	bench_sum += ++state_state(ctx, m->flow)->packets;
}
