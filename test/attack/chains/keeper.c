/* keeper: keeps the start of every connection, and wants it, and does not, in
 * turns that timers give. */
#include "keeper.gen.h"

#define TURN_MS 40
#define TURNS 4

void keeper_on_begun(struct keeper_ctx *ctx, const struct flow_established *m)
{
	keeper_set_timer(ctx, m->flow, TURN_MS);
}

void keeper_on_late(struct keeper_ctx *ctx, const struct data_tcp *m)
{
	struct keeper_state *state = keeper_state(ctx, m->flow);

	state->bytes += m->len;
	if (state->bytes % 2 == 0)
		keeper_switch(ctx, m->flow, KEEPER_IGNORE);
}

void keeper_on_rung(struct keeper_ctx *ctx, const struct timer *m)
{
	struct keeper_state *state = keeper_state(ctx, m->flow);

	keeper_switch(ctx, m->flow, state->rung % 2 == 0 ? KEEPER_LATE : KEEPER_IGNORE);
	if (++state->rung < TURNS)
		keeper_set_timer(ctx, m->flow, TURN_MS);
}
