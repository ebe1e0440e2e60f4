#include "quick.gen.h"

#include "../log.h"

/* A double holds the time of today with so much. */
#define MICROSECONDS(time) ((time) / 1000 % 1000000000000ull)

/* What both kinds of events have. */
#define SEEN                                                                                       \
	"%" PRIu64 " packets %" PRIu64 " bytes %" PRIu64 " %" PRIu64 " state %s all %" PRIu64      \
	"+%" PRIu64 " %" PRIu64 " from %" PRIu64 " for %" PRIu64 " flags %d%d%d%d"
#define OF(m)                                                                                      \
	MICROSECONDS((m)->time), (m)->flow_packets, (m)->flow_client_bytes,                        \
	    (m)->flow_server_bytes, states[(m)->flow_state], (m)->flow_client_packets,             \
	    (m)->flow_server_packets, (m)->flow_bytes, MICROSECONDS((m)->flow_start),              \
	    MICROSECONDS((m)->flow_duration), (m)->flow_client_closed, (m)->flow_server_closed,    \
	    (m)->flow_onesided, (m)->flow_midstream

static const char *const states[] = {"syn_sent", "syn_received", "established", "half_closed",
				     "closing",	 "closed",	 "reset"};

static void log_rtt(uint64_t time, uint64_t rtt)
{
	log_line("quick rtt %" PRIu64 " %" PRIu64, MICROSECONDS(time), MICROSECONDS(rtt + 500));
}

void quick_on_life(struct quick_ctx *ctx, const struct flow_tcp *m)
{
	(void)ctx;
	log_line("quick life %u " SEEN, m->flow_client_port, OF(m));
	log_rtt(m->time, m->flow_rtt);
}

void quick_on_data(struct quick_ctx *ctx, const struct data_tcp *m)
{
	log_line("quick data %u %s %" PRIu64 " " SEEN, m->flow_client_port,
		 m->dir == MBX_CLIENT ? "client" : "server", m->offset, OF(m));
	log_rtt(m->time, m->flow_rtt);
	quick_set_timer(ctx, m->flow, 3);
}

void quick_on_timer(struct quick_ctx *ctx, const struct timer *m)
{
	(void)ctx;
	log_line("quick timer %u %" PRIu64, m->flow_client_port, MICROSECONDS(m->time));
}
