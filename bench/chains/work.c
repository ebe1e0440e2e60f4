/* work1: multiplies so often, one after the other, that it takes some hundreds of
 * cycles, whatever the event has. */
#include "work1.gen.h"

#define ROUNDS 100

void work1_on_data_tcp(struct work1_ctx *ctx, const struct data_tcp *m)
{
	uint64_t hash = m->offset | 1;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		hash *= 0x9e3779b97f4a7c15ull;
		__asm__("" : "+r"(hash));
	}
	if (hash == 0) /* never: an odd number stays odd */
		work1_drop_packet(ctx);
}
