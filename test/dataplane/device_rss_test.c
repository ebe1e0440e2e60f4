/* Instances that devices feed by themselves: each flow has one, whatever the devices
 * hash, and nothing is lost. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "support/counted.h"
#include "support/rss_rig.h"

#define FLOWS 400u
#define ON_ITS_WAY 300u /* frames at once: fewer than any queue has places */
#define BACK 0x80000000u
#define BESIDE 0x40000000u /* what may overtake the flow's own */

static struct {
	struct chain *chain[FLOWS]; /* that had its first frame */
	uint32_t next[FLOWS][2];    /* by direction */
	uint32_t frames, strays, disorder;
	uint32_t slow_us;
} seen;

/* The last eight bytes of a frame are its flow, and its number in its direction. */
static void look_at(struct chain *c, const struct rte_mbuf *m)
{
	const uint8_t *end = rte_pktmbuf_mtod_offset(m, const uint8_t *, rte_pktmbuf_data_len(m));
	uint32_t flow, number, back;

	memcpy(&flow, end - 8, 4);
	memcpy(&number, end - 4, 4);
	back = (number & BACK) != 0;
	if (seen.chain[flow] == NULL)
		seen.chain[flow] = c;
	if (seen.chain[flow] != c)
		__atomic_fetch_add(&seen.strays, 1, __ATOMIC_RELAXED);
	if (!(number & BESIDE) && (number & ~BACK) < seen.next[flow][back])
		__atomic_fetch_add(&seen.disorder, 1, __ATOMIC_RELAXED);
	if (!(number & BESIDE))
		seen.next[flow][back] = number & ~BACK;
	__atomic_fetch_add(&seen.frames, 1, __ATOMIC_RELEASE);
}

static void stage(struct chain *c, struct burst *b)
{
	for (uint16_t i = 0; i < b->count; i++)
		look_at(c, b->mbuf[i]);
	if (seen.slow_us > 0 && b->count > 0)
		usleep(seen.slow_us);
	b->next = b->count;
	b->complete = 1;
}

/* ---- frames ---- */

static void frame_end(struct frame *f, uint32_t flow, uint32_t number)
{
	frame_add(f, &flow, 4);
	frame_add(f, &number, 4);
}

static struct frame frame_of(uint32_t flow, uint32_t number)
{
	bool back = (number & BACK) != 0, ip6 = flow / 2 % 2, udp = flow % 2;
	uint8_t client = (uint8_t)(1 + flow % 40), server = (uint8_t)(50 + flow % 37);
	uint8_t from = back ? server : client, to = back ? client : server;
	uint16_t near = (uint16_t)(1024 + flow), far = 80;
	uint16_t payload = udp ? 16 : 28;
	struct frame f = {.len = 0};

	frame_eth(&f, ip6 ? 0x86dd : 0x0800);
	if (ip6)
		frame_ip6(&f, from, to, udp ? 17 : 6, payload);
	else
		frame_ip4(&f, from, to, udp ? 17 : 6, payload);
	if (udp)
		frame_udp(&f, back ? far : near, back ? near : far, 16);
	else
		frame_tcp(&f, back ? far : near, back ? near : far);
	frame_end(&f, flow, number);
	return f;
}

/* Of an IPv4 flow. */
static struct frame error_about(uint32_t flow)
{
	struct frame about = frame_of(flow, BESIDE), f = {.len = 0};

	frame_eth(&f, 0x0800);
	frame_ip4(&f, 99, about.bytes[29], 1, (uint16_t)(8 + about.len - 14));
	frame_add(&f, "\x03\x01\0\0\0\0\0\0", 8);
	frame_add(&f, about.bytes + 14, about.len - 14);
	return f;
}

static struct frame later_fragment(uint32_t flow)
{
	struct frame about = frame_of(flow, BESIDE), f = {.len = 0};
	uint32_t ip;

	frame_eth(&f, 0x0800);
	ip = frame_ip4(&f, about.bytes[29], about.bytes[33], about.bytes[23], 8);
	frame_put16(&f, ip + 6, 3);
	frame_end(&f, flow, BESIDE);
	return f;
}

static bool is_ip4(uint32_t flow)
{
	return flow / 2 % 2 == 0;
}

/* ---- a run ---- */

static struct run {
	struct runner *r;
	pthread_t thread;
	uint32_t arrived, left;
} run;

