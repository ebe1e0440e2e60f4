#include "hear.gen.h"

#include <stdio.h>

void hear_on_said(struct hear_ctx *ctx, const struct said *m)
{
	(void)ctx;
	fprintf(stderr, "heard of %u bytes\n", m->bytes);
}
