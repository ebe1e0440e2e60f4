/* Threads of network functions in C that run on other cores than their stacks: one
 * for each such function, chain and instance. */
#pragma once

#include <pthread.h>

#include "../fault.h"
#include "../ring/inlet.h"
#include "runner.h"

struct native {
	struct inlet inlet; /* first: its words have lines of their own */
	struct chain_run *run;
	uint8_t number; /* of the function in its chain */
	const struct program_chain *chain;
	const struct program_nf *nf;
	pthread_t thread;
	unsigned int cpu;
	bool spins; /* its CPU is its own */
	bool begun; /* the thread exists */
	bool stuck; /* its handler did not return in time */
} __rte_cache_aligned;

struct natives {
	unsigned int count; /* of these that exist */
	struct native native[];
};

/* For all instances of a runner, whose chains exist. What was begun when it fails is
 * for natives_close(). */
int natives_open(struct runner *main, struct fault *fault);

/* Nobody takes answers any more: each thread ends after the handler that it is in. What
 * it has not handled counts as lost. One that does not end is warned of. */
void natives_stop(struct runner *main);

/* No handler is called any more when this returns. False: one does not return, and
 * nothing that it may use may be given back. */
bool natives_close(struct runner *main);

static inline unsigned int natives_count(const struct runner *main)
{
	return main->natives != NULL ? main->natives->count : 0;
}
