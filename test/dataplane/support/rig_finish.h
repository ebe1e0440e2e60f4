/* The end of a stack in a test with cmocka: nothing is left behind, whatever the test did. */
#pragma once

#include "monitor_rig.h"

static inline void rig_assert_empty(const struct rig *r)
{
	assert_int_equal(r->chunks.available, r->chunks.capacity);
	assert_int_equal(flow_table_in_use(r->stack.table), 0);
	assert_int_equal(r->stack.wheel.armed, 0);
	assert_int_equal(rte_mempool_in_use_count(r->pool), 0);
}

/* Ends all flows at `now`, and closes the rig. */
static inline void rig_finish(struct rig *r, uint64_t now)
{
	rig_end(r, now);
	rig_assert_empty(r);
	rig_close(r);
}