static void *run_main(void *arg)
{
	runner_run(arg);
	return NULL;
}

static void begin(void)
{
	struct fault fault = {0};

	memset(&seen, 0, sizeof(seen));
	run = (struct run){0};
	if (take(&run.r, cards, DATAPLANE_RSS_AUTO, &fault) < 0)
		fail_msg("%s", fault.message);
	assert_int_equal(pthread_create(&run.thread, NULL, run_main, run.r), 0);
}

static void collect(void)
{
	run.left += fake_sent(0) + fake_sent(1);
}

/* No more than fit anywhere are on their way. */
static void arrive(unsigned int card, struct frame f)
{
	while (run.arrived - __atomic_load_n(&seen.frames, __ATOMIC_ACQUIRE) >= ON_ITS_WAY)
		usleep(20);
	collect();
	assert_true(fake_arrive(card, &f, run.r->memory.mbufs));
	run.arrived++;
}

static void all_flows(uint32_t rounds)
{
	for (uint32_t number = 0; number < rounds; number++)
		for (uint32_t flow = 0; flow < FLOWS; flow++) {
			arrive(0, frame_of(flow, number));
			arrive(1, frame_of(flow, number | BACK));
		}
}

static void stop(uint32_t how)
{
	for (uint16_t k = 0; k < INSTANCES; k++) {
		__atomic_store_n(&runner_instance(run.r, k)->stop, how, __ATOMIC_SEQ_CST);
		runner_wake(runner_instance(run.r, k));
	}
	__atomic_store_n(&run.r->stop, how, __ATOMIC_SEQ_CST);
	runner_wake(run.r);
	pthread_join(run.thread, NULL);
	collect();
}

static double *counted(void)
{
	double *counters = calloc(dataplane_counter_count(&program), sizeof(*counters));

	assert_non_null(counters);
	counters_of_all(run.r, counters);
	return counters;
}

static void give_back(void)
{
	struct rte_mempool *mbufs = run.r->memory.mbufs;

	fake_left(0);
	fake_left(1);
	assert_int_equal(rte_mempool_in_use_count(mbufs), 0);
	runner_close(run.r);
	free(run.r);
	fake_free();
}

/* Everything that arrived was handled once, by one instance a flow, and has left. */
static double assert_all_handled(void)
{
	double *counters, handed;

	while (__atomic_load_n(&seen.frames, __ATOMIC_ACQUIRE) < run.arrived)
		usleep(100);
	stop(RUNNER_DRAIN);
	counters = counted();
	assert_int_equal(seen.strays, 0);
	assert_int_equal(seen.disorder, 0);
	assert_int_equal(seen.frames, run.arrived);
	assert_int_equal(run.left, run.arrived);
	assert_true(counter_named(counters, "packets.in") == run.arrived);
	assert_true(counter_named(counters, "packets.out") == run.arrived);
	/* in and out of both ports */
	assert_true(counters[counter_count] + counters[counter_count + 6] == run.arrived);
	assert_true(counters[counter_count + 1] + counters[counter_count + 7] == run.arrived);
	handed = counter_named(counters, "packets.handed_on");
	free(counters);
	return handed;
}

static void assert_each_has_flows(void)
{
	for (uint16_t k = 0; k < INSTANCES; k++)
		assert_true(runner_instance(run.r, k)->counters.packets_in > 0);
}

static void both_directions_of_a_flow_have_one_instance(void **state)
{
	(void)state;
	features_are(false, 0);
	cards_are(4, TYPES);
	begin();
	all_flows(5);
	assert_true(assert_all_handled() == 0);
	assert_each_has_flows();
	assert_false(distributor_feeds(run.r->distributor));
	give_back();
}

static void fragments_have_their_flows_instance(void **state)
{
	(void)state;
	features_are(true, 0);
	cards_are(3, TYPES);
	begin();
	all_flows(1);
	for (uint32_t flow = 0; flow < FLOWS; flow++)
		if (is_ip4(flow))
			arrive(0, later_fragment(flow));
	assert_true(assert_all_handled() == 0);
	assert_each_has_flows();
	give_back();
}

static void an_error_is_handed_on_to_the_flow_that_it_quotes(void **state)
{
	(void)state;
	features_are(false, 0);
	cards_are(4, TYPES);
	begin();
	all_flows(1);
	for (uint32_t flow = 0; flow < FLOWS; flow++)
		if (is_ip4(flow))
			arrive(1, error_about(flow));
	assert_in_range((int)assert_all_handled(), 50, 190);
	give_back();
}

