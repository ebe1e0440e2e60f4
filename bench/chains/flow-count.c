/* flows: counts the packets of each flow. */
#include "flows.gen.h"

void flows_on_pkt_tcp(struct flows_ctx *ctx, const struct pkt_tcp *m)
{
	flows_state(ctx, m->flow)->packets++;
}
