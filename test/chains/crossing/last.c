#include "last.gen.h"

#include "../log.h"

void last_on_mark(struct last_ctx *ctx, const struct mark *m)
{
	(void)ctx;
	log_line("last mark%u %u.%u at %" PRIu64 ": %" PRIu64, m->by, m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->number);
}

void last_on_data_tcp(struct last_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("last data %u.%u at %" PRIu64 ": %" PRIu64 " '%.*s'", m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->offset, (int)m->len, (const char *)m->data);
}

void last_on_flow_end(struct last_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	log_line("last end %u.%u at %" PRIu64 ": %d", m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->reason);
}
