/* a+ and a- begin and end all, k+ begins one of them. */
#include "hearer.gen.h"

void hearer_on_order(struct hearer_ctx *ctx, const struct data_tcp *m)
{
	static const enum hearer_callback on[] = {HEARER_HEARD, HEARER_PACKET, HEARER_REXMIT,
						  HEARER_GAP, HEARER_OVERLAP};

	if (m->len < 2)
		return;
	if (m->data[0] == 'a' && m->data[1] == '-')
		hearer_switch(ctx, m->flow, HEARER_IGNORE);
	if (m->data[0] == 'a' && m->data[1] == '+')
		for (int i = 0; i < 5; i++)
			hearer_switch(ctx, m->flow, on[i]);
	if (m->data[0] == 'k' && m->data[1] == '+')
		hearer_switch(ctx, m->flow, on[m->offset % 5]);
}

void hearer_on_heard(struct hearer_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	(void)m;
}

void hearer_on_packet(struct hearer_ctx *ctx, const struct pkt_tcp *m)
{
	(void)ctx;
	(void)m;
}

void hearer_on_rexmit(struct hearer_ctx *ctx, const struct flow_rexmit *m)
{
	(void)ctx;
	(void)m;
}

void hearer_on_gap(struct hearer_ctx *ctx, const struct flow_gap *m)
{
	(void)ctx;
	(void)m;
}

void hearer_on_overlap(struct hearer_ctx *ctx, const struct flow_overlap *m)
{
	(void)ctx;
	(void)m;
}
