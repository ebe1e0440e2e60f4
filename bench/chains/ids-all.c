/* signature_all: see ids-all.mbx. */
#include "signature_all.gen.h"

#include "ids-match.h"

static void tell(struct signature_all_ctx *ctx, struct mbx_flow flow, const struct signature *found)
{
	struct ids_alert alert = {.flow = flow, .signature = found->number, .severity = 1};

	alert.message.len = mbx_text_copy(alert.message.text, sizeof(alert.message.text),
					  found->message, strlen(found->message));
	signature_all_publish_ids_alert(ctx, &alert);
}

/* It is given the same whatever the application is. */
void signature_all_on_detect(struct signature_all_ctx *ctx, const struct dpi_detect *m)
{
	(void)ctx;
	(void)m;
}

static void hear_client(struct signature_all_ctx *ctx, const struct data_tcp *m)
{
	struct signature_all_state *state = signature_all_state(ctx, m->flow);
	const struct signature *found;

	if (state->done)
		return;
	found = signature_in_client(state->tail.bytes, &state->tail.len, m->data, m->len);
	if (found == NULL)
		return;
	state->done = true;
	tell(ctx, m->flow, found);
	signature_all_drop_flow(ctx, m->flow);
}

static void hear_server(struct signature_all_ctx *ctx, const struct data_tcp *m)
{
	const struct signature *found = NULL;

	if (!signature_all_state(ctx, m->flow)->done)
		found = signature_in_server(m->offset, m->data, m->len);
	if (found != NULL)
		tell(ctx, m->flow, found);
}

void signature_all_on_data_tcp(struct signature_all_ctx *ctx, const struct data_tcp *m)
{
	if (m->dir == MBX_CLIENT)
		hear_client(ctx, m);
	else
		hear_server(ctx, m);
}
