#include "witness.gen.h"

#include "../log.h"

void witness_on_data_tcp(struct witness_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("data %u %s %" PRIu64 " %.*s", m->flow_client_port,
		 m->dir == MBX_CLIENT ? "client" : "server", m->offset, (int)m->len,
		 (const char *)m->data);
}

void witness_on_packet(struct witness_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("packet %u %.*s", m->flow_client_port, (int)m->payload_len,
		 (const char *)m->payload);
}

void witness_on_flow_rexmit(struct witness_ctx *ctx, const struct flow_rexmit *m)
{
	(void)ctx;
	log_line("copy %u %" PRIu64 " %s", m->flow_client_port, m->offset,
		 m->packet_dropped ? "dropped" : "passed");
}

void witness_on_flow_end(struct witness_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	log_line("end %u %d", m->flow_client_port, m->reason);
}
