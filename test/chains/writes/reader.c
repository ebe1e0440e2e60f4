#include "reader.gen.h"

#include "../log.h"

void reader_on_packet(struct reader_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("reader %d %u %.*s", m->ip_src.bytes[m->ip_src.version == 6 ? 15 : 3],
		 m->tcp_dport, (int)m->payload_len, (const char *)m->payload);
}
