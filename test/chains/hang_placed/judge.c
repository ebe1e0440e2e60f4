#include "judge.gen.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HANG "hang a while"
#define WHILE_US 2500000 /* longer than a burst waits */

void judge_on_data_tcp(struct judge_ctx *ctx, const struct data_tcp *m)
{
	if (m->len < sizeof(HANG) - 1 || memcmp(m->data, HANG, sizeof(HANG) - 1) != 0)
		return;
	fprintf(stderr, "judge hangs\n");
	usleep(WHILE_US);
	fprintf(stderr, "judge goes on\n");
	judge_publish_said(ctx, &(struct said){.flow = m->flow, .bytes = m->len});
}

void judge_on_lost(struct judge_ctx *ctx, uint32_t count)
{
	(void)ctx;
	fprintf(stderr, "judge was not given %u\n", count);
}
