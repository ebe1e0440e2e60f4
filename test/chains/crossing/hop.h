/* One function of several alike: HOP is its name, NUMBER which one it is. What it does
 * depends on nothing that has no order: marks of functions beside each other. */
#include "../log.h"

#define PASTE(a, b) a##b
#define NAMED(a, b) PASTE(a, b)
#define CALL(name) NAMED(HOP, name)
#define TEXT(name) #name
#define NAME(name) TEXT(name)

static void publish(struct CALL(_ctx) * ctx, struct mbx_flow flow, uint64_t number)
{
	CALL(_publish_mark)(ctx, &(struct mark){.flow = flow, .by = NUMBER, .number = number});
}

void CALL(_on_mark)(struct CALL(_ctx) * ctx, const struct mark *m)
{
	log_line(NAME(HOP) " mark%u %u.%u at %" PRIu64 ": %" PRIu64 " packets %" PRIu64, m->by,
		 m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->number,
		 m->flow_packets);
	if (m->by == 0 && m->number % 5 == NUMBER)
		CALL(_switch)
	(ctx, m->flow, m->number % 2 ? NAMED(HOP_UPPER, _QUIET) : NAMED(HOP_UPPER, _AWAKE));
	if (m->by == 0 && m->number % 11 == NUMBER)
		CALL(_drop_packet)(ctx);
	if (m->number % 4 == NUMBER % 4)
		publish(ctx, m->flow, m->number + 1);
}

static void heard(struct CALL(_ctx) * ctx, const struct data_tcp *m, const char *as)
{
	log_line(NAME(HOP) " %s %u.%u at %" PRIu64 ": %d %" PRIu64 " '%.*s' packets %" PRIu64
			   " calls %u",
		 as, m->flow_client_ip.bytes[3], m->flow_client_port, m->time, m->dir, m->offset,
		 (int)m->len, (const char *)m->data, m->flow_packets,
		 CALL(_state)(ctx, m->flow)->calls++);
	for (uint32_t i = 0; i < m->len; i++) {
		if (m->data[i] == 'm')
			publish(ctx, m->flow, m->offset + i);
		if (m->data[i] == 'd' && (m->offset + i) % 3 == NUMBER % 3)
			CALL(_drop_packet)(ctx);
		if (m->data[i] == 'i' && (m->offset + i) % 4 == NUMBER % 4)
			CALL(_switch)(ctx, m->flow, NAMED(HOP_UPPER, _IGNORE));
		if (m->data[i] == 'x' && (m->offset + i) % 5 == NUMBER)
			CALL(_reset_flow)(ctx, m->flow);
	}
}

void CALL(_on_awake)(struct CALL(_ctx) * ctx, const struct data_tcp *m)
{
	heard(ctx, m, "awake");
	if (memchr(m->data, 'z', m->len) != NULL)
		CALL(_switch)(ctx, m->flow, NAMED(HOP_UPPER, _QUIET));
}

void CALL(_on_quiet)(struct CALL(_ctx) * ctx, const struct data_tcp *m)
{
	heard(ctx, m, "quiet");
	if (memchr(m->data, 'k', m->len) != NULL)
		CALL(_switch)(ctx, m->flow, NAMED(HOP_UPPER, _AWAKE));
}
