#include "strict.gen.h"

#include "../log.h"

void strict_on_pkt_udp(struct strict_ctx *ctx, const struct pkt_udp *m)
{
	log_line("strict %u %u", m->udp_dport, m->payload_len);
	if (m->payload_len >= 4 && memcmp(m->payload + m->payload_len - 4, "drop", 4) == 0)
		strict_drop_packet(ctx);
}
