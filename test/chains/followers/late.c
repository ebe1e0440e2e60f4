/* b+ begins all, b- ends all. */
#include "late.gen.h"

void late_on_order(struct late_ctx *ctx, const struct data_tcp *m)
{
	if (m->len < 2)
		return;
	if (m->data[0] == 'b' && m->data[1] == '-')
		late_switch(ctx, m->flow, LATE_IGNORE);
	if (m->data[0] == 'b' && m->data[1] == '+') {
		late_switch(ctx, m->flow, LATE_HEARD);
		late_switch(ctx, m->flow, LATE_PACKET);
		late_switch(ctx, m->flow, LATE_END);
	}
}

void late_on_heard(struct late_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	(void)m;
}

void late_on_packet(struct late_ctx *ctx, const struct pkt_tcp *m)
{
	(void)ctx;
	(void)m;
}

void late_on_end(struct late_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	(void)m;
}
