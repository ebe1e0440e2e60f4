#include "pick.gen.h"

#include "../log.h"

void pick_on_order(struct pick_ctx *ctx, const struct data_tcp *m)
{
	pick_switch(ctx, m->flow, m->data[0] == '+' ? PICK_HEARD : PICK_IGNORE);
}

void pick_on_heard(struct pick_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("pick %u data %" PRIu64 " %.*s", m->flow_client_port, m->offset, (int)m->len,
		 (const char *)m->data);
}
