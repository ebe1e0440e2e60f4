#include "after.gen.h"

#include "../log.h"

void after_on_pkt_udp(struct after_ctx *ctx, const struct pkt_udp *m)
{
	(void)ctx;
	log_line("after hears 0.%u at %" PRIu64 ": %u", m->udp_dport, m->time, m->payload_len);
}
