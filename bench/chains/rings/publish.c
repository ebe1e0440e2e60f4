/* publish: publishes an event for each packet; the same as publish.ts. */
#include "publish.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void publish_on_pkt_tcp(struct publish_ctx *ctx, const struct pkt_tcp *m)
{
	publish_publish_heard(ctx,
			      &(struct heard){.length = m->ip_length, .window = m->tcp_window});
	bench_sum++;
}
