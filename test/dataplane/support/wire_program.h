/* A program of three instances whose one chain has no function. The test says what its
 * stage does. */
#pragma once

#include "lcore/program.h"

#define INSTANCES 3

static void stage(struct chain *c, struct burst *b);

static struct stack_features features;
static const char *const ports[] = {"client", "server"};
static const char *const events[] = {"PKT"};
static const struct program_chain chain = {
    .name = "wire",
    .stack_name = "wire",
    .near = 0,
    .far = 1,
    .features = &features,
    .fragments = 16,
    .stage_count = 1,
    .stage = {stage},
    .waits_for = {PROGRAM_NO_OUTLET},
    .chain_size = sizeof(struct chain),
    .event_names = events,
    .event_types = 1,
};
static const struct program_chain *const chains[] = {&chain};
static const struct program program = {.name = "wire",
				       .ports = ports,
				       .port_count = 2,
				       .chains = chains,
				       .chain_count = 1,
				       .cores = INSTANCES};
