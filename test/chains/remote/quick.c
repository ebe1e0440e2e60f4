#include "quick.gen.h"

#include "../log.h"

/* A double holds the time of today with so much. */
#define MICROSECONDS(time) ((time) / 1000 % 1000000000000ull)

static const char *const states[] = {"syn_sent", "syn_received", "established", "half_closed",
				     "closing",	 "closed",	 "reset"};

void quick_on_life(struct quick_ctx *ctx, const struct flow_tcp *m)
{
	(void)ctx;
	log_line("quick life %u %" PRIu64 " packets %" PRIu64 " bytes %" PRIu64 " %" PRIu64
		 " state %s",
		 m->flow_client_port, MICROSECONDS(m->time), m->flow_packets, m->flow_client_bytes,
		 m->flow_server_bytes, states[m->flow_state]);
}

void quick_on_data(struct quick_ctx *ctx, const struct data_tcp *m)
{
	log_line("quick data %u %s %" PRIu64 " %" PRIu64 " packets %" PRIu64 " bytes %" PRIu64
		 " %" PRIu64 " state %s",
		 m->flow_client_port, m->dir == MBX_CLIENT ? "client" : "server", m->offset,
		 MICROSECONDS(m->time), m->flow_packets, m->flow_client_bytes, m->flow_server_bytes,
		 states[m->flow_state]);
	quick_set_timer(ctx, m->flow, 3);
}

void quick_on_timer(struct quick_ctx *ctx, const struct timer *m)
{
	(void)ctx;
	log_line("quick timer %u %" PRIu64, m->flow_client_port, MICROSECONDS(m->time));
}
