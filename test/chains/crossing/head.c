#include "head.gen.h"

#include "../log.h"

void head_on_data_tcp(struct head_ctx *ctx, const struct data_tcp *m)
{
	log_line("head data %u.%u at %" PRIu64 ": %" PRIu64, m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->offset);
	for (uint32_t i = 0; i < m->len; i++)
		if (m->data[i] == 'm' || m->data[i] == 'a')
			head_publish_mark(ctx,
					  &(struct mark){.flow = m->flow, .number = m->offset + i});
}
