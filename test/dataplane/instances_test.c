/* Several instances of the dataplane over one capture: each flow has one of them, its
 * frames come in order, nothing is lost, and time goes on in all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lcore/open.h"
#include "port/capture_file.h"
#include "support/counted.h"
#include "support/eal.h"
#include "support/synthetic.h"
#include "support/temp_file.h"
#include "support/wire_program.h"

#define HOSTS 64u
#define FRAMES 6000u
#define GAP_NS 7000ull

static char capture[TEMP_PATH], written[TEMP_PATH];

/* What happened to each host's flow; an instance writes those of its own hosts. */
static struct {
	struct chain *chain[HOSTS]; /* that had its first frame */
	uint32_t next[HOSTS];	    /* number of the frame that comes next */
	uint32_t disorder, strays;
	bool slow, deaf;
} seen;

static void look_at(struct chain *c, const struct rte_mbuf *m)
{
	const uint8_t *frame = rte_pktmbuf_mtod(m, const uint8_t *);
	uint8_t host = frame[29];
	uint32_t number;

	memcpy(&number, frame + SYNTHETIC_FRAME - 4, sizeof(number));
	if (seen.chain[host] == NULL)
		seen.chain[host] = c;
	if (seen.chain[host] != c)
		__atomic_fetch_add(&seen.strays, 1, __ATOMIC_RELAXED);
	if (number != seen.next[host])
		__atomic_fetch_add(&seen.disorder, 1, __ATOMIC_RELAXED);
	seen.next[host] = number + HOSTS;
}

static void stage(struct chain *c, struct burst *b)
{
	/* In laps a host is of several flows. */
	for (uint16_t i = 0; i < b->count && !seen.deaf; i++)
		look_at(c, b->mbuf[i]);
	if (seen.slow && b->count > 0)
		usleep(200);
	b->next = b->count;
	b->complete = 1;
}

/* Frames of HOSTS senders in turn, numbered. */
static void number_frame(uint8_t *frame, uint32_t number)
{
	frame[29] = (uint8_t)(number % HOSTS);
	memcpy(frame + SYNTHETIC_FRAME - 4, &number, sizeof(number));
}

static struct runner *take(const struct dataplane_options *options)
{
	struct runner *r = calloc(1, sizeof(*r));
	struct fault fault = {0};

	memset(&seen, 0, sizeof(seen));
	for (uint32_t i = 0; i < HOSTS; i++)
		seen.next[i] = i;
	assert_non_null(r);
	if (runner_take(r, &program, options, false, &fault) < 0)
		fail_msg("%s", fault.message);
	assert_int_equal(runner_instances(r), INSTANCES);
	return r;
}

/* The sum of all, of which each instance has some. */
static void assert_counted(struct runner *r, double in, double out)
{
	double *counters = calloc(dataplane_counter_count(&program), sizeof(*counters));
	double sum = 0;

	for (uint16_t k = 0; k < INSTANCES; k++) {
		counters_of(runner_instance(r, k), counters);
		assert_true(counter_named(counters, "packets.in") > 0);
		sum += counter_named(counters, "packets.in");
	}
	counters_of_all(r, counters);
	assert_true(sum == in);
	assert_true(counter_named(counters, "packets.in") == in);
	assert_true(counter_named(counters, "packets.out") == out);
	free(counters);
}

static void give_back(struct runner *r)
{
	/* What is in a queue or a chain would be in use still. */
	uint32_t used = rte_mempool_in_use_count(r->memory.mbufs);

	assert_int_equal(used, 0);
	runner_close(r);
	free(r);
}

static uint32_t frames_written(void)
{
	struct capture_record record;
	struct capture_file file;
	uint32_t frames = 0;

	assert_int_equal(capture_open(&file, written), 0);
	while (capture_next(&file, &record) == 1)
		frames++;
	capture_close(&file);
	return frames;
}

static void run_all(uint16_t burst, uint32_t laps, bool slow)
{
	const struct dataplane_options options = {
	    .capture = capture, .out = written, .burst = burst, .laps = laps};
	uint32_t frames = FRAMES * RTE_MAX(laps, 1u);
	struct runner *r = take(&options);

	seen.slow = slow;
	seen.deaf = laps > 0;
	runner_run(r);
	runner_finish(r);
	assert_int_equal(seen.strays, 0);
	assert_int_equal(seen.disorder, 0);
	assert_int_equal(frames_written(), frames);
	assert_counted(r, frames, frames);
	if (laps == 0) {
		give_back(r);
	} else {
		runner_close(r);
		free(r);
	}
}

static void a_flow_has_one_instance_and_its_order(void **state)
{
	(void)state;
	run_all(1, 0, false);
	run_all(32, 0, false);
	run_all(256, 0, false);
}

/* Queues are full most of the time, and the one who fills them waits. */
static void a_slow_instance_loses_nothing(void **state)
{
	(void)state;
	run_all(32, 0, true);
}

static void laps_lose_nothing(void **state)
{
	(void)state;
	run_all(32, 3, false);
}

