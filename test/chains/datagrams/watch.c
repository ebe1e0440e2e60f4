#include "watch.gen.h"

#include "../log.h"

static bool is(const uint8_t *payload, uint32_t len, const char *word)
{
	return len == strlen(word) && memcmp(payload, word, len) == 0;
}

void watch_on_udp(struct watch_ctx *ctx, const struct flow_udp *m)
{
	uint32_t datagrams = watch_state(ctx, m->flow)->datagrams;

	log_line("udp %u %s %u %" PRIu64, m->flow_client_port,
		 m->phase == FLOW_PHASE_START ? "start" : "end", datagrams, m->flow_packets);
	if (m->phase == FLOW_PHASE_START)
		watch_set_timer(ctx, m->flow, 10);
	else
		watch_publish_asked(ctx, &(struct asked){.flow = m->flow, .datagrams = datagrams});
}

void watch_on_datagram(struct watch_ctx *ctx, const struct pkt_udp *m)
{
	uint32_t datagrams = ++watch_state(ctx, m->flow)->datagrams;

	log_line("datagram %u %u %.*s", m->flow_client_port, datagrams, (int)m->payload_len,
		 (const char *)m->payload);
	if (is(m->payload, m->payload_len, "drop"))
		watch_drop_flow(ctx, m->flow);
	if (is(m->payload, m->payload_len, "ignore"))
		watch_switch(ctx, m->flow, WATCH_IGNORE);
}

void watch_on_icmp(struct watch_ctx *ctx, const struct flow_icmp *m)
{
	bool start = m->phase == FLOW_PHASE_START;

	log_line("icmp %u %s %" PRIu64, m->flow_client_port, start ? "start" : "end",
		 m->flow_packets);
	if (start)
		watch_publish_pinged(
		    ctx, &(struct pinged){.flow = m->flow, .client = m->flow_client_ip});
}

void watch_on_message(struct watch_ctx *ctx, const struct pkt_icmp *m)
{
	log_line("message %u of %u %u", m->icmp_type, m->flow_protocol, m->flow_client_port);
	if (is(m->payload, m->payload_len, "drop"))
		watch_drop_flow(ctx, m->flow);
}

void watch_on_error(struct watch_ctx *ctx, const struct flow_icmp_error *m)
{
	log_line("error %d %u/%u %s %u of %u %u", m->kind, m->type, m->code,
		 m->dir == MBX_CLIENT ? "client" : "server", m->mtu, m->flow_protocol,
		 m->flow_client_port);
	watch_publish_failed(ctx, &(struct failed){.flow = m->flow, .kind = (uint8_t)m->kind});
}

void watch_on_timer(struct watch_ctx *ctx, const struct timer *m)
{
	log_line("timer %u %u", m->flow_client_port, watch_state(ctx, m->flow)->datagrams);
}
