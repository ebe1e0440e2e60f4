/* Which CPU each thread of the dataplane is on. One process has one such deal; it is
 * made at the start, before anything runs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "program.h"
#include "thread.h"

struct cpus {
	unsigned int count;
	unsigned int cpu[LCORES_MAX]; /* those that the process may use, the last first */
	uint16_t users[LCORES_MAX];   /* threads of the dataplane on each */
	bool placed[LCORES_MAX];      /* a chain gives it to a function */
};

/* Looks at what the calling thread may use, and at what the program places. */
void cpus_find(struct cpus *c, const struct program *program);

/* The CPU for another thread: one that has the fewest, and of these one that no chain
 * gives to a function. */
unsigned int cpus_take(struct cpus *c);

/* The thread that has taken it does no work on it. */
void cpus_leave(struct cpus *c, unsigned int cpu);

/* The CPU that a chain gives to a function. False: this process may not use it. */
bool cpus_take_core(struct cpus *c, unsigned int core);

/* Whether several threads are on a CPU: then none of them may spin. */
bool cpus_shared(const struct cpus *c, unsigned int cpu);
