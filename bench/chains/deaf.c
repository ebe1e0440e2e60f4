/* deaf: hears nothing in a trace without malformed frames. */
#include "deaf.gen.h"

void deaf_on_pkt_malformed(struct deaf_ctx *ctx, const struct pkt_malformed *m)
{
	(void)ctx;
	(void)m;
}
