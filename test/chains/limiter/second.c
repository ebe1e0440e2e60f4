#include "second.gen.h"

#include <string.h>

#include "../log.h"

void second_on_data(struct second_ctx *ctx, const struct data_tcp *m)
{
	log_line("second %" PRIu64 " %.*s", m->offset, (int)m->len, (const char *)m->data);
	if (memchr(m->data, '!', m->len) != NULL)
		second_drop_packet(ctx);
	if (memchr(m->data, '.', m->len) != NULL)
		second_switch(ctx, m->flow, SECOND_IGNORE);
}
