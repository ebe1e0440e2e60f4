#include "listen.gen.h"

void listen_on_said(struct listen_ctx *ctx, const struct said *m)
{
	(void)ctx;
	(void)m;
}
