#include "counter.gen.h"

#include "../log.h"

void counter_on_said(struct counter_ctx *ctx, const struct said *m)
{
	struct counter_state *state = counter_state(ctx, m->flow);

	log_line("counter said %u %.*s: %u before, last %.*s", m->flow_client_port, m->word.len,
		 m->word.text, state->words, state->last.len, state->last.text);
	state->words++;
	state->last.len =
	    mbx_text_copy(state->last.text, sizeof(state->last.text), m->word.text, m->word.len);
}

void counter_on_flow_end(struct counter_ctx *ctx, const struct flow_end *m)
{
	log_line("counter end %u: %u words", m->flow_client_port,
		 counter_state(ctx, m->flow)->words);
}
