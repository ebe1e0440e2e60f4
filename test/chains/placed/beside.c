#include "beside.gen.h"

#include "../log.h"

void beside_on_data_tcp(struct beside_ctx *ctx, const struct data_tcp *m)
{
	struct beside_state *state = beside_state(ctx, m->flow);

	log_line("beside data %u.%u at %" PRIu64 ": %" PRIu64
		 " '%.*s' of '%.*s' pieces %u last %" PRIu64,
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->offset, (int)m->len,
		 (const char *)m->data, (int)m->payload_len, (const char *)m->payload,
		 state->pieces, state->last);
	state->pieces++;
	state->last = m->offset;
	if (memchr(m->data, 'b', m->len) != NULL)
		beside_drop_packet(ctx);
	if (state->pieces == 11)
		beside_reset_flow(ctx, m->flow);
}

void beside_on_life(struct beside_ctx *ctx, const struct flow_tcp *m)
{
	log_line("beside life %u.%u at %" PRIu64 ": payload %u psh %d pieces %u",
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->payload_len,
		 m->tcp_flags_psh, beside_state(ctx, m->flow)->pieces);
}
