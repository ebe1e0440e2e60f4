#include "c_relay.gen.h"

#include "../log.h"

void c_relay_on_said(struct c_relay_ctx *ctx, const struct said *m)
{
	struct echo echo = {.flow = m->flow, .mood = m->mood, .by = ECHO_BY_C};

	echo.word.len =
	    mbx_text_copy(echo.word.text, sizeof(echo.word.text), m->word.text, m->word.len);
	log_line("c_relay said %u %.*s", m->flow_client_port, m->word.len, m->word.text);
	c_relay_publish_echo(ctx, &echo);
}

void c_relay_on_data(struct c_relay_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("c_relay data %u %.*s", m->flow_client_port, (int)m->len, (const char *)m->data);
}

void c_relay_on_counted(struct c_relay_ctx *ctx, const struct counted *m)
{
	(void)ctx;
	log_line("c_relay counted %u flow %d", m->total, m->flow.index != UINT32_MAX);
}
