/* How long packets were with an lcore, from receive to transmit, in cycles of the
 * timestamp counter: how many of them took how long. A power of two is cut into
 * LATENCY_STEPS, so a value is known to a sixteenth of it. */
#pragma once

#include <stdint.h>

#define LATENCY_STEPS 16u
#define LATENCY_BUCKETS (61u * LATENCY_STEPS)

struct latency {
	uint64_t packets;
	uint64_t longest;
	uint64_t bucket[LATENCY_BUCKETS];
};

static inline uint32_t latency_bucket(uint64_t cycles)
{
	uint32_t log = 63u - (uint32_t)__builtin_clzll(cycles | 1);

	if (cycles < LATENCY_STEPS)
		return (uint32_t)cycles;
	return (log - 3) * LATENCY_STEPS + (uint32_t)((cycles >> (log - 4)) % LATENCY_STEPS);
}

/* Packets of one burst, which all came and left together. */
static inline void latency_add(struct latency *l, uint64_t cycles, uint64_t packets)
{
	if (packets == 0)
		return;
	l->packets += packets;
	l->bucket[latency_bucket(cycles)] += packets;
	if (cycles > l->longest)
		l->longest = cycles;
}

void latency_merge(struct latency *into, const struct latency *from);

/* What so many per cent of the packets took at most; 0 where there were none. */
uint64_t latency_percentile(const struct latency *l, unsigned int percent);
