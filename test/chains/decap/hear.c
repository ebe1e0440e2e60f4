#include "hear_mpls.gen.h"

#include "../log.h"

void hear_mpls_on_data_tcp(struct hear_mpls_ctx *ctx, const struct data_tcp *m)
{
	log_line("%u %u %s %.*s", m->flow_server_port, m->flow_client_ip.bytes[3],
		 m->dir == MBX_CLIENT ? "client" : "server", (int)m->len, (const char *)m->data);
	if (m->len >= 5 && memcmp(m->data, "reset", 5) == 0)
		hear_mpls_reset_flow(ctx, m->flow);
}
