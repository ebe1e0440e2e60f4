/* The least of a scenario that still shows the mismatch. */
#pragma once

#include "judge.h"

void scenario_shrink(struct host *h, struct rte_mempool *pool, struct scenario *s);
