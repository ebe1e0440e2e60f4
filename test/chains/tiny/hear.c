#include "hear_one.gen.h"

#include "../log.h"

void hear_one_on_flow_start(struct hear_one_ctx *ctx, const struct flow_start *m)
{
	(void)ctx;
	log_line("%u start %u", m->flow_server_port, m->flow_client_port);
}

void hear_one_on_flow_udp(struct hear_one_ctx *ctx, const struct flow_udp *m)
{
	(void)ctx;
	log_line("%u %s %u %" PRIu64, m->flow_server_port,
		 m->phase == FLOW_PHASE_START ? "start" : "end", m->flow_client_port,
		 m->flow_packets);
}

void hear_one_on_data_tcp(struct hear_one_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("%u data %u %u %.*s", m->flow_server_port, m->flow_client_port, m->dir,
		 (int)m->len, (const char *)m->data);
}

void hear_one_on_pkt_udp(struct hear_one_ctx *ctx, const struct pkt_udp *m)
{
	(void)ctx;
	log_line("%u datagram %u %" PRIu64, m->flow_server_port, m->flow_client_port,
		 m->flow_packets);
}

void hear_one_on_flow_end(struct hear_one_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	log_line("%u end %u %d %" PRIu64, m->flow_server_port, m->flow_client_port, m->reason,
		 m->flow_packets);
}
