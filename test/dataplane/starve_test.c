/* What keeps receiving from going on does not exist: timers that are due
 * together, workers that hang, frames that the stack itself sends. The lcore is
 * live; its ports are the test's. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lcore/open.h"
#include "support/eal.h"

#define TIMERS 20000u
#define TIMERS_OF_A_BURST 10u /* what fits a log */
#define FRAMES 60000u
#define FRAME_LEN 60

static struct {
	struct wheel_timer timer[TIMERS];
	uint32_t fired;
	uint64_t received;	   /* frames that the ports gave */
	uint64_t received_by_then; /* when the last timer had fired */
	uint64_t starved;	   /* no buffer was there for a frame */
	uint64_t end;		   /* of the run, in frames received */
	uint64_t sent;
	struct runner *runner;
} story;

/* ---- ports ---- */

static uint16_t frames_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	struct rte_mempool *pool = story.runner->memory.mbufs;
	uint16_t count = 0;

	(void)p;
	if (story.received >= story.end) {
		__atomic_store_n(&story.runner->stop, RUNNER_DRAIN, __ATOMIC_SEQ_CST);
		return 0;
	}
	for (; count < max; count++) {
		mbufs[count] = rte_pktmbuf_alloc(pool);
		if (mbufs[count] == NULL) {
			story.starved++;
			break;
		}
		memset(rte_pktmbuf_append(mbufs[count], FRAME_LEN), 0, FRAME_LEN);
	}
	story.received += count;
	return count;
}

static uint16_t nothing_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	(void)p;
	(void)mbufs;
	(void)max;
	return 0;
}

static uint16_t frames_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	(void)p;
	story.sent += count;
	rte_pktmbuf_free_bulk(mbufs, count);
	return count;
}

static void frames_close(struct port *p)
{
	(void)p;
}

static const struct port_ops near_ops = {
    .receive = frames_receive, .transmit = frames_transmit, .close = frames_close};
static const struct port_ops far_ops = {
    .receive = nothing_receive, .transmit = frames_transmit, .close = frames_close};

/* ---- stages ---- */

/* The first burst arms all timers for one tick; of these a burst fires some. */
static void stage_timers(struct chain *c, struct burst *b)
{
	struct timer_wheel *w = &c->stack.wheel;
	struct wheel_timer *t;
	unsigned int room = TIMERS_OF_A_BURST;

	if (b->kind == BURST_PACKETS && w->armed == 0 && story.fired == 0)
		for (uint32_t i = 0; i < TIMERS; i++)
			timer_arm(w, &story.timer[i], b->now + TIMER_TICK_NS);
	for (; b->kind == BURST_TICK && room > 0 && (t = timer_wheel_due(w, b->now)) != NULL;
	     room--) {
		timer_cancel(w, t);
		if (++story.fired == TIMERS) {
			story.received_by_then = story.received;
			story.end = story.received;
		}
	}
	b->next = b->count;
	b->complete = 1;
}

/* Every packet goes to a worker that reads nothing. */
static void stage_tell(struct chain *c, struct burst *b)
{
	for (uint16_t i = 0; i < b->count; i++)
		(void)outlet_reserve(c->outlets[0], 1, OUTLET_PACKET, owner_of_mbuf(b->mbuf[i]));
	outlet_flush(c->outlets[0]);
	b->next = b->count;
	b->complete = 1;
}

/* More frames for each packet than there is room for. */
#define SENT_FOR_EACH 6u

static void stage_send(struct chain *c, struct burst *b)
{
	for (uint16_t i = 0; i < b->count; i++) {
		c->injected_cause = i;
		for (unsigned int k = 0; k < SENT_FOR_EACH; k++) {
			struct rte_mbuf *m = rte_pktmbuf_alloc(c->mbufs);

			assert_non_null(m);
			memset(rte_pktmbuf_append(m, FRAME_LEN), 1, FRAME_LEN);
			(void)c->send(c, k % 2, m);
		}
	}
	b->next = b->count;
	b->complete = 1;
}

/* ---- programs ---- */

static bool answer_none(struct chain *c, struct burst *b, const struct ring_answer *a)
{
	(void)c;
	(void)b;
	(void)a;
	return true;
}

static const struct program_nf hung = {.name = "hung", .outlet = 0, .answer = answer_none};
static const struct stack_features features;
static const char *const ports[] = {"client", "server"};

