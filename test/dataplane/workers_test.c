/* Bursts that wait for workers, and what workers publish: nothing is lost in
 * replay, nothing is stuck, order is kept. Workers are threads that speak the
 * rings' format. The chain is a -> b -> c: packets wait for the verdicts of a,
 * which publishes 100 events for each; b publishes one for each of these; c
 * hears both. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "lcore/publish.h"
#include "support/eal.h"
#include "support/synthetic.h"
#include "support/temp_file.h"
#include "support/worker_threads.h"

#define FRAMES 300u
#define TYPES (EVENT_USER + 2)

struct number_event {
	struct event head;
	uint32_t number;
};

static uint32_t dropped_at_stage_1, forwarded_at_stage_1;

static void send_number(struct outlet *o, const struct burst *b, uint16_t type, uint16_t packet,
			uint32_t number)
{
	struct number_record *r = (struct number_record *)outlet_reserve(
	    o, 1, type == EVENT_PKT ? OUTLET_PACKET : OUTLET_FLOW, OWNER_NONE);

	if (r == NULL)
		return;
	r->head.type = type;
	r->head.packet = packet;
	r->head.burst = b->slot;
	r->head.serial = b->serial;
	r->number = number;
}

/* What of the log's types an NF hears. */
static void run_worker_nf(struct chain *c, struct burst *b, uint8_t outlet, bool hears_y)
{
	for (uint32_t at = b->log.first; at != EVENT_END; at = event_log_at(&b->log, at)->next) {
		const struct number_event *e = (struct number_event *)event_log_at(&b->log, at);

		if (e->head.type == EVENT_X || (hears_y && e->head.type == EVENT_Y))
			send_number(c->outlets[outlet], b, e->head.type, EVENT_NO_PACKET,
				    e->number);
	}
	outlet_flush(c->outlets[outlet]);
}

static void stage_a(struct chain *c, struct burst *b)
{
	for (uint16_t i = 0; i < b->count; i++)
		send_number(c->outlets[0], b, EVENT_PKT, i,
			    rte_pktmbuf_mtod(b->mbuf[i], uint8_t *)[SYNTHETIC_FRAME - 1]);
	outlet_flush(c->outlets[0]);
	b->next = b->count;
	b->complete = 1;
}

static void stage_b_c(struct chain *c, struct burst *b)
{
	for (uint16_t i = 0; i < b->count; i++) {
		dropped_at_stage_1 += b->verdict[i] == VERDICT_DROP;
		forwarded_at_stage_1 += b->verdict[i] == VERDICT_FORWARD;
	}
	run_worker_nf(c, b, 1, false);
	run_worker_nf(c, b, 2, true);
}

static bool publish(struct chain *c, uint16_t type, const struct ring_answer *a)
{
	struct number_event *e = (struct number_event *)chain_publication(c, 1);

	if (e == NULL)
		return false;
	e->head.type = type;
	e->head.packet = EVENT_NO_PACKET;
	e->number = ((const struct number_answer *)a)->number;
	return true;
}

static bool answer_a(struct chain *c, struct burst *b, const struct ring_answer *a)
{
	if (a->kind == ANSWER_PUBLISH)
		return publish(c, EVENT_X, a);
	if (a->kind == ANSWER_OVERLOAD)
		return true; /* on_overload forward */
	if (b != NULL)
		burst_drop(b, a->packet, VERDICT_DROP, 0);
	return true;
}

static bool answer_b(struct chain *c, struct burst *b, const struct ring_answer *a)
{
	(void)b;
	return publish(c, EVENT_Y, a);
}

static bool answer_c(struct chain *c, struct burst *b, const struct ring_answer *a)
{
	(void)c;
	(void)b;
	(void)a;
	return true;
}

static const struct program_nf nfs[] = {
    {.name = "a", .outlet = 0, .place = 0, .answer = answer_a},
    {.name = "b", .outlet = 1, .place = 1, .answer = answer_b},
    {.name = "c", .outlet = 2, .place = 2, .answer = answer_c},
};
static const struct stack_features features;
static const char *const ports[] = {"client", "server"};
static const char *const events[TYPES];
static const struct program_chain chain = {
    .name = "abc",
    .stack_name = "wire",
    .near = 0,
    .far = 1,
    .features = &features,
    .nfs = nfs,
    .nf_count = 3,
    .outlet_count = 3,
    .stage_count = 2,
    .stage = {stage_a, stage_b_c},
    .waits_for = {0},
    .chain_size = sizeof(struct chain),
    .event_names = events,
    .event_types = TYPES,
};
static const struct program_chain *const chains[] = {&chain};
static const struct program program = {
    .name = "workers", .ports = ports, .port_count = 2, .chains = chains, .chain_count = 1};

/* ---- workers ---- */

static char capture[TEMP_PATH];

