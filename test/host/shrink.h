/* The least of a scenario that still shows the mismatch that `kind` begins to tell. */
#pragma once

#include "judge.h"

void scenario_shrink(struct host *h, struct rte_mempool *pool, struct scenario *s,
		     const char *kind);
