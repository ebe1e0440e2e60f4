/* ear: hears, and does nothing: the run counts what it heard. */
#include "ear.gen.h"

void ear_on_packet(struct ear_ctx *ctx, const struct pkt_tcp *m)
{
	(void)ctx;
	(void)m;
}

void ear_on_malformed(struct ear_ctx *ctx, const struct pkt_malformed *m)
{
	(void)ctx;
	(void)m;
}

void ear_on_start(struct ear_ctx *ctx, const struct flow_start *m)
{
	(void)ctx;
	(void)m;
}

void ear_on_established(struct ear_ctx *ctx, const struct flow_established *m)
{
	(void)ctx;
	(void)m;
}

void ear_on_rexmit(struct ear_ctx *ctx, const struct flow_rexmit *m)
{
	(void)ctx;
	(void)m;
}

void ear_on_overlap(struct ear_ctx *ctx, const struct flow_overlap *m)
{
	(void)ctx;
	(void)m;
}

void ear_on_gap(struct ear_ctx *ctx, const struct flow_gap *m)
{
	(void)ctx;
	(void)m;
}

void ear_on_end(struct ear_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	(void)m;
}

void ear_on_data(struct ear_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	(void)m;
}
