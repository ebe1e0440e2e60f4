#include "bytes.gen.h"

#include "../log.h"

void bytes_on_data_tcp(struct bytes_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("bytes data %u.%u at %" PRIu64 ": %u %" PRIu64 " '%.*s' of %" PRIu64,
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->dir, m->offset,
		 (int)m->len, (const char *)m->data, m->flow_bytes);
}
