#include "judge.gen.h"

static bool begins(const struct data_tcp *m, const char *word)
{
	size_t len = strlen(word);

	return m->len >= len && memcmp(m->data, word, len) == 0;
}

void judge_on_data_tcp(struct judge_ctx *ctx, const struct data_tcp *m)
{
	if (begins(m, "drop"))
		judge_drop_packet(ctx);
	if (begins(m, "flow"))
		judge_drop_flow(ctx, m->flow);
	if (begins(m, "reset"))
		judge_reset_flow(ctx, m->flow);
}

void judge_on_udp(struct judge_ctx *ctx, const struct pkt_udp *m)
{
	(void)m;
	judge_drop_packet(ctx);
}
