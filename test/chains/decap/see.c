#include "see.gen.h"

#include "../log.h"

void see_on_pkt_ip(struct see_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("outside %u.%u %u %u %u", m->ip_src.bytes[0], m->ip_src.bytes[3], m->ip_proto,
		 m->udp_dport, (unsigned int)m->payload_len);
}
