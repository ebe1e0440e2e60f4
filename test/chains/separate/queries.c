#include "queries.gen.h"

#include "../log.h"

void queries_on_pkt_udp(struct queries_ctx *ctx, const struct pkt_udp *m)
{
	(void)ctx;
	log_line("queries at %u.%u from %" PRIu64, m->ip_src.bytes[3], m->udp_dport, m->time);
}
