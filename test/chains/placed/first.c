#include "first.gen.h"

#include "../log.h"

static bool has(const struct data_tcp *m, char letter)
{
	return memchr(m->data, letter, m->len) != NULL;
}

void first_on_life(struct first_ctx *ctx, const struct flow_tcp *m)
{
	log_line("first life %u.%u at %" PRIu64 ": packets %" PRIu64 " bytes %" PRIu64
		 " state %d calls %u",
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->flow_packets,
		 m->flow_client_bytes, m->flow_state, first_state(ctx, m->flow)->calls++);
}

static void heard(struct first_ctx *ctx, const struct data_tcp *m, const char *as)
{
	log_line("first %s %u.%u at %" PRIu64 ": %s %" PRIu64 " '%.*s' packets %" PRIu64
		 " bytes %" PRIu64 " state %d calls %u",
		 as, m->flow_client_ip.bytes[3], m->flow_client_port, m->time,
		 m->dir == MBX_CLIENT ? "client" : "server", m->offset, (int)m->len,
		 (const char *)m->data, m->flow_packets, m->flow_client_bytes, m->flow_state,
		 first_state(ctx, m->flow)->calls++);
	if (has(m, 'm'))
		first_publish_mark(
		    ctx, &(struct mark){
			     .flow = m->flow,
			     .number = m->offset,
			     .side = m->dir == MBX_CLIENT ? MARK_SIDE_CLIENT : MARK_SIDE_SERVER,
			 });
}

void first_on_data(struct first_ctx *ctx, const struct data_tcp *m)
{
	heard(ctx, m, "data");
	if (has(m, 'i'))
		first_switch(ctx, m->flow, FIRST_OTHER);
}

void first_on_other(struct first_ctx *ctx, const struct data_tcp *m)
{
	heard(ctx, m, "other");
	if (has(m, 'a'))
		first_switch(ctx, m->flow, FIRST_DATA);
}
