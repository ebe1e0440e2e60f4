/* signature_client: see ids-client.mbx. */
#include "signature_client.gen.h"

#include "ids-match.h"

static void tell(struct signature_client_ctx *ctx, struct mbx_flow flow,
		 const struct signature *found)
{
	struct ids_alert alert = {.flow = flow, .signature = found->number, .severity = 1};

	alert.message.len = mbx_text_copy(alert.message.text, sizeof(alert.message.text),
					  found->message, strlen(found->message));
	signature_client_publish_ids_alert(ctx, &alert);
}

/* It is given the same whatever the application is. */
void signature_client_on_detect(struct signature_client_ctx *ctx, const struct dpi_detect *m)
{
	(void)ctx;
	(void)m;
}

void signature_client_on_client(struct signature_client_ctx *ctx, const struct data_tcp *m)
{
	struct signature_client_state *state = signature_client_state(ctx, m->flow);
	const struct signature *found;

	if (state->done)
		return;
	found = signature_in_client(state->tail.bytes, &state->tail.len, m->data, m->len);
	if (found == NULL)
		return;
	state->done = true;
	tell(ctx, m->flow, found);
	signature_client_drop_flow(ctx, m->flow);
}
