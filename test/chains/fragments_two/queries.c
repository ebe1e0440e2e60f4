#include "queries.gen.h"

#include "../log.h"

void queries_on_pkt_udp(struct queries_ctx *ctx, const struct pkt_udp *m)
{
	(void)ctx;
	log_line("queries %u", m->udp_dport);
}
