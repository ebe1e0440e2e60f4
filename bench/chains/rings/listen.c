/* listen: hears what is published. */
#include "listen.gen.h"

void listen_on_heard(struct listen_ctx *ctx, const struct heard *m)
{
	(void)ctx;
	(void)m;
}