static struct runner *runner_new(uint16_t burst)
{
	const struct dataplane_options options = {
	    .capture = capture,
	    .burst = burst,
	    .ring_events = 16,
	    .ring_answers = 16,
	    .ring_spill = 4096,
	};
	struct runner *r = calloc(1, sizeof(*r));
	struct fault fault = {0};

	assert_non_null(r);
	dropped_at_stage_1 = forwarded_at_stage_1 = 0;
	if (runner_take(r, &program, &options, false, &fault) < 0)
		fail_msg("%s", fault.message);
	return r;
}

static void runner_free(struct runner *r)
{
	assert_int_equal(rte_mempool_in_use_count(r->memory.mbufs), 0);
	runner_close(r);
	free(r);
}

static void run_with_burst(uint16_t burst)
{
	struct runner *r = runner_new(burst);
	struct worker workers[3] = {0};

	workers_begin(r, workers);
	runner_run(r);
	workers_end(workers);

	assert_int_equal(r->warning_count, 0);
	assert_int_equal(r->counters.packets_in, FRAMES);
	assert_int_equal(r->counters.drop_nf, FRAMES / 2);
	assert_int_equal(r->counters.packets_out, FRAMES / 2);
	assert_int_equal(dropped_at_stage_1, FRAMES / 2);
	assert_int_equal(forwarded_at_stage_1, FRAMES / 2);
	assert_int_equal(workers[0].packets, FRAMES);
	assert_int_equal(workers[1].x, FRAMES * PUBLICATIONS);
	assert_int_equal(workers[2].x, FRAMES * PUBLICATIONS);
	assert_int_equal(workers[2].y, FRAMES * PUBLICATIONS);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(workers[i].disorder, 0);
		assert_int_equal(outlet_lost(r->chains[0].chain->outlets[i]), 0);
	}
	runner_free(r);
}

static void verdicts_and_publications_arrive_in_bursts_of_1(void **state)
{
	(void)state;
	run_with_burst(1);
}

static void verdicts_and_publications_arrive_in_bursts_of_32(void **state)
{
	(void)state;
	run_with_burst(32);
}

static void verdicts_and_publications_arrive_in_bursts_of_256(void **state)
{
	(void)state;
	run_with_burst(256);
}

static void *stop_soon(void *arg)
{
	struct runner *r = arg;

	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	__atomic_store_n(&r->stop, RUNNER_DRAIN, __ATOMIC_SEQ_CST);
	runner_wake(r);
	return NULL;
}

static void packets_that_wait_for_a_worker_that_hangs_are_counted(void **state)
{
	struct runner *r = runner_new(8);
	struct worker workers[3] = {{.hangs = true}};
	pthread_t stopper;

	(void)state;
	r->patience_ns = 100000000;
	workers_begin(r, workers);
	assert_int_equal(pthread_create(&stopper, NULL, stop_soon, r), 0);
	runner_run(r);
	pthread_join(stopper, NULL);
	workers_end(workers);
	assert_int_equal(r->warning_count, 1);
	assert_string_equal(r->warnings[0].code, FAULT_DRAIN_TIMED_OUT);
	assert_true(r->counters.packets_in > 0);
	assert_int_equal(r->counters.packets_out, 0);
	assert_int_equal(r->counters.drop_shutdown, r->counters.packets_in);
	runner_free(r);
}

static void *abandon_soon(void *arg)
{
	struct runner *r = arg;

	nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
	outlet_abandon(r->chains[0].chain->outlets[0]);
	runner_wake(r);
	return NULL;
}

static void packets_go_on_when_the_worker_they_wait_for_is_gone(void **state)
{
	struct runner *r = runner_new(8);
	struct worker workers[3] = {{.hangs = true}};
	pthread_t abandoner;

	(void)state;
	workers_begin(r, workers);
	assert_int_equal(pthread_create(&abandoner, NULL, abandon_soon, r), 0);
	runner_run(r);
	pthread_join(abandoner, NULL);
	workers_end(workers);
	assert_int_equal(r->counters.packets_in, FRAMES);
	assert_int_equal(r->counters.packets_out, FRAMES);
	assert_int_equal(r->warning_count, 0);
	runner_free(r);
}

static int group_setup(void **state)
{
	(void)state;
	if (temp_file(capture, "") != 0 || synthetic_capture(capture, FRAMES, 1000) != 0)
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
	    cmocka_unit_test(verdicts_and_publications_arrive_in_bursts_of_1),
	    cmocka_unit_test(verdicts_and_publications_arrive_in_bursts_of_32),
	    cmocka_unit_test(verdicts_and_publications_arrive_in_bursts_of_256),
	    cmocka_unit_test(packets_that_wait_for_a_worker_that_hangs_are_counted),
	    cmocka_unit_test(packets_go_on_when_the_worker_they_wait_for_is_gone),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