#define CHAIN(...)                                                                                 \
	{                                                                                          \
		.name = "starve", .stack_name = "wire", .near = 0, .far = 1,                       \
		.features = &features, .chain_size = sizeof(struct chain),                         \
		.waits_for = {PROGRAM_NO_OUTLET, PROGRAM_NO_OUTLET}, __VA_ARGS__                   \
	}

static const struct program_chain timers = CHAIN(.stage_count = 1, .stage = {stage_timers});
static const struct program_chain tells =
    CHAIN(.stage_count = 1, .stage = {stage_tell}, .nfs = &hung, .nf_count = 1, .outlet_count = 1);
static const struct program_chain sends =
    CHAIN(.stage_count = 2, .stage = {stage_send, stage_send});

static struct counters run(const struct program_chain *chain, uint16_t burst, uint64_t frames)
{
	const struct program_chain *const chains[] = {chain};
	const struct program program = {
	    .name = "starve", .ports = ports, .port_count = 2, .chains = chains, .chain_count = 1};
	const struct dataplane_binding bindings[] = {
	    {.port = "client", .device = "net_null0,no-rx=1"},
	    {.port = "server", .device = "net_null1,no-rx=1"},
	};
	const struct dataplane_options options = {
	    .bindings = bindings, .binding_count = 2, .burst = burst};
	struct runner *r = calloc(1, sizeof(*r));
	struct counters counters;
	struct fault fault = {0};

	assert_non_null(r);
	memset(&story, 0, sizeof(story));
	story.runner = r;
	story.end = frames;
	if (runner_take(r, &program, &options, false, &fault) < 0)
		fail_msg("%s", fault.message);
	for (int i = 0; i < 2; i++) {
		port_close(&r->port[i]);
		r->port[i].ops = i == 0 ? &near_ops : &far_ops;
	}
	if (chain->outlet_count > 0)
		r->patience_ns = 1000000;
	runner_run(r);
	runner_finish(r);
	counters = r->counters;
	if (chain->outlet_count > 0) {
		outlet_abandon(r->chains[0].chain->outlets[0]);
		outlet_flush(r->chains[0].chain->outlets[0]);
	}
	assert_int_equal(rte_mempool_in_use_count(r->memory.mbufs), 0);
	runner_close(r);
	free(r);
	return counters;
}

/* ---- tests ---- */

static void packets_are_received_while_more_timers_are_due_than_a_log_holds(void **state)
{
	struct counters c = run(&timers, 1, UINT64_MAX);

	(void)state;
	assert_int_equal(story.fired, TIMERS);
	/* A turn fires some bursts of them, and then it is the ports' turn. */
	assert_true(story.received_by_then > TIMERS / TIMERS_OF_A_BURST / 10);
	assert_int_equal(c.packets_in, story.received);
	assert_int_equal(c.packets_out, c.packets_in);
}

static void packets_are_forwarded_while_a_worker_that_hangs_holds_all_it_can(void **state)
{
	static const uint16_t sizes[] = {1, 32, 256};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		struct counters c = run(&tells, sizes[i], FRAMES);

		assert_true(c.packets_in >= FRAMES);
		assert_int_equal(c.packets_out, c.packets_in);
		assert_int_equal(story.starved, 0);
		assert_int_equal(c.drop_no_memory, 0);
	}
}

static void frames_beyond_what_a_burst_can_send_are_counted_as_lost(void **state)
{
	static const uint16_t sizes[] = {1, 32, 256};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		struct counters c = run(&sends, sizes[i], 4096);
		uint64_t asked = 2 * SENT_FOR_EACH * c.packets_in; /* by two stages */

		assert_int_equal(c.packets_out, c.packets_in);
		assert_int_equal(c.packets_injected + c.packets_injected_lost, asked);
		assert_int_equal(story.sent, c.packets_out + c.packets_injected);
		assert_int_equal(c.packets_injected_lost > 0,
				 sizes[i] * SENT_FOR_EACH > CHAIN_INJECTED_MAX);
	}
}

static int group_setup(void **state)
{
	(void)state;
	return test_eal_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_are_received_while_more_timers_are_due_than_a_log_holds),
	    cmocka_unit_test(packets_are_forwarded_while_a_worker_that_hangs_holds_all_it_can),
	    cmocka_unit_test(frames_beyond_what_a_burst_can_send_are_counted_as_lost),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
