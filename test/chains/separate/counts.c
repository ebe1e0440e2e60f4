#include "counts.gen.h"

#include "../log.h"

void counts_on_pkt_tcp(struct counts_ctx *ctx, const struct pkt_tcp *m)
{
	log_line("counts packet %u.%u at %" PRIu64 ": %u of %" PRIu64, m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, ++counts_state(ctx, m->flow)->seen, m->flow_packets);
}
