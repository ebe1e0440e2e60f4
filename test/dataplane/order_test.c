/* What the loop promises: timers and order do not depend on the size of bursts;
 * a packet that a chain does not match goes to the next, and all leave in the
 * order in which they came; whatever is refused is counted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lcore/open.h"
#include "port/capture_file.h"
#include "support/eal.h"
#include "support/synthetic.h"
#include "support/temp_file.h"

#define FRAMES 1000u
#define GAP_NS 130000ull /* several in a tick, and ticks that begin anywhere */
#define TIMERS 64u
#define LINES_MAX 8192u

static char capture[TEMP_PATH], out_path[TEMP_PATH];

/* What happened, in order: a packet's or a timer's number, and the time. */
struct line {
	uint64_t time;
	uint32_t what;
};

static struct {
	struct line line[LINES_MAX];
	unsigned int count;
	struct wheel_timer timer[TIMERS];
	uint64_t now;
	unsigned int taken_by[2]; /* packets that each chain of two matched */
} story;

static void tell(uint64_t time, uint32_t what)
{
	assert_true(story.count < LINES_MAX);
	story.line[story.count++] = (struct line){time, what};
}

static uint8_t frame_number(const struct rte_mbuf *m)
{
	return *rte_pktmbuf_mtod_offset(m, const uint8_t *, SYNTHETIC_FRAME - 1);
}

static void timer_fired(struct wheel_timer *t, void *arg)
{
	(void)arg;
	tell(story.now, 1000 + t->owner);
}

/* Each packet moves a timer; each timer tells when it fires. */
static void stage_timers(struct chain *c, struct burst *b)
{
	struct timer_wheel *w = &c->stack.wheel;

	for (uint16_t i = 0; i < b->count; i++) {
		uint8_t number = frame_number(b->mbuf[i]);
		struct wheel_timer *t = &story.timer[number % TIMERS];

		tell(b->packet[i].time, number);
		t->owner = number;
		timer_arm(w, t, b->packet[i].time + number % 7 * TIMER_TICK_NS);
	}
	story.now = b->now;
	if (b->kind == BURST_TICK)
		timer_wheel_advance(w, b->now, timer_fired, NULL);
	b->complete = 1;
}

/* The first chain matches every third packet and drops every ninth, the second
 * every second of the rest. */
static void stage_thirds(struct chain *c, struct burst *b)
{
	(void)c;
	for (uint16_t i = 0; i < b->count; i++) {
		uint8_t number = frame_number(b->mbuf[i]);

		if (number % 3 != 0)
			b->verdict[i] = VERDICT_UNMATCHED;
		else
			story.taken_by[0]++;
		if (number % 9 == 0)
			burst_drop(b, i, VERDICT_DROP, 0);
	}
	b->complete = 1;
}

static void stage_halves(struct chain *c, struct burst *b)
{
	(void)c;
	for (uint16_t i = 0; i < b->count; i++) {
		if (frame_number(b->mbuf[i]) % 2 != 0)
			b->verdict[i] = VERDICT_UNMATCHED;
		else
			story.taken_by[1]++;
	}
	b->complete = 1;
}

static const struct stack_features features;
static const char *const ports[] = {"client", "server"};

#define CHAIN(stage_of_it, far_port)                                                               \
	{                                                                                          \
		.name = #stage_of_it, .stack_name = "wire", .near = 0, .far = far_port,            \
		.features = &features, .stage_count = 1, .stage = {stage_of_it},                   \
		.chain_size = sizeof(struct chain),                                                \
	}

static const struct program_chain timers = CHAIN(stage_timers, 1);
static const struct program_chain thirds = CHAIN(stage_thirds, 1);
static const struct program_chain halves = CHAIN(stage_halves, 1);
static const struct program_chain tap = CHAIN(stage_halves, PROGRAM_NO_PORT);
static const struct program_chain *const one_chain[] = {&timers};
static const struct program_chain *const two_chains[] = {&thirds, &halves};
static const struct program_chain *const tap_chain[] = {&tap};
static const struct program one = {
    .name = "one", .ports = ports, .port_count = 2, .chains = one_chain, .chain_count = 1};
static const struct program two = {
    .name = "two", .ports = ports, .port_count = 2, .chains = two_chains, .chain_count = 2};
static const struct program one_port = {
    .name = "tap", .ports = ports, .port_count = 1, .chains = tap_chain, .chain_count = 1};

