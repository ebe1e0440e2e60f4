/* What the handlers of the five signature functions have in common. A function's name is
 * part of all its calls, so who includes this says how it is called:
 *
 *   #define SIGNATURE(verb) signature_all_##verb */
#pragma once

#include "ids-match.h"

typedef struct SIGNATURE(ctx) signature_ctx;
typedef struct SIGNATURE(state) signature_state;
typedef struct SIGNATURE(instance) signature_instance;

struct SIGNATURE(instance) {
	struct matcher matcher;
};

void SIGNATURE(on_stop)(signature_instance *own)
{
	matcher_end(&own->matcher);
	free(own);
}

signature_instance *SIGNATURE(on_start)(char *why, size_t size)
{
	signature_instance *own = calloc(1, sizeof(*own));

	if (own == NULL || matcher_begin(&own->matcher, why, size))
		return own;
	SIGNATURE(on_stop)(own);
	return NULL;
}

static inline void tell(signature_ctx *ctx, struct mbx_flow flow, const struct signature *found)
{
	struct ids_alert alert = {.flow = flow, .signature = found->number, .severity = 1};

	alert.message.len = mbx_text_copy(alert.message.text, sizeof(alert.message.text),
					  found->message, strlen(found->message));
	SIGNATURE(publish_ids_alert)(ctx, &alert);
}

/* True: an attack, of which is told; its flow is dropped. */
static inline bool hear_client(signature_ctx *ctx, const struct data_tcp *m)
{
	signature_state *state = SIGNATURE(state)(ctx, m->flow);
	const struct signature *found;

	if (state->done)
		return false;
	found = signature_in_client(&SIGNATURE(instance)(ctx)->matcher, state->tail.bytes,
				    &state->tail.len, m->data, m->len);
	if (found == NULL)
		return false;
	state->done = true;
	tell(ctx, m->flow, found);
	SIGNATURE(drop_flow)(ctx, m->flow);
	return true;
}

static inline void hear_server(signature_ctx *ctx, const struct data_tcp *m)
{
	const struct signature *found = NULL;

	if (!SIGNATURE(state)(ctx, m->flow)->done)
		found = signature_in_server(&SIGNATURE(instance)(ctx)->matcher, m->offset, m->data,
					    m->len);
	if (found != NULL)
		tell(ctx, m->flow, found);
}
