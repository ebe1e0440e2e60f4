/* scan: takes every byte through a table of states, which finds a pattern; the same
 * as scan.ts. */
#include "scan.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

#define PATTERN 3
#define STATES (PATTERN + 1)

static const uint8_t pattern[PATTERN] = {0x41, 0x42, 0x41};
/* By state and byte: the state behind it. The last one has found the pattern. */
static uint16_t next[STATES * 256];

__attribute__((constructor)) static void next_init(void)
{
	for (unsigned int state = 0; state < STATES; state++)
		for (unsigned int byte = 0; byte < 256; byte++) {
			uint8_t seen[STATES];
			unsigned int known = state + 1;

			memcpy(seen, pattern, state);
			seen[state] = (uint8_t)byte;
			if (known > PATTERN)
				known = PATTERN;
			while (memcmp(pattern, seen + state + 1 - known, known) != 0)
				known--;
			next[state * 256 + byte] = (uint16_t)known;
		}
}

void scan_on_data_tcp(struct scan_ctx *ctx, const struct data_tcp *m)
{
	unsigned int state = 0, found = 0;

	(void)ctx;
	for (uint32_t i = 0; i < m->len; i++) {
		state = next[state << 8 | m->data[i]];
		found += state == STATES - 1;
	}
	bench_sum += found + state;
}
