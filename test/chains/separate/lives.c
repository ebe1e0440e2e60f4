#include "lives.gen.h"

#include "../log.h"

void lives_on_life(struct lives_ctx *ctx, const struct flow_tcp *m)
{
	log_line("lives life %u.%u at %" PRIu64 ": %u packets %" PRIu64, m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->flow_state, m->flow_packets);
	lives_set_timer(ctx, m->flow, 3);
}

void lives_on_timer(struct lives_ctx *ctx, const struct timer *m)
{
	(void)ctx;
	log_line("lives timer %u.%u at %" PRIu64 ": packets %" PRIu64, m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->flow_packets);
}
