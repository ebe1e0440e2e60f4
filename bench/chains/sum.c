/* sum: reads every byte of each event, and adds them up by flow. */
#include <string.h>

#include "sum.gen.h"

/* Even and odd bytes are added in 16 bits each, eight at once: a vector takes 128 times
 * two bytes before it may be full. Byte by byte, gcc widens each to 32 bits first. */
typedef uint16_t lanes __attribute__((vector_size(16)));

#define LANES_BYTES (128 * sizeof(lanes))

static uint32_t lanes_sum(const uint8_t *data, const uint8_t *end)
{
	lanes sums = {0};
	uint32_t sum = 0;

	for (; data < end; data += sizeof(lanes)) {
		lanes words;

		memcpy(&words, data, sizeof(words));
		sums += (words & 0xff) + (words >> 8);
	}
	for (unsigned int i = 0; i < 8; i++)
		sum += sums[i];
	return sum;
}

void sum_on_data_tcp(struct sum_ctx *ctx, const struct data_tcp *m)
{
	const uint8_t *data = m->data, *end = data + m->len;
	uint32_t sum = 0; /* of one event: 64 KB at most */

	while ((size_t)(end - data) >= sizeof(lanes)) {
		size_t some = (size_t)(end - data) & ~(sizeof(lanes) - 1);

		some = some < LANES_BYTES ? some : LANES_BYTES;
		sum += lanes_sum(data, data + some);
		data += some;
	}
	while (data < end)
		sum += *data++;
	sum_state(ctx, m->flow)->sum += sum;
}
