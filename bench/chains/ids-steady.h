/* Handlers of the two signature functions that hear clients for as long as they send:
 * whatever the application is. */
#pragma once

#include "ids-signature.h"

void SIGNATURE(on_detect)(signature_ctx *ctx, const struct dpi_detect *m)
{
}

void SIGNATURE(on_client)(signature_ctx *ctx, const struct data_tcp *m)
{
	hear_client(ctx, m);
}
