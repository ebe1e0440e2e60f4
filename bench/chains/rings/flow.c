/* flow: adds up fields of each flow; the same as flow.ts. */
#include "flow.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void flow_on_flow_start(struct flow_ctx *ctx, const struct flow_start *m)
{
	(void)ctx;
	bench_sum += m->flow_packets + m->midstream;
}

void flow_on_flow_established(struct flow_ctx *ctx, const struct flow_established *m)
{
	(void)ctx;
	bench_sum += m->flow_packets;
}

void flow_on_flow_end(struct flow_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	bench_sum += m->flow_packets + (m->reason == FLOW_END_REASON_FIN);
}
