/* Parts of dataplane.c: the array of runtime/control/counters.ts. */
#pragma once

#include "distributor.h"

/* Of all instances, and of the ports before them. */
void counters_of_all(struct runner *main, double *into);
/* Of one of them. */
void counters_of(struct runner *r, double *into);
