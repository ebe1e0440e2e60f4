#include "before.gen.h"

#include "../log.h"

void before_on_pkt_udp(struct before_ctx *ctx, const struct pkt_udp *m)
{
	(void)ctx;
	log_line("before hears 0.%u at %" PRIu64 ": %u", m->udp_dport, m->time, m->payload_len);
}