static struct counters run(const struct program *program, uint16_t burst, bool starve)
{
	const struct dataplane_options options = {
	    .capture = capture, .out = out_path, .burst = burst};
	struct runner *r = calloc(1, sizeof(*r));
	struct counters counters;
	struct fault fault = {0};
	struct rte_mbuf **all = NULL;
	unsigned int taken = 0;

	assert_non_null(r);
	memset(&story, 0, sizeof(story));
	if (runner_take(r, program, &options, false, &fault) < 0)
		fail_msg("%s", fault.message);
	if (starve) {
		all = calloc(r->memory.mbufs->size + 1, sizeof(*all));
		while ((all[taken] = rte_pktmbuf_alloc(r->memory.mbufs)) != NULL)
			taken++;
	}
	runner_run(r);
	if (starve)
		rte_pktmbuf_free_bulk(all, taken);
	free(all);
	runner_finish(r);
	counters = r->counters;
	assert_int_equal(rte_mempool_in_use_count(r->memory.mbufs), 0);
	runner_close(r);
	free(r);
	return counters;
}

static void timers_fire_alike_for_all_sizes_of_bursts(void **state)
{
	static const uint16_t sizes[] = {2, 32, 256};
	static struct line expected[LINES_MAX];
	unsigned int count;

	(void)state;
	run(&one, 1, false);
	count = story.count;
	memcpy(expected, story.line, sizeof(expected));
	assert_true(count > FRAMES + 100);
	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		run(&one, sizes[i], false);
		assert_int_equal(story.count, count);
		assert_memory_equal(story.line, expected, count * sizeof(expected[0]));
	}
}

static void a_timer_fires_in_the_tick_that_it_asked_for(void **state)
{
	(void)state;
	run(&one, 32, false);
	for (unsigned int i = 1; i < story.count; i++)
		assert_true(story.line[i].time >= story.line[i - 1].time);
}

/* Checks that out holds what was not dropped, in order. */
static void assert_out_in_order(void)
{
	struct capture_file in, out;
	struct capture_record a, b;

	assert_int_equal(capture_open(&in, capture), 0);
	assert_int_equal(capture_open(&out, out_path), 0);
	while (capture_next(&in, &a)) {
		if (a.data[SYNTHETIC_FRAME - 1] % 9 == 0)
			continue;
		assert_int_equal(capture_next(&out, &b), 1);
		assert_int_equal(a.time, b.time);
		assert_memory_equal(a.data, b.data, SYNTHETIC_FRAME);
	}
	assert_int_equal(capture_next(&out, &b), 0);
	capture_close(&in);
	capture_close(&out);
}

static void what_a_chain_does_not_match_goes_to_the_next_and_leaves_in_order(void **state)
{
	static const uint16_t sizes[] = {1, 7, 256};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		struct counters c = run(&two, sizes[i], false);

		assert_int_equal(c.packets_in, FRAMES);
		assert_int_equal(c.packets_in, c.packets_out + c.drop_nf);
		assert_int_equal(c.unmatched, FRAMES - story.taken_by[0] - story.taken_by[1]);
		assert_true(c.unmatched > 0 && c.drop_nf > 0);
		assert_out_in_order();
	}
}

static void a_chain_with_one_port_consumes_and_counts(void **state)
{
	struct counters c = run(&one_port, 32, false);

	(void)state;
	assert_int_equal(c.packets_in, FRAMES);
	assert_int_equal(c.drop_no_far_port, FRAMES);
	assert_int_equal(c.packets_out, 0);
}

static void frames_without_a_buffer_are_counted_and_the_run_ends(void **state)
{
	struct counters c = run(&two, 32, true);

	(void)state;
	assert_int_equal(c.packets_in, FRAMES);
	assert_int_equal(c.drop_no_memory, FRAMES);
}

static int group_setup(void **state)
{
	(void)state;
	if (temp_file(capture, "") != 0 || temp_file(out_path, "") != 0 ||
	    synthetic_capture(capture, FRAMES, GAP_NS) != 0)
		return -1;
	return test_eal_start();
}

static int group_teardown(void **state)
{
	(void)state;
	return unlink(capture) + unlink(out_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timers_fire_alike_for_all_sizes_of_bursts),
	    cmocka_unit_test(a_timer_fires_in_the_tick_that_it_asked_for),
	    cmocka_unit_test(what_a_chain_does_not_match_goes_to_the_next_and_leaves_in_order),
	    cmocka_unit_test(a_chain_with_one_port_consumes_and_counts),
	    cmocka_unit_test(frames_without_a_buffer_are_counted_and_the_run_ends),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
