/* Parts of dataplane.c: checks before anything is taken, and what is taken. */
#pragma once

#include "../port/laps.h"
#include "dataplane.h"
#include "runner.h"

/* Whether the options fit the program. Takes nothing. */
int options_check(const struct program *program, const struct dataplane_options *options,
		  struct fault *fault);

/* What does not have to be taken; a runner that is zero. */
void runner_describe(struct runner *r, const struct program *program,
		     const struct dataplane_options *options);
/* `part`: of a capture that is kept in memory; NULL: all of it. */
int runner_ports_open(struct runner *r, const struct dataplane_options *options,
		      const struct laps_part *part, struct fault *fault);
int runner_chains_open(struct runner *r, const struct runner_sizes *sizes, struct fault *fault);

/* On the thread that will run it: EAL, memory, ports, chains. On a fault what
 * was taken is for runner_close(). */
int runner_open(struct runner *r, const struct program *program,
		const struct dataplane_options *options, struct pool_plan *plan,
		struct fault *fault);
/* The same without the EAL, which runs already. */
int runner_take(struct runner *r, const struct program *program,
		const struct dataplane_options *options, bool hugepages, struct fault *fault);
/* Writes out the capture; what went wrong is a warning of the runner. */
void runner_finish(struct runner *r);
/* False: a handler in C does not return, and nothing was given back. */
bool runner_close(struct runner *r);
