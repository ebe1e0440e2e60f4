#include "pen.gen.h"

#include "../log.h"

void pen_on_data_tcp(struct pen_ctx *ctx, const struct data_tcp *m)
{
	static const uint8_t over[] = "written";

	log_line("pen data %u.%u at %" PRIu64 ": %" PRIu64 " '%.*s'", m->flow_client_ip.bytes[3],
		 m->flow_client_port, m->time, m->offset, (int)m->len, (const char *)m->data);
	if (m->len > 8 && memchr(m->data, 'w', m->len) != NULL)
		pen_set_payload(ctx, 1, over, sizeof(over) - 1);
	if (m->time % 3 == 0)
		pen_set_ip_ttl(ctx, (uint8_t)(1 + m->offset % 200));
	if (m->time % 11 == 0)
		pen_set_ip_dst(ctx, (struct mbx_ip){.bytes = {10, 9, 8, 7}, .version = 4});
}
