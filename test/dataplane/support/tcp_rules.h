/* One small test a rule of TCP: segments in, events out. */
#pragma once

#include "support/rig_finish.h"
#include "support/shared_rigs.h"
#include "support/tcp_frame.h"

static struct rte_mempool *pool;

static inline int rig_setup(void **state)
{
	struct rig *r = full_open(pool, 1024, 1 << 20);

	*state = r;
	return 0;
}

/* Nothing is left behind, whatever the test did. */
static inline int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock);
	return 0;
}

static inline void client_is(const struct rig *r, size_t flow, const char *expected)
{
	assert_true(flow < r->flow_count);
	assert_int_equal(r->flows[flow].len[0], strlen(expected));
	assert_memory_equal(r->flows[flow].stream[0], expected, strlen(expected));
}

static inline void client_flags(struct rig *r, uint32_t offset, uint8_t flags)
{
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1 + offset,
				       .ack = SERVER_ISN + 1,
				       .flags = flags});
}

static inline void server_flags(struct rig *r, uint32_t offset, uint32_t ack, uint8_t flags)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1 + offset,
				       .ack = CLIENT_ISN + 1 + ack,
				       .flags = flags});
}

static inline int rules_start(void)
{
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return -1;
	pool = test_pool_create("frames", RIG_MBUFS, 4096);
	return pool == NULL ? -1 : 0;
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
