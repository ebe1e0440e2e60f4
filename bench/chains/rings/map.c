/* map: counts by flow in a table of its own; the same as map.ts. */
#include "map.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void map_on_pkt_tcp(struct map_ctx *ctx, const struct pkt_tcp *m)
{
	bench_sum += ++map_state(ctx, m->flow)->packets;
}
