/* signature_needed: see ids-needed.mbx. */
#include "signature_needed.gen.h"

#define SIGNATURE(verb) signature_needed_##verb

#include "ids-steady.h"

void signature_needed_on_server(struct signature_needed_ctx *ctx, const struct data_tcp *m)
{
	hear_server(ctx, m);
}
