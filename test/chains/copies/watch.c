#include "watch.gen.h"

#include "../log.h"

void watch_on_flow_start(struct watch_ctx *ctx, const struct flow_start *m)
{
	if (m->flow_client_port % 2 != 0)
		watch_switch(ctx, m->flow, WATCH_IGNORE);
}

void watch_on_overlap(struct watch_ctx *ctx, const struct flow_overlap *m)
{
	(void)ctx;
	log_line("watch %u %s %" PRIu64 " %" PRIu64, m->flow_client_port,
		 m->conflict == OVERLAP_CONFLICT_UNKNOWN ? "unknown" : "differs", m->offset,
		 (uint64_t)m->length);
}
