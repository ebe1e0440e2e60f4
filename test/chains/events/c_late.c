#include "c_late.gen.h"

#include "../log.h"

void c_late_on_said(struct c_late_ctx *ctx, const struct said *m)
{
	(void)ctx;
	log_line("c_late said %u %.*s", m->flow_client_port, m->word.len, m->word.text);
}
