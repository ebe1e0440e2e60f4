#include "witness.gen.h"

#include "../log.h"

void witness_on_pkt_udp(struct witness_ctx *ctx, const struct pkt_udp *m)
{
	(void)ctx;
	log_line("packet %u", m->udp_dport);
}
