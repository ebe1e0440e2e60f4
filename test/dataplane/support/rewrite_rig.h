/* A stack whose NFs may drop: what was handed on cannot be put right afterwards. */
#pragma once

#include "support/rig_finish.h"
#include "support/shared_rigs.h"
#include "support/tcp_frame.h"

#define HISTORY DROPPING_HISTORY

static struct rte_mempool *pool;

static inline int rig_setup(void **state)
{
	*state = forwards_open(pool, 64, 1 << 18);
	return 0;
}

static inline int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock);
	return 0;
}

/* The verdict on the last packet that was sent. */
static inline enum verdict verdict(const struct rig *r)
{
	return (enum verdict)r->burst.verdict[0];
}

static inline int rewrite_start(void)
{
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return -1;
	pool = test_pool_create("frames", 256, 2048);
	return pool == NULL ? -1 : 0;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
