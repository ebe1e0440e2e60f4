/* ear_c: tells all that it hears; the same as ear_ts.ts. */
#include "ear_c.gen.h"

#include "../log.h"

#define EPOCH 1700000000000000000

#define TELL(event, format, ...)                                                                   \
	log_line("ear_c " event " at %" PRIu64 " flow %u port %u ttl %u" format,                   \
		 (m->time - EPOCH) / 1000, m->flow.generation, m->flow_client_port, m->ip_ttl,     \
		 ##__VA_ARGS__)

void ear_c_on_pkt(struct ear_c_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	TELL("PKT", "");
}

void ear_c_on_pkt_ip(struct ear_c_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	TELL("PKT_IP", "");
}

void ear_c_on_pkt_tcp(struct ear_c_ctx *ctx, const struct pkt_tcp *m)
{
	(void)ctx;
	TELL("PKT_TCP", "");
}

void ear_c_on_pkt_udp(struct ear_c_ctx *ctx, const struct pkt_udp *m)
{
	(void)ctx;
	TELL("PKT_UDP", "");
}

void ear_c_on_pkt_icmp(struct ear_c_ctx *ctx, const struct pkt_icmp *m)
{
	(void)ctx;
	TELL("PKT_ICMP", "");
}

void ear_c_on_pkt_malformed(struct ear_c_ctx *ctx, const struct pkt_malformed *m)
{
	(void)ctx;
	TELL("PKT_MALFORMED", " reason %" PRIu64, (uint64_t)m->reason);
}

void ear_c_on_flow_tcp(struct ear_c_ctx *ctx, const struct flow_tcp *m)
{
	(void)ctx;
	TELL("FLOW_TCP", "");
}

void ear_c_on_flow_start(struct ear_c_ctx *ctx, const struct flow_start *m)
{
	ear_c_set_timer(ctx, m->flow, 3);
	TELL("FLOW_START", " midstream %" PRIu64, (uint64_t)m->midstream);
}

void ear_c_on_flow_established(struct ear_c_ctx *ctx, const struct flow_established *m)
{
	(void)ctx;
	TELL("FLOW_ESTABLISHED", "");
}

void ear_c_on_flow_rexmit(struct ear_c_ctx *ctx, const struct flow_rexmit *m)
{
	(void)ctx;
	TELL("FLOW_REXMIT", " dir %" PRIu64 " offset %" PRIu64 " length %" PRIu64, (uint64_t)m->dir,
	     (uint64_t)m->offset, (uint64_t)m->length);
}

void ear_c_on_flow_overlap(struct ear_c_ctx *ctx, const struct flow_overlap *m)
{
	(void)ctx;
	TELL("FLOW_OVERLAP",
	     " dir %" PRIu64 " offset %" PRIu64 " length %" PRIu64 " conflict %" PRIu64,
	     (uint64_t)m->dir, (uint64_t)m->offset, (uint64_t)m->length, (uint64_t)m->conflict);
}

void ear_c_on_flow_gap(struct ear_c_ctx *ctx, const struct flow_gap *m)
{
	(void)ctx;
	TELL("FLOW_GAP", " dir %" PRIu64 " offset %" PRIu64 " length %" PRIu64, (uint64_t)m->dir,
	     (uint64_t)m->offset, (uint64_t)m->length);
}

void ear_c_on_flow_end(struct ear_c_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	TELL("FLOW_END", " reason %" PRIu64, (uint64_t)m->reason);
}

void ear_c_on_flow_udp(struct ear_c_ctx *ctx, const struct flow_udp *m)
{
	(void)ctx;
	TELL("FLOW_UDP", " phase %" PRIu64, (uint64_t)m->phase);
}

void ear_c_on_flow_icmp(struct ear_c_ctx *ctx, const struct flow_icmp *m)
{
	(void)ctx;
	TELL("FLOW_ICMP", " phase %" PRIu64, (uint64_t)m->phase);
}

void ear_c_on_flow_icmp_error(struct ear_c_ctx *ctx, const struct flow_icmp_error *m)
{
	(void)ctx;
	TELL("FLOW_ICMP_ERROR",
	     " dir %" PRIu64 " kind %" PRIu64 " type %" PRIu64 " code %" PRIu64 " mtu %" PRIu64,
	     (uint64_t)m->dir, (uint64_t)m->kind, (uint64_t)m->type, (uint64_t)m->code,
	     (uint64_t)m->mtu);
}

void ear_c_on_timer(struct ear_c_ctx *ctx, const struct timer *m)
{
	(void)ctx;
	TELL("TIMER", "");
}

void ear_c_on_data_tcp(struct ear_c_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	TELL("DATA_TCP", " dir %" PRIu64 " offset %" PRIu64 " bytes %.*s", (uint64_t)m->dir,
	     (uint64_t)m->offset, (int)m->len, (const char *)m->data);
}

void ear_c_on_note(struct ear_c_ctx *ctx, const struct note *m)
{
	(void)ctx;
	TELL("NOTE", " number %" PRIu64, (uint64_t)m->number);
}
