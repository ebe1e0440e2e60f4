/* A program written by hand: one chain between two ports whose only stage
 * forwards every packet that it is given. */
#pragma once

#include "lcore/program.h"

static inline void forward_stage(struct chain *c, struct burst *b)
{
	RTE_SET_USED(c);
	b->next = b->count;
	b->complete = 1;
}

static const struct stack_features forward_features;
static const char *const forward_ports[] = {"client", "server"};
static const char *const forward_events[] = {"PKT"};

static const struct program_chain forward_chain = {
    .name = "forward",
    .stack_name = "wire",
    .near = 0,
    .far = 1,
    .features = &forward_features,
    .stage_count = 1,
    .stage = {forward_stage},
    .waits_for = {PROGRAM_NO_OUTLET},
    .chain_size = sizeof(struct chain),
    .event_names = forward_events,
    .event_types = 1,
};

static const struct program_chain *const forward_chains[] = {&forward_chain};

static const struct program forward_program = {
    .name = "forward",
    .ports = forward_ports,
    .port_count = 2,
    .chains = forward_chains,
    .chain_count = 1,
};
