/* judge: drops packets to a port that no packet has; the same as judge.ts. */
#include "judge.gen.h"

void judge_on_pkt_tcp(struct judge_ctx *ctx, const struct pkt_tcp *m)
{
	if (m->tcp_dport == 0)
		judge_drop_packet(ctx);
}
