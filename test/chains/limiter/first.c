#include "first.gen.h"

#include "../log.h"

void first_on_data_tcp(struct first_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("first %" PRIu64 " %.*s", m->offset, (int)m->len, (const char *)m->data);
}