/* Each instance has its part of the capture in memory, and nobody feeds it. */
static void parts_of_a_capture_are_the_whole(void **state)
{
	const struct dataplane_options options = {.capture = capture, .burst = 32, .laps = 5};
	uint64_t begin = 1700000000ull * 1000000000ull, period = (FRAMES - 1) * GAP_NS + 1000000;
	struct runner *r = take(&options);

	(void)state;
	seen.deaf = true;
	assert_false(distributor_feeds(r->distributor));
	runner_run(r);
	assert_counted(r, 5 * FRAMES, 5 * FRAMES);
	for (uint16_t k = 0; k < INSTANCES; k++)
		assert_true(runner_instance(r, k)->now ==
			    begin + 4 * period + (FRAMES - 1) * GAP_NS);
	runner_close(r);
	free(r);
}

/* Also where an instance's last frame came long before the capture's. */
static void time_ends_for_all_with_the_last_frame(void **state)
{
	const struct dataplane_options options = {.capture = capture, .burst = 32};
	uint64_t end = 1700000000ull * 1000000000ull + (FRAMES - 1) * GAP_NS;
	struct runner *r = take(&options);

	(void)state;
	runner_run(r);
	for (uint16_t k = 0; k < INSTANCES; k++)
		assert_true(runner_instance(r, k)->now == end);
	give_back(r);
}

static void stop(struct runner *r, uint32_t how)
{
	for (uint16_t k = 0; k < INSTANCES; k++) {
		__atomic_store_n(&runner_instance(r, k)->stop, how, __ATOMIC_SEQ_CST);
		runner_wake(runner_instance(r, k));
	}
	__atomic_store_n(&r->stop, how, __ATOMIC_SEQ_CST);
	runner_wake(r);
}

static void *stop_soon(void *arg)
{
	usleep(3000);
	stop(arg, RUNNER_NOW);
	return NULL;
}

static void *drain_soon(void *arg)
{
	usleep(200000);
	stop(arg, RUNNER_DRAIN);
	return NULL;
}

/* A device that makes up frames as fast as they are taken, all of one instance. */
static void frames_that_an_instance_has_no_room_for_are_missed(void **state)
{
	static const struct dataplane_binding bindings[] = {{"client", "net_null0"},
							    {"server", "net_null1,no-rx=1"}};
	const struct dataplane_options options = {
	    .bindings = bindings, .binding_count = 2, .burst = 8, .rss = DATAPLANE_RSS_SOFTWARE};
	double *counters = calloc(dataplane_counter_count(&program), sizeof(*counters));
	const struct port_counters *near;
	struct runner *r = take(&options);
	pthread_t thread;

	(void)state;
	seen.slow = true;
	seen.deaf = true;
	assert_int_equal(pthread_create(&thread, NULL, drain_soon, r), 0);
	runner_run(r);
	pthread_join(thread, NULL);
	counters_of_all(r, counters);
	near = &r->port[0].counters;
	assert_true(r->port[0].lost > 0);
	assert_true(counters[counter_count + 4] == (double)(r->port[0].lost + near->missed));
	assert_true(counter_named(counters, "packets.in") == (double)near->in);
	assert_true(counter_named(counters, "packets.in") ==
		    counter_named(counters, "packets.out") +
			counter_named(counters, "dropped.transmit"));
	assert_true(counter_named(counters, "dropped.shutdown") == 0);
	free(counters);
	runner_close(r);
	free(r);
}

static void stopped_at_once_it_counts_what_was_on_its_way(void **state)
{
	const struct dataplane_options options = {.capture = capture, .burst = 8};
	double *counters = calloc(dataplane_counter_count(&program), sizeof(*counters));
	struct runner *r = take(&options);
	pthread_t thread;

	(void)state;
	seen.slow = true;
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, r), 0);
	runner_run(r);
	pthread_join(thread, NULL);
	runner_finish(r);
	counters_of_all(r, counters);
	assert_true(counter_named(counters, "packets.in") < FRAMES);
	assert_true(counter_named(counters, "packets.in") ==
		    counter_named(counters, "packets.out") +
			counter_named(counters, "dropped.shutdown"));
	assert_true(counters[counter_count] == counter_named(counters, "packets.in"));
	free(counters);
	give_back(r);
}

static int group_setup(void **state)
{
	(void)state;
	if (temp_file(capture, "") != 0 || temp_file(written, "") != 0)
		return -1;
	return synthetic_capture_with(capture, FRAMES, GAP_NS, number_frame) == 0 ? test_eal_start()
										  : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	(void)unlink(written);
	return unlink(capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flow_has_one_instance_and_its_order),
	    cmocka_unit_test(a_slow_instance_loses_nothing),
	    cmocka_unit_test(laps_lose_nothing),
	    cmocka_unit_test(parts_of_a_capture_are_the_whole),
	    cmocka_unit_test(time_ends_for_all_with_the_last_frame),
	    cmocka_unit_test(frames_that_an_instance_has_no_room_for_are_missed),
	    cmocka_unit_test(stopped_at_once_it_counts_what_was_on_its_way),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
