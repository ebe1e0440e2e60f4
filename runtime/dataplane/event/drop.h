/* Which counter a drop's cause has. */
#pragma once

#include "burst.h"

/* NULL for what is no drop. */
uint64_t *verdict_counter(struct counters *c, enum verdict verdict);
