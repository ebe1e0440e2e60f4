/* Instances that several tests want, compiled once, each in a file of rigs/: a stack with
 * all that it can takes seconds under the sanitizers. */
#pragma once

#include "monitor_rig.h"

#define RIG_SHARED(name)                                                                           \
	extern const struct stack_features name##_features;                                        \
	void name##_run(struct stack *s, struct burst *b);                                         \
	void name##_tick(struct stack *s, struct burst *b);                                        \
	void name##_shutdown(struct stack *s, struct burst *b);                                    \
	RIG_OPEN(name)

/* Everything, and functions that only hear; functions that drop. */
RIG_SHARED(full)
RIG_SHARED(full_drops)

/* The client's side of TCP where functions drop, with `unheard forward` and `unheard drop`.
 * FLOW_GAP is heard too: a flow is then followed also while nobody hears bytes. */
#define DROPPING_HISTORY 4096
#define DROPPING                                                                                   \
	.flows = true, .tcp = true, .data_client = true, .gap = true, .drops = true,               \
	.history = DROPPING_HISTORY, .idle_ns = 60000000000ull,                                    \
	.record_size = sizeof(struct rig_record), .tcp_at = offsetof(struct rig_record, tcp),      \
	.stream_at = offsetof(struct rig_record, stream),                                          \
	.digests_at = offsetof(struct rig_record, digests)

RIG_SHARED(forwards)
RIG_SHARED(drops)