/* It puts all in its first queue. */
static void a_device_that_hashes_otherwise_costs_no_flow(void **state)
{
	(void)state;
	features_are(false, 0);
	cards_are(4, TYPES);
	begin();
	memset(fake[0].table, 0, sizeof(fake[0].table));
	memset(fake[1].table, 0, sizeof(fake[1].table));
	all_flows(3);
	assert_in_range((int)assert_all_handled(), (int)run.arrived / 3, (int)run.arrived * 9 / 10);
	assert_each_has_flows();
	give_back();
}

/* All is for instances that are slow, and comes in faster than they take it. */
static void what_finds_no_room_is_missed(void **state)
{
	double *counters, missed;

	(void)state;
	features_are(false, 0);
	cards_are(4, TYPES);
	begin();
	memset(fake[0].table, 0, sizeof(fake[0].table));
	seen.slow_us = 2000;
	for (uint32_t i = 0; i < 20 * FLOWS;) {
		struct frame f = frame_of(i % FLOWS, i / FLOWS);

		collect();
		if (fake_arrive(0, &f, run.r->memory.mbufs))
			i++;
		else
			usleep(20);
	}
	while (rte_ring_count(fake[0].in[0]) > 0)
		usleep(100);
	stop(RUNNER_DRAIN);
	counters = counted();
	missed = counters[counter_count + 4];
	assert_int_equal(seen.strays, 0);
	assert_true(counter_named(counters, "packets.in") + missed == 20 * FLOWS);
	assert_true(counters[counter_count] == counter_named(counters, "packets.in"));
	assert_true(counter_named(counters, "packets.out") == run.left);
	assert_true(counter_named(counters, "dropped.shutdown") == 0);
	free(counters);
	give_back();
}

static void stopped_at_once_it_counts_what_was_handed_on(void **state)
{
	double *counters;

	(void)state;
	features_are(false, 0);
	cards_are(4, TYPES);
	begin();
	memset(fake[0].table, 0, sizeof(fake[0].table));
	seen.slow_us = 20000;
	for (uint32_t i = 0; i < 600; i++) {
		struct frame f = frame_of(i % FLOWS, i / FLOWS);

		assert_true(fake_arrive(0, &f, run.r->memory.mbufs));
	}
	usleep(50000);
	stop(RUNNER_NOW);
	counters = counted();
	assert_true(counter_named(counters, "packets.in") > 0);
	assert_true(counter_named(counters, "packets.in") == counters[counter_count]);
	assert_true(counter_named(counters, "packets.in") ==
		    counter_named(counters, "packets.out") +
			counter_named(counters, "dropped.shutdown"));
	free(counters);
	give_back();
}

static void a_device_that_is_unplugged_takes_nothing(void **state)
{
	double *counters;

	(void)state;
	features_are(false, 0);
	cards_are(4, TYPES);
	begin();
	fake_remove(1);
	usleep(400000);
	for (uint32_t flow = 0; flow < FLOWS; flow++)
		arrive(0, frame_of(flow, 0));
	while (__atomic_load_n(&seen.frames, __ATOMIC_ACQUIRE) < run.arrived)
		usleep(100);
	stop(RUNNER_DRAIN);
	counters = counted();
	assert_int_equal(run.left, 0);
	assert_true(counter_named(counters, "dropped.transmit") == FLOWS);
	assert_int_equal(run.r->warning_count, 2);
	assert_string_equal(run.r->warnings[1].code, FAULT_DEVICE_GONE);
	free(counters);
	give_back();
}

static int group_setup(void **state)
{
	(void)state;
	return test_eal_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_directions_of_a_flow_have_one_instance),
	    cmocka_unit_test(fragments_have_their_flows_instance),
	    cmocka_unit_test(an_error_is_handed_on_to_the_flow_that_it_quotes),
	    cmocka_unit_test(a_device_that_hashes_otherwise_costs_no_flow),
	    cmocka_unit_test(what_finds_no_room_is_missed),
	    cmocka_unit_test(stopped_at_once_it_counts_what_was_handed_on),
	    cmocka_unit_test(a_device_that_is_unplugged_takes_nothing),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
