/* signature_dynamic: see ids-dynamic.mbx. */
#include "signature_dynamic.gen.h"

#include "ids-match.h"

static void tell(struct signature_dynamic_ctx *ctx, struct mbx_flow flow,
		 const struct signature *found)
{
	struct ids_alert alert = {.flow = flow, .signature = found->number, .severity = 1};

	alert.message.len = mbx_text_copy(alert.message.text, sizeof(alert.message.text),
					  found->message, strlen(found->message));
	signature_dynamic_publish_ids_alert(ctx, &alert);
}

void signature_dynamic_on_detect(struct signature_dynamic_ctx *ctx, const struct dpi_detect *m)
{
	if (m->app != DPI_DETECT_APP_HTTP && m->app != DPI_DETECT_APP_SQL)
		return;
	signature_dynamic_switch(ctx, m->flow, SIGNATURE_DYNAMIC_CLIENT);
	signature_dynamic_switch(ctx, m->flow, SIGNATURE_DYNAMIC_SERVER);
}

void signature_dynamic_on_client(struct signature_dynamic_ctx *ctx, const struct data_tcp *m)
{
	struct signature_dynamic_state *state = signature_dynamic_state(ctx, m->flow);
	const struct signature *found;

	if (state->done)
		return;
	found = signature_in_client(state->tail.bytes, &state->tail.len, m->data, m->len);
	if (found == NULL)
		return;
	state->done = true;
	tell(ctx, m->flow, found);
	signature_dynamic_drop_flow(ctx, m->flow);
	signature_dynamic_switch(ctx, m->flow, SIGNATURE_DYNAMIC_IGNORE);
}

void signature_dynamic_on_server(struct signature_dynamic_ctx *ctx, const struct data_tcp *m)
{
	const struct signature *found = NULL;

	if (!signature_dynamic_state(ctx, m->flow)->done)
		found = signature_in_server(m->offset, m->data, m->len);
	if (found != NULL)
		tell(ctx, m->flow, found);
}
