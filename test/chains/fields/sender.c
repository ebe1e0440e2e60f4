#include "sender.gen.h"

#include "../log.h"

void sender_on_flow_udp(struct sender_ctx *ctx, const struct flow_udp *m)
{
	log_line("sender udp %u phase %d", m->flow_client_port, m->phase);
	if (m->phase != 0)
		return;
	sender_set_timer(ctx, m->flow, 3);
	sender_publish_sent(ctx, &(struct sent){
				     .flow = m->flow,
				     .b = true,
				     .a8 = 200,
				     .a16 = 60000,
				     .a32 = 4000000000u,
				     .a64 = LIMIT + 1,
				     .s32 = -7,
				     .s64 = -5000000001,
				     .address = VIP,
				     .six = {.bytes = {0x20, 1, 0xd, 0xb8, [15] = 1}, .version = 6},
				     .link = {{2, 0, 0, 0, 0, 0xab}},
				     .when = 1700000000123000000,
				     .took = 1500000,
				     .raw = {.len = 3, .bytes = {1, 0, 255}},
				     .words = MBX_TEXT("gr\303\274n"),
				     .colour = COLOUR_BLUE,
				     .own = SENT_OWN_Y,
				 });
}

void sender_on_timer(struct sender_ctx *ctx, const struct timer *m)
{
	(void)ctx;
	log_line("sender timer %u at %" PRIu64, m->flow_client_port,
		 (m->time - 1700000000000000000) / 1000000);
}
