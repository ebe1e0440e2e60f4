#include "second.gen.h"

#include "../log.h"

#include <unistd.h>

static void log_data(struct second_ctx *ctx, const struct data_tcp *m, const char *as)
{
	struct second_state *state = second_state(ctx, m->flow);

	if (m->time % 7 == 0) /* bursts come while it is at work */
		usleep(300);
	state->bytes += m->len;
	log_line("second %s %u.%u at %" PRIu64 ": %s %" PRIu64 " '%.*s' server bytes %" PRIu64
		 " sum %" PRIu64,
		 as, m->flow_client_ip.bytes[3], m->flow_client_port, m->time,
		 m->dir == MBX_CLIENT ? "client" : "server", m->offset, (int)m->len,
		 (const char *)m->data, m->flow_server_bytes, state->bytes);
}

void second_on_mark(struct second_ctx *ctx, const struct mark *m)
{
	log_line("second mark %u.%u at %" PRIu64 ": %" PRIu64 " side %d",
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->number, m->side);
	second_switch(ctx, m->flow, m->number % 3 == 0 ? SECOND_QUIET : SECOND_AWAKE);
	second_publish_note(
	    ctx,
	    &(struct note){.flow = m->flow, .seen = (uint32_t)m->number, .text = MBX_TEXT("seen")});
}

void second_on_awake(struct second_ctx *ctx, const struct data_tcp *m)
{
	log_data(ctx, m, "awake");
	if (memchr(m->data, 'd', m->len) != NULL)
		second_drop_packet(ctx);
	if (memchr(m->data, 'x', m->len) != NULL)
		second_drop_flow(ctx, m->flow);
	if (memchr(m->data, 'z', m->len) != NULL)
		second_switch(ctx, m->flow, SECOND_QUIET);
}

void second_on_quiet(struct second_ctx *ctx, const struct data_tcp *m)
{
	log_data(ctx, m, "quiet");
	if (memchr(m->data, 'r', m->len) != NULL)
		second_reset_flow(ctx, m->flow);
	if (memchr(m->data, 'q', m->len) != NULL)
		second_switch(ctx, m->flow, SECOND_AWAKE);
}

void second_on_pkt_tcp(struct second_ctx *ctx, const struct pkt_tcp *m)
{
	log_line("second packet %u.%u at %" PRIu64 ": server bytes %" PRIu64,
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->flow_server_bytes);
	if (m->time % 13 == 0)
		second_drop_packet(ctx);
}
