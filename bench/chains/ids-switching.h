/* Handlers of the two signature functions that choose what they hear: once the application
 * is known, until an alert. Besides SIGNATURE, who includes this defines
 *
 *   #define CALLBACK(name) SIGNATURE_DYNAMIC_##name */
#pragma once

#include "ids-signature.h"

void SIGNATURE(on_detect)(signature_ctx *ctx, const struct dpi_detect *m)
{
	if (m->app != DPI_DETECT_APP_HTTP && m->app != DPI_DETECT_APP_SQL)
		return;
	SIGNATURE(switch)(ctx, m->flow, CALLBACK(CLIENT));
	SIGNATURE(switch)(ctx, m->flow, CALLBACK(SERVER));
}

void SIGNATURE(on_client)(signature_ctx *ctx, const struct data_tcp *m)
{
	if (hear_client(ctx, m))
		SIGNATURE(switch)(ctx, m->flow, CALLBACK(IGNORE));
}

void SIGNATURE(on_server)(signature_ctx *ctx, const struct data_tcp *m)
{
	hear_server(ctx, m);
}
