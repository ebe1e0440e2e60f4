/* packet: adds up fields of each packet; the same as packet.ts. */
#include "packet.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void packet_on_pkt_tcp(struct packet_ctx *ctx, const struct pkt_tcp *m)
{
	(void)ctx;
	bench_sum += m->ip_length + m->tcp_window + m->tcp_dport;
}
