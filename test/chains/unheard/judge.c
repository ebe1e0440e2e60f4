#include "judge.gen.h"

#include "../log.h"

void judge_on_data_tcp(struct judge_ctx *ctx, const struct data_tcp *m)
{
	log_line("%u %" PRIu64 " %.*s", m->flow_client_port, m->offset, (int)RTE_MIN(m->len, 2000u),
		 (const char *)m->data);
	if (memchr(m->data, 'X', m->len) != NULL)
		judge_drop_packet(ctx);
}
