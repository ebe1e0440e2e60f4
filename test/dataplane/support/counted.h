/* Counters by their names. */
#pragma once

#include <string.h>

#include "lcore/counters.h"

static inline double counter_named(const double *counters, const char *name)
{
	for (unsigned int i = 0; i < counter_count; i++)
		if (strcmp(counter_infos[i].name, name) == 0)
			return counters[i];
	fail_msg("no counter %s", name);
	return 0;
}
