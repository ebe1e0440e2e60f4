#include "keeper.gen.h"

#include "../log.h"

void keeper_on_said(struct keeper_ctx *ctx, const struct said *m)
{
	if (mbx_text_equal(m->word.text, m->word.len, "on", 2))
		keeper_switch(ctx, m->flow, KEEPER_HEARD);
	if (mbx_text_equal(m->word.text, m->word.len, "off", 3))
		keeper_switch(ctx, m->flow, KEEPER_IGNORE);
	log_line("keeper said %.*s", m->word.len, m->word.text);
}

void keeper_on_heard(struct keeper_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("keeper heard %s %" PRIu64 " %.*s", m->dir == MBX_CLIENT ? "client" : "server",
		 m->offset, (int)m->len, (const char *)m->data);
}
