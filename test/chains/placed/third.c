#include "third.gen.h"

#include "../log.h"

void third_on_note(struct third_ctx *ctx, const struct note *m)
{
	log_line("third note %u.%u at %" PRIu64 ": %u %.*s packets %" PRIu64,
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->seen,
		 (int)m->text.len, m->text.text, m->flow_packets);
	if (m->seen % 2 == 0)
		third_switch(ctx, m->flow, THIRD_HEARD);
	third_set_timer(ctx, m->flow, 1 + m->seen % 5);
}

static void marked(struct third_ctx *ctx, const struct mark *m, const char *as)
{
	log_line("third %s %u.%u at %" PRIu64 ": %" PRIu64, as, m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->number);
	if (m->number % 5 == 1)
		third_switch(ctx, m->flow, THIRD_AGAIN);
}

void third_on_mark(struct third_ctx *ctx, const struct mark *m)
{
	marked(ctx, m, "mark");
	if (m->number > 60)
		third_switch(ctx, m->flow, THIRD_MORE);
}

void third_on_more(struct third_ctx *ctx, const struct mark *m)
{
	marked(ctx, m, "more");
}

static void heard(struct third_ctx *ctx, const struct data_tcp *m, const char *as)
{
	log_line("third %s %u.%u at %" PRIu64 ": %" PRIu64 " '%.*s' packets %" PRIu64, as,
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->offset, (int)m->len,
		 (const char *)m->data, m->flow_packets);
	if (memchr(m->data, 't', m->len) != NULL)
		third_drop_packet(ctx);
}

void third_on_heard(struct third_ctx *ctx, const struct data_tcp *m)
{
	heard(ctx, m, "heard");
}

void third_on_again(struct third_ctx *ctx, const struct data_tcp *m)
{
	heard(ctx, m, "again");
}

void third_on_flow(struct third_ctx *ctx, const struct flow_tcp *m)
{
	(void)ctx;
	log_line("third flow %u.%u at %" PRIu64 ": packets %" PRIu64, m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->flow_packets);
}

void third_on_timer(struct third_ctx *ctx, const struct timer *m)
{
	struct third_state *state = third_state(ctx, m->flow);

	log_line("third timer %u.%u at %" PRIu64 ": ticks %u packets %" PRIu64,
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, state->ticks,
		 m->flow_packets);
	if (++state->ticks < 3)
		third_set_timer(ctx, m->flow, 2);
}
