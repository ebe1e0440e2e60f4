#include "native.gen.h"

#include "../log.h"

void native_on_data_tcp(struct native_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("native %u %.*s %s", m->flow_client_port, (int)m->len, (const char *)m->data,
		 m->flow_ttl_changed ? "changed" : "same");
}

void native_on_flow_udp(struct native_ctx *ctx, const struct flow_udp *m)
{
	(void)ctx;
	log_line("native %u udp %s", m->flow_client_port, m->flow_ttl_changed ? "changed" : "same");
}
