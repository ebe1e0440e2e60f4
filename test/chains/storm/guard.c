/* guard: drops the flow at its signature, of which pieces may have parts. */
#include "guard.gen.h"

static const char signature[] = "ATTACK-SIGNATURE";

/* How much of the signature ends at this letter, when `seen` of it ended before. */
static uint32_t follow(uint32_t seen, char letter)
{
	while (seen > 0 && signature[seen] != letter)
		seen = seen == 4 ? 1 : 0; /* ATTA ends with its own beginning, no other part does */
	return signature[seen] == letter ? seen + 1 : 0;
}

void guard_on_data_tcp(struct guard_ctx *ctx, const struct data_tcp *m)
{
	struct guard_state *state = guard_state(ctx, m->flow);
	uint32_t *seen = m->dir == MBX_CLIENT ? &state->client : &state->server;

	for (uint32_t i = 0; i < m->len; i++) {
		*seen = follow(*seen, (char)m->data[i]);
		if (*seen == sizeof(signature) - 1) {
			*seen = 0;
			guard_drop_flow(ctx, m->flow);
			return;
		}
	}
}
