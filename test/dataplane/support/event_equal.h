/* Whether two monitors raised the same event. */
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
