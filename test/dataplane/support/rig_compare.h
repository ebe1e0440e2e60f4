/* Whether two monitors raised the same. */
#pragma once

#include "event_equal.h"

/* Events in order, verdicts and counters. */
static inline void rigs_equal(const struct rig *a, const struct rig *b, unsigned int burst)
{
	size_t count = RTE_MIN(a->event_count, b->event_count);

	for (size_t i = 0; i < count; i++)
		if (!rig_event_equal(a, &a->events[i], b, &b->events[i])) {
			print_message("bursts of %u differ at event %zu: type %u and %u\n", burst,
				      i, a->events[i].type, b->events[i].type);
			fail();
		}
	assert_int_equal(a->event_count, b->event_count);
	assert_int_equal(a->verdict_count, b->verdict_count);
	assert_memory_equal(a->verdicts, b->verdicts, a->verdict_count);
	assert_memory_equal(&a->counters, &b->counters, sizeof(a->counters));
}
