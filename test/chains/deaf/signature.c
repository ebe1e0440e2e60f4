#include "signature.gen.h"

#include "../log.h"

void signature_on_detected(struct signature_ctx *ctx, const struct detected *m)
{
	signature_switch(ctx, m->flow, m->wanted ? SIGNATURE_HEARD : SIGNATURE_IGNORE);
}

void signature_on_heard(struct signature_ctx *ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("heard %" PRIu64 " %u", m->offset, m->len);
}
