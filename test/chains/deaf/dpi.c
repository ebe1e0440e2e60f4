#include "dpi.gen.h"

#include "../log.h"

void dpi_on_data_tcp(struct dpi_ctx *ctx, const struct data_tcp *m)
{
	dpi_publish_detected(ctx, &(struct detected){.flow = m->flow, .wanted = m->data[0] == 'y'});
}
