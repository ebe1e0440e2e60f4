#include "guard.gen.h"

void guard_on_order(struct guard_ctx *ctx, const struct data_tcp *m)
{
	if (m->data[0] == 'k' && m->offset % 3 == 0)
		guard_drop_packet(ctx);
}
