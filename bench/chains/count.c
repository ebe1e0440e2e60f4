/* count1: adds a field of each event to a counter of its flow. */
#include "count1.gen.h"

void count1_on_data_tcp(struct count1_ctx *ctx, const struct data_tcp *m)
{
	count1_state(ctx, m->flow)->bytes += m->len;
}
