/* How the answer of a worker becomes an event: what it publishes goes to a log
 * of its own, which runs through all stages before the next packets. */
#pragma once

#include "program.h"

/* Begins what chain.runner points to. */
struct chain_publications {
	struct burst *burst;
};

/* A record of `slots` slots, its head zeroed, for the caller to fill. NULL when
 * the log is full: the answer has to be tried again. */
static inline struct event *chain_publication(struct chain *c, unsigned int slots)
{
	struct event_log *log = &((struct chain_publications *)c->runner)->burst->log;

	return event_log_room(log) < slots ? NULL : event_log_append(log, slots);
}
