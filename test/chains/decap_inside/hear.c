#include "hear.gen.h"

#include "../log.h"

void hear_on_data_tcp(struct hear_ctx *ctx, const struct data_tcp *m)
{
	log_line("%u %s %.*s", m->flow_server_port, m->dir == MBX_CLIENT ? "client" : "server",
		 (int)m->len, (const char *)m->data);
	(void)ctx;
}
