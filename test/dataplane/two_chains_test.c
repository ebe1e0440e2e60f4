/* A second chain on the same ports hears packets, timers and the end in the order
 * in which it would alone, however long the first chain's worker takes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lcore/open.h"
#include "support/eal.h"
#include "support/synthetic.h"
#include "support/temp_file.h"

#define FRAMES 400u
#define GAP_NS 300000ull /* three to a tick */
#define TIMERS 8u
#define LINES_MAX 4096u
#define FIRED 1000u
#define ENDED 2000u
#define WORKER_TAKES_NS 50000

/* What the second chain heard: a packet by its number, a timer, the end. */
static struct {
	struct line {
		uint64_t time;
		uint32_t what;
	} line[LINES_MAX];
	unsigned int count;
	struct wheel_timer timer[TIMERS];
	uint64_t now;
} story;

static void tell(uint64_t time, uint32_t what)
{
	assert_true(story.count < LINES_MAX);
	story.line[story.count++] = (struct line){time, what};
}

static void timer_fired(struct wheel_timer *t, void *arg)
{
	(void)arg;
	tell(story.now, FIRED + t->owner);
}

static uint32_t frame_number(const struct rte_mbuf *m)
{
	return rte_pktmbuf_mtod(m, const uint8_t *)[SYNTHETIC_FRAME - 1];
}

static void stage_listen(struct chain *c, struct burst *b)
{
	struct timer_wheel *w = &c->stack.wheel;

	for (uint16_t i = 0; i < b->count; i++) {
		uint32_t number = frame_number(b->mbuf[i]);
		struct wheel_timer *t = &story.timer[number % TIMERS];

		tell(b->packet[i].time, number);
		t->owner = number % TIMERS;
		timer_arm(w, t, b->packet[i].time + number % 5 * TIMER_TICK_NS);
		if (number % 3 == 0)
			b->verdict[i] = VERDICT_UNMATCHED;
	}
	story.now = b->now;
	if (b->kind == BURST_TICK)
		timer_wheel_advance(w, b->now, timer_fired, NULL);
	if (b->kind == BURST_SHUTDOWN)
		tell(0, ENDED);
	b->next = b->count;
	b->complete = 1;
}

/* Waits for its worker, and then has nothing of it matched. */
static void stage_ask(struct chain *c, struct burst *b)
{
	for (uint16_t i = 0; i < b->count; i++)
		(void)outlet_reserve(c->outlets[0], 1, OUTLET_PACKET, OWNER_NONE);
	outlet_flush(c->outlets[0]);
	b->next = b->count;
	b->complete = 1;
}

static void stage_pass(struct chain *c, struct burst *b)
{
	(void)c;
	for (uint16_t i = 0; i < b->count; i++)
		b->verdict[i] = VERDICT_UNMATCHED;
}

static bool answer_none(struct chain *c, struct burst *b, const struct ring_answer *a)
{
	(void)c;
	(void)b;
	(void)a;
	return true;
}

static const struct program_nf slow = {.name = "slow", .outlet = 0, .answer = answer_none};
static const struct stack_features features;
static const char *const ports[] = {"client", "server"};
static const struct program_chain asks = {
    .name = "asks",
    .stack_name = "wire",
    .near = 0,
    .far = 1,
    .features = &features,
    .nfs = &slow,
    .nf_count = 1,
    .outlet_count = 1,
    .stage_count = 2,
    .stage = {stage_ask, stage_pass},
    .waits_for = {0},
    .chain_size = sizeof(struct chain),
};
static const struct program_chain listens = {
    .name = "listens",
    .stack_name = "wire",
    .near = 0,
    .far = 1,
    .features = &features,
    .stage_count = 1,
    .stage = {stage_listen},
    .waits_for = {PROGRAM_NO_OUTLET},
    .chain_size = sizeof(struct chain),
};
static const struct program_chain *const alone_chains[] = {&listens};
static const struct program_chain *const both_chains[] = {&asks, &listens};
static const struct program alone = {
    .name = "alone", .ports = ports, .port_count = 2, .chains = alone_chains, .chain_count = 1};
static const struct program both = {
    .name = "both", .ports = ports, .port_count = 2, .chains = both_chains, .chain_count = 2};

struct worker {
	struct runner *runner;
	struct ring events;
	bool quit;
	pthread_t thread;
};

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	while (!__atomic_load_n(&w->quit, __ATOMIC_SEQ_CST)) {
		nanosleep(&(struct timespec){.tv_nsec = WORKER_TAKES_NS}, NULL);
		if (ring_peek(&w->events) == NULL)
			continue;
		ring_pop(&w->events);
		runner_wake(w->runner);
	}
	return NULL;
}

static char capture[TEMP_PATH];

static struct counters run(const struct program *program, uint16_t burst)
{
	const struct dataplane_options options = {.capture = capture, .burst = burst};
	struct runner *r = calloc(1, sizeof(*r));
	struct worker w = {.runner = r};
	struct counters counters;
	struct fault fault = {0};

	assert_non_null(r);
	memset(&story, 0, sizeof(story));
	if (runner_take(r, program, &options, false, &fault) < 0)
		fail_msg("%s", fault.message);
	if (program == &both) {
		w.events = *outlet_events(r->chains[0].chain->outlets[0]);
		assert_int_equal(pthread_create(&w.thread, NULL, worker_main, &w), 0);
	}
	runner_run(r);
	__atomic_store_n(&w.quit, true, __ATOMIC_SEQ_CST);
	if (program == &both)
		pthread_join(w.thread, NULL);
	runner_finish(r);
	counters = r->counters;
	assert_int_equal(r->warning_count, 0);
	assert_int_equal(rte_mempool_in_use_count(r->memory.mbufs), 0);
	runner_close(r);
	free(r);
	return counters;
}

static void second_chain_hears_what_it_would_alone(void **state)
{
	static const uint16_t sizes[] = {1, 2, 32, 256};
	static struct line expected[LINES_MAX];
	unsigned int count;

	(void)state;
	run(&alone, 1);
	count = story.count;
	memcpy(expected, story.line, sizeof(expected));
	assert_true(count > FRAMES + FRAMES / 5);
	assert_int_equal(expected[count - 1].what, ENDED);
	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		run(&both, sizes[i]);
		assert_int_equal(story.count, count);
		for (unsigned int k = 0; k < count; k++)
			if (story.line[k].what != expected[k].what ||
			    story.line[k].time != expected[k].time)
				fail_msg("burst %u, line %u: %u instead of %u", sizes[i], k,
					 story.line[k].what, expected[k].what);
	}
}

/* Neither chain matches every third packet: each of these counts once. */
static void packet_that_no_chain_matches_is_counted_once(void **state)
{
	unsigned int third = 0;
	struct counters one, two;

	(void)state;
	for (uint32_t i = 0; i < FRAMES; i++)
		third += (uint8_t)i % 3 == 0;
	one = run(&alone, 32);
	two = run(&both, 32);
	assert_int_equal(one.unmatched, third);
	assert_int_equal(two.unmatched, third);
	assert_int_equal(two.packets_in, FRAMES);
	assert_int_equal(two.packets_out, FRAMES);
}

static int group_setup(void **state)
{
	(void)state;
	if (temp_file(capture, "") != 0 || synthetic_capture(capture, FRAMES, GAP_NS) != 0)
		return -1;
	return test_eal_start();
}

static int group_teardown(void **state)
{
	(void)state;
	return unlink(capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(second_chain_hears_what_it_would_alone),
	    cmocka_unit_test(packet_that_no_chain_matches_is_counted_once),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
