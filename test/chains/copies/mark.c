#include "mark.gen.h"

void mark_on_packet(struct mark_ctx *ctx, const struct pkt_tcp *m)
{
	static const uint8_t marks[] = {'#', '#', '#', '#'};

	if (m->payload_len >= sizeof(marks))
		mark_set_payload(ctx, 0, marks, sizeof(marks));
}
