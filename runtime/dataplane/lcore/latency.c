#include "latency.h"

#include <rte_common.h>

void latency_merge(struct latency *into, const struct latency *from)
{
	into->packets += from->packets;
	into->longest = RTE_MAX(into->longest, from->longest);
	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
}

/* The largest value that is counted in a bucket. */
static uint64_t bucket_end(uint32_t bucket)
{
	uint32_t shift;

	if (bucket < LATENCY_STEPS)
		return bucket;
	shift = bucket / LATENCY_STEPS - 1;
	return ((LATENCY_STEPS + bucket % LATENCY_STEPS + 1ull) << shift) - 1;
}

uint64_t latency_percentile(const struct latency *l, unsigned int percent)
{
	uint64_t seen = 0;

	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++) {
		seen += l->bucket[i];
		if (seen > 0 && seen * 100 >= l->packets * percent)
			return RTE_MIN(bucket_end(i), l->longest);
	}
	return 0;
}
