#include "answers.gen.h"

#include "../log.h"

void answers_on_asked(struct answers_ctx *ctx, const struct asked *m)
{
	answers_switch(ctx, m->flow, ANSWERS_ANSWER);
}

void answers_on_answer(struct answers_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("%u %" PRIu64 " %.*s", m->flow_client_port, m->offset, (int)m->len,
		 (const char *)m->data);
}
