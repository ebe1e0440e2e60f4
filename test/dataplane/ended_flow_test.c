/* What is left of a flow that has ended: no timer, no handle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/handler.h"
#include "support/ip_frame.h"

#define SECOND 1000000000ull
#define IDLE (2 * SECOND)

struct timed_record {
	struct rig_record rig;
	struct wheel_timer timers[1];
};

RIG_INSTANCE(timed, .flows = true, .tcp = true, .udp = true, .nf_timers = true, .idle_ns = IDLE,
	     .checksum = CHECKSUM_TRUST, .record_size = sizeof(struct timed_record),
	     .tcp_at = offsetof(struct timed_record, rig.tcp),
	     .timers_at = offsetof(struct timed_record, timers), .timer_count = 1)

static struct rte_mempool *pool;

static void timer_set(struct rig *r, struct mbx_flow flow, uint64_t at)
{
	struct timed_record *f = (struct timed_record *)flow_table_at(r->stack.table, flow.index);

	f->timers[0].owner = flow.index;
	f->timers[0].kind = STACK_TIMER_NF;
	timer_arm(&r->stack.wheel, &f->timers[0], at);
}

/* A flow of its own for each port. */
static void flow_begin(struct rig *r, uint16_t port)
{
	struct tcp_spec syn = {.client_port = port, .flags = TCP_SYN, .seq = 1000, .window = 1000};

	tcp_send_at(r, &syn, SECOND);
}

/* In one tick: the idle end of one flow, then as many timers of others as fill the
 * log, then a timer of the flow that has ended. Its record may be another flow's
 * when that fires. */
static void an_ended_flow_s_timer_stays_out_of_the_wheel_when_the_log_was_full(void **state)
{
	struct rig *r = timed_open(pool, 64, 1 << 18);
	const uint64_t due = SECOND + IDLE;
	struct timed_record *ended;

	(void)state;
	for (uint16_t port = 1; port <= 8; port++)
		flow_begin(r, (uint16_t)(2000 + port));
	assert_int_equal(r->flow_count, 8);
	ended = (struct timed_record *)flow_table_at(r->stack.table, r->flows[0].handle.index);
	/* All idle timers are due at once: the first flow's own comes behind them. */
	timer_set(r, r->flows[0].handle, due);
	r->burst.log.stack_limit = 5 * EVENT_SLOTS_MAX;
	r->burst.count = 0;
	rig_burst_begin(r, due);
	r->tick(&r->stack, &r->burst);
	assert_true(rig_event_count(r, EVENT_FLOW_END) < 8); /* the rest is for the next one */
	assert_true(r->flows[0].ended);
	assert_false(timer_armed(&ended->timers[0]));
	rig_rounds(r, r->tick);
	rig_tick(r, due + SECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 8);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), 0);
	assert_int_equal(flow_table_live(r->stack.table), 0);
	rig_close(r);
}

/* A handler's zeroed variable is a handle of nothing, also when the record of index
 * 0 is in use. */
static void a_zeroed_handle_does_nothing_and_is_counted(void **state)
{
	struct rig *r = timed_open(pool, 64, 1 << 18);
	struct chain chain = {.stack = r->stack, .counters = &r->counters};
	struct nf_context nf = {.chain = &chain};
	struct event e = {.flow = {0}};
	struct flow *first;

	(void)state;
	assert_null(nf_flow(&nf, (struct mbx_flow){0}));
	assert_int_equal(r->counters.stale_handles, 1);
	flow_begin(r, 2000);
	first = flow_table_at(chain.stack.table, 0);
	assert_int_equal(first->index, r->flows[0].handle.index);
	assert_null(nf_flow(&nf, (struct mbx_flow){0}));
	assert_int_equal(r->counters.stale_handles, 2);
	assert_null(chain_flow_of(&chain, &e));
	nf_set_timer(&nf, (struct mbx_flow){0}, 1);
	nf_drop_flow(&nf, (struct mbx_flow){0});
	nf_reset_flow(&nf, (struct mbx_flow){0});
	assert_null(nf_state(&nf, (struct mbx_flow){0}, 16));
	assert_int_equal(r->counters.stale_handles, 6);
	assert_false(first->flags & FLOW_BLOCKED);
	assert_ptr_equal(nf_flow(&nf, r->flows[0].handle), first);
	assert_int_equal(r->counters.stale_handles, 6);
	rig_end(r, 2 * SECOND);
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_ended_flow_s_timer_stays_out_of_the_wheel_when_the_log_was_full),
	    cmocka_unit_test(a_zeroed_handle_does_nothing_and_is_counted),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
