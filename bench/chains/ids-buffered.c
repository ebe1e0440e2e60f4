/* signature_buffered: see ids-buffered.mbx. */
#include "signature_buffered.gen.h"

#include "ids-match.h"

static void tell(struct signature_buffered_ctx *ctx, struct mbx_flow flow,
		 const struct signature *found)
{
	struct ids_alert alert = {.flow = flow, .signature = found->number, .severity = 1};

	alert.message.len = mbx_text_copy(alert.message.text, sizeof(alert.message.text),
					  found->message, strlen(found->message));
	signature_buffered_publish_ids_alert(ctx, &alert);
}

void signature_buffered_on_detect(struct signature_buffered_ctx *ctx, const struct dpi_detect *m)
{
	if (m->app != DPI_DETECT_APP_HTTP && m->app != DPI_DETECT_APP_SQL)
		return;
	signature_buffered_switch(ctx, m->flow, SIGNATURE_BUFFERED_CLIENT);
	signature_buffered_switch(ctx, m->flow, SIGNATURE_BUFFERED_SERVER);
}

void signature_buffered_on_client(struct signature_buffered_ctx *ctx, const struct data_tcp *m)
{
	struct signature_buffered_state *state = signature_buffered_state(ctx, m->flow);
	const struct signature *found;

	if (state->done)
		return;
	found = signature_in_client(state->tail.bytes, &state->tail.len, m->data, m->len);
	if (found == NULL)
		return;
	state->done = true;
	tell(ctx, m->flow, found);
	signature_buffered_drop_flow(ctx, m->flow);
	signature_buffered_switch(ctx, m->flow, SIGNATURE_BUFFERED_IGNORE);
}

void signature_buffered_on_server(struct signature_buffered_ctx *ctx, const struct data_tcp *m)
{
	const struct signature *found = NULL;

	if (!signature_buffered_state(ctx, m->flow)->done)
		found = signature_in_server(m->offset, m->data, m->len);
	if (found != NULL)
		tell(ctx, m->flow, found);
}
