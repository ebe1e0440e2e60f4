#include "behind.gen.h"

#include "../log.h"

void behind_on_said(struct behind_ctx *ctx, const struct said *m)
{
	(void)ctx;
	log_line("behind said %u %" PRIu64 " at %" PRIu64, m->flow_client_port, m->offset,
		 m->time / 1000 % 1000000000000ull);
}
