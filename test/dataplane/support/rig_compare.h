/* Whether two monitors raised the same. */
#pragma once

#include "monitor_rig.h"

static inline bool rig_event_equal(const struct rig *a, const struct rig_event *x,
				   const struct rig *b, const struct rig_event *y)
{
	if (x->type != y->type || x->dir != y->dir || x->reason != y->reason ||
	    x->flags != y->flags || x->time != y->time || x->offset != y->offset ||
	    x->length != y->length || x->seq != y->seq || x->icmp != y->icmp ||
	    x->has_packet != y->has_packet || x->flow != y->flow)
		return false;
	return x->type != EVENT_DATA_TCP ||
	       memcmp(a->bytes + x->bytes, b->bytes + y->bytes, x->length) == 0;
}

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
