#include "asks.gen.h"

void asks_on_data_tcp(struct asks_ctx *ctx, const struct data_tcp *m)
{
	asks_publish_asked(ctx, &(struct asked){.flow = m->flow, .length = m->len});
}
