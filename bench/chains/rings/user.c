/* user: adds up fields of what another function publishes; the same as user.ts. */
#include "user.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

void user_on_seen(struct user_ctx *ctx, const struct seen *m)
{
	(void)ctx;
	bench_sum += m->length + m->window;
}
