#include "toggle.gen.h"

#include "../log.h"

void toggle_on_said(struct toggle_ctx *ctx, const struct said *m)
{
	if (mbx_text_equal(m->word.text, m->word.len, "on", 2))
		toggle_switch(ctx, m->flow, TOGGLE_HEARD);
	if (mbx_text_equal(m->word.text, m->word.len, "off", 3))
		toggle_switch(ctx, m->flow, TOGGLE_IGNORE);
	log_line("toggle said %.*s", m->word.len, m->word.text);
}

void toggle_on_heard(struct toggle_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("toggle heard %s %" PRIu64 " %.*s", m->dir == MBX_CLIENT ? "client" : "server",
		 m->offset, (int)m->len, (const char *)m->data);
}
