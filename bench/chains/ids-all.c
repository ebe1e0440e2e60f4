/* signature_all: see ids-all.mbx. */
#include "signature_all.gen.h"

#define SIGNATURE(verb) signature_all_##verb

#include "ids-signature.h"

/* It is given the same whatever the application is. */
void signature_all_on_detect(struct signature_all_ctx *ctx, const struct dpi_detect *m)
{
}

void signature_all_on_data_tcp(struct signature_all_ctx *ctx, const struct data_tcp *m)
{
	if (m->dir == MBX_CLIENT)
		hear_client(ctx, m);
	else
		hear_server(ctx, m);
}
