#include "sizes.gen.h"

#include "../log.h"

void sizes_on_pkt_udp(struct sizes_ctx *ctx, const struct pkt_udp *m)
{
	(void)ctx;
	log_line("sizes at %u.0 from %" PRIu64 ": %u", m->ip_src.bytes[3], m->time, m->payload_len);
}
