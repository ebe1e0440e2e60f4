/* witness: follows honest connections. What they send is known: the stream's
 * length in its first four bytes, then a pattern of position and client port. */
#include "witness.gen.h"

#define LENGTH_BYTES 4

/* 10.99.0.1: no attack has packets of it. */
static bool is_honest(const struct mbx_ip *server)
{
	static const uint8_t honest[] = {10, 99, 0, 1};

	return server->version == 4 && memcmp(server->bytes, honest, sizeof(honest)) == 0;
}

static bool is_right(const struct data_tcp *m, uint64_t from)
{
	for (uint32_t i = 0; i < m->len; i++) {
		uint64_t at = from + i;

		if (at >= LENGTH_BYTES && m->data[i] != (uint8_t)(at * 7 + m->flow_client_port))
			return false;
	}
	return true;
}

void witness_on_data_tcp(struct witness_ctx *ctx, const struct data_tcp *m)
{
	struct witness_state *state;
	uint32_t length;

	if (!is_honest(&m->flow_server_ip))
		return;
	state = witness_state(ctx, m->flow);
	if (state->bytes == 0 && m->len >= LENGTH_BYTES) {
		memcpy(&length, m->data, sizeof(length));
		state->length = length;
	}
	if (m->offset != state->bytes || !is_right(m, state->bytes))
		state->wrong = true;
	state->bytes += m->len;
}

void witness_on_end(struct witness_ctx *ctx, const struct flow_end *m)
{
	const struct witness_state *state;

	if (!is_honest(&m->flow_server_ip))
		return;
	state = witness_state(ctx, m->flow);
	if (m->reason == FLOW_END_REASON_FIN && !state->wrong && state->bytes == state->length)
		witness_publish_whole(ctx, &(struct whole){.flow = m->flow, .bytes = state->bytes});
	else
		witness_publish_broken(ctx,
				       &(struct broken){.flow = m->flow, .bytes = state->bytes});
}
