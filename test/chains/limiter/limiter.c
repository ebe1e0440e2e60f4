#include "limiter.gen.h"

void limiter_on_packet(struct limiter_ctx *ctx, const struct pkt_tcp *m)
{
	if (m->ip_ttl < 10)
		limiter_drop_packet(ctx);
}
