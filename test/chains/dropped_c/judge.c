#include "judge.gen.h"

#include "../log.h"

void judge_on_data_tcp(struct judge_ctx *ctx, const struct data_tcp *m)
{
	bool refused = memchr(m->data, 'X', m->len) != NULL;

	log_line("%s %u %" PRIu64 " %.*s", refused ? "refused" : "passed", m->flow_client_port,
		 m->offset, (int)m->len, (const char *)m->data);
	if (refused)
		judge_drop_packet(ctx);
}
