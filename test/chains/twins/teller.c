/* teller: tells of each connection. */
#include "teller.gen.h"

void teller_on_flow_start(struct teller_ctx *ctx, const struct flow_start *m)
{
	teller_publish_note(ctx, &(struct note){.flow = m->flow, .number = m->flow.generation});
}
