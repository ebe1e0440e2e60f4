/* sum: reads every byte of each event, and adds them up by flow. */
#include "sum.gen.h"

void sum_on_data_tcp(struct sum_ctx *ctx, const struct data_tcp *m)
{
	uint32_t sum = 0; /* of one event: 64 KB at most */

	for (uint32_t i = 0; i < m->len; i++)
		sum += m->data[i];
	sum_state(ctx, m->flow)->sum += sum;
}
