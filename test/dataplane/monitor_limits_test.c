/* What happens at the bounds: a table that is full, a log that is full, timers
 * that are due together; and the timers of NFs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory/stash.h"
#include "support/rig_finish.h"
#include "support/tcp_frame.h"

#define SECOND 1000000000ull
#define MILLISECOND 1000000ull
#define TIMERS 2
#define TABLE_FLOWS 64

struct limits_record {
	struct rig_record base;
	struct wheel_timer timers[TIMERS];
	struct stash stash;
} __rte_cache_aligned;

RIG_INSTANCE(limits, .flows = true, .tcp = true, .udp = true, .data_client = true,
	     .data_server = true, .gap = true, .nf_timers = true, .stashes = true,
	     .idle_ns = 60 * SECOND, .checksum = CHECKSUM_TRUST,
	     .record_size = sizeof(struct limits_record),
	     .tcp_at = offsetof(struct limits_record, base.tcp),
	     .stream_at = offsetof(struct limits_record, base.stream),
	     .timers_at = offsetof(struct limits_record, timers), .timer_count = TIMERS,
	     .stash_at = offsetof(struct limits_record, stash), .stash_count = 1)

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	tcp_clock = SECOND;
	*state = limits_open(pool, TABLE_FLOWS, 1 << 18);
	return 0;
}

static int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock);
	return 0;
}

static void syn_send(struct rig *r, uint16_t port)
{
	tcp_send(r, &(struct tcp_spec){.seq = port, .flags = TCP_SYN, .client_port = port});
}

static struct limits_record *record_of(const struct rig *r, size_t flow)
{
	return (struct limits_record *)flow_table_at(r->stack.table, r->flows[flow].handle.index);
}

/* As an NF's `set_timer` does. */
static void timer_set(struct rig *r, size_t flow, uint8_t nf, uint64_t at)
{
	struct limits_record *record = record_of(r, flow);

	record->timers[nf].owner = record->base.flow.index;
	record->timers[nf].kind = STACK_TIMER_NF;
	record->timers[nf].nf = nf;
	timer_arm(&r->stack.wheel, &record->timers[nf], at);
}

/* ---- a full table ---- */

static void flood_of_syns_evicts_the_oldest_and_says_so(void **state)
{
	struct rig *r = *state;
	uint32_t max = r->stack.flows_max;

	for (uint16_t i = 0; i < 500; i++)
		syn_send(r, (uint16_t)(2000 + i));
	assert_true(max < TABLE_FLOWS + 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 500);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 500 - max);
	assert_int_equal(r->counters.flows_evicted, 500 - max);
	assert_int_equal(r->counters.flow_table_full, 0);
	for (size_t i = 0; i < r->flow_count; i++) {
		assert_int_equal(r->flows[i].ended, i < 500 - max);
		if (r->flows[i].ended)
			assert_int_equal(r->flows[i].end_reason, FLOW_END_EVICTED);
	}
}

/* The victim's end is told with the packet that took its place, before its start. */
static void eviction_is_told_before_the_flow_that_took_the_place(void **state)
{
	struct rig *r = *state;
	size_t max = r->stack.flows_max;

	for (uint16_t i = 0; i <= max; i++)
		syn_send(r, (uint16_t)(2000 + i));
	assert_int_equal(r->events[max].type, EVENT_FLOW_END);
	assert_true(r->events[max].has_packet);
	assert_int_equal(r->events[max].flow, 0);
	assert_int_equal(r->events[max + 1].type, EVENT_FLOW_START);
}

/* All in one burst: records of ended flows are free only after it. */
static void burst_of_syns_larger_than_the_table_starts_what_it_can(void **state)
{
	struct rig *r = *state;
	struct rte_mbuf *mbufs[BURST_MAX];
	uint64_t started;

	for (uint16_t i = 0; i < BURST_MAX; i++)
		mbufs[i] =
		    tcp_frame(r,
			      &(struct tcp_spec){
				  .seq = i, .flags = TCP_SYN, .client_port = (uint16_t)(2000 + i)},
			      tcp_clock);
	rig_run(r, mbufs, BURST_MAX, LINK_ETHERNET);
	started = r->counters.flows_started;
	assert_true(started >= r->stack.flows_max);
	assert_int_equal(started + r->counters.flow_table_full, BURST_MAX);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), started);
	for (uint16_t i = 0; i < TABLE_FLOWS; i++) /* the next ones find room */
		syn_send(r, (uint16_t)(5000 + i));
	assert_int_equal(r->counters.flows_started, started + TABLE_FLOWS);
}

/* What an evicted flow held, kept and had armed comes back. */
static void evicted_flow_leaves_nothing_behind(void **state)
{
	struct rig *r = *state;
	struct stash_piece piece = {.data = (const uint8_t *)"kept", .len = 4};

	tcp_open(r);
	tcp_data(r, 10, "held");
	stash_append(&r->chunks, &record_of(r, 0)->stash, 100, &piece);
	timer_set(r, 0, 1, 30 * SECOND);
	assert_int_equal(r->chunks.available, r->chunks.capacity - 2);
	r->stack.flows_max = 1;
	syn_send(r, 2000);
	assert_int_equal(r->flows[0].end_reason, FLOW_END_EVICTED);
	assert_int_equal(r->flows[0].len[0], 14); /* a gap, and what was held */
	assert_int_equal(r->chunks.available, r->chunks.capacity);
	assert_int_equal(r->stack.wheel.armed, 1);
	rig_tick(r, 31 * SECOND);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), 0);
}

static void handshake_send(struct rig *r, uint16_t port)
{
	syn_send(r, port);
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN,
				       .ack = port + 1u,
				       .flags = TCP_SYN | TCP_ACK,
				       .client_port = port});
	tcp_send(
	    r, &(struct tcp_spec){
		   .seq = port + 1u, .ack = SERVER_ISN + 1, .flags = TCP_ACK, .client_port = port});
}

/* An acknowledgement of the server's, so that the flow is active. */
static void flow_speak(struct rig *r, uint16_t port)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = port + 1u,
				       .flags = TCP_ACK,
				       .client_port = port});
}

/* More of them than one eviction looks at, and others complete handshakes for as
 * long as they like. */
static void flows_that_speak_outlive_connections_that_only_stand(void **state)
{
	struct rig *r = *state;
	const uint16_t honest = 40;

	assert_true(r->stack.flows_max > honest + 4);
	for (uint16_t i = 0; i < honest; i++)
		handshake_send(r, (uint16_t)(2000 + i));
	for (uint16_t i = 0; i < 2000; i++) {
		handshake_send(r, (uint16_t)(10000 + i));
		tcp_clock += MILLISECOND;
		for (uint16_t k = 0; k < honest && i % 4 == 0; k++)
			flow_speak(r, (uint16_t)(2000 + k));
	}
	assert_int_equal(r->counters.flows_evicted, honest + 2000 - r->stack.flows_max);
	for (size_t i = 0; i < honest; i++)
		if (r->flows[i].ended)
			fail_msg("honest flow %zu was evicted", i);
}

/* While half of the places are free packets move no flow in its list. When they are taken,
 * those that spoke until then go behind the others before any of them is evicted, also
 * when they are more than one eviction looks at. */
static void flows_that_spoke_in_an_empty_table_outlive_silent_ones(void **state)
{
	const uint16_t honest = 36, silent = 8;
	struct rig *r = *state;
	uint16_t max;

	rig_close(r);
	r = *state = limits_open(pool, 2 * TABLE_FLOWS, 1 << 18);
	max = (uint16_t)r->stack.flows_max;
	assert_true(honest + silent <= max / 2);
	for (uint16_t i = 0; i < honest; i++)
		handshake_send(r, (uint16_t)(2000 + i));
	for (uint16_t i = 0; i < silent; i++)
		handshake_send(r, (uint16_t)(3000 + i));
	tcp_clock += 10 * MILLISECOND;
	for (uint16_t i = 0; i < honest; i++)
		flow_speak(r, (uint16_t)(2000 + i));
	tcp_clock += 10 * MILLISECOND;
	for (uint16_t i = 0; i < max - honest; i++)
		handshake_send(r, (uint16_t)(10000 + i));
	assert_int_equal(r->counters.flows_evicted, silent);
	for (size_t i = 0; i < max; i++)
		assert_int_equal(r->flows[i].ended, i >= honest && i < (size_t)(honest + silent));
}

/* Also when all of them speak: those that were heard of last stay. */
static void flow_that_was_heard_of_longest_ago_is_evicted(void **state)
{
	struct rig *r = *state;
	uint16_t max = (uint16_t)r->stack.flows_max;

	assert_true(max > 32);
	for (uint16_t i = 0; i < max; i++)
		handshake_send(r, (uint16_t)(2000 + i));
	tcp_clock += 10 * MILLISECOND;
	for (uint16_t i = 0; i < max; i++)
		if (i != 7)
			flow_speak(r, (uint16_t)(2000 + i));
	tcp_clock += 10 * MILLISECOND;
	syn_send(r, 10000);
	for (uint16_t i = 0; i < max; i++)
		assert_int_equal(r->flows[i].ended, i == 7);
}

/* ---- timers ---- */

static void timer_of_an_nf_fires_once_at_its_time_without_a_packet(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	timer_set(r, 0, 1, 2 * SECOND);
	rig_tick(r, 2 * SECOND - MILLISECOND);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), 0);
	rig_tick(r, 2 * SECOND + 5 * MILLISECOND);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), 1);
	assert_int_equal(rig_event_find(r, EVENT_TIMER, 0)->nf, 1);
	assert_int_equal(rig_event_find(r, EVENT_TIMER, 0)->time, 2 * SECOND);
	assert_false(rig_event_find(r, EVENT_TIMER, 0)->has_packet);
	rig_tick(r, 4 * SECOND);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), 1);
}

static void nfs_have_timers_of_their_own(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	timer_set(r, 0, 0, 3 * SECOND);
	timer_set(r, 0, 1, 2 * SECOND);
	timer_set(r, 0, 0, 4 * SECOND); /* again: the later one holds */
	rig_tick(r, 5 * SECOND);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), 2);
	assert_int_equal(rig_event_find(r, EVENT_TIMER, 0)->nf, 1);
	assert_int_equal(rig_event_find(r, EVENT_TIMER, 1)->nf, 0);
	assert_int_equal(rig_event_find(r, EVENT_TIMER, 1)->time, 4 * SECOND);
}

static void timer_does_not_outlive_the_end_of_its_flow(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	timer_set(r, 0, 0, 2 * SECOND);
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1, .flags = TCP_RST});
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 1);
	rig_tick(r, 3 * SECOND);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), 0);
}

static void timer_of_a_gone_flow_does_not_fire_for_the_next_in_its_record(void **state)
{
	struct rig *r = *state;

	r->stack.flows_max = 1;
	syn_send(r, 2000);
	timer_set(r, 0, 0, 2 * SECOND);
	for (uint16_t i = 1; i < 200; i++)
		syn_send(r, (uint16_t)(2000 + i));
	rig_tick(r, 3 * SECOND);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), 0);
}

/* Each event takes 8 slots: a log of 16 events, 40 timers in one tick. */
static void timers_beyond_the_log_fire_in_order_in_the_next_rounds(void **state)
{
	struct rig *r = *state;
	size_t flows = 40;

	for (uint16_t i = 0; i < flows; i++)
		syn_send(r, (uint16_t)(2000 + i));
	for (size_t i = 0; i < flows; i++)
		timer_set(r, i, (uint8_t)(i % TIMERS), 2 * SECOND);
	r->burst.log.stack_limit = 16 * EVENT_SLOTS_MAX;
	r->rounds = 0;
	rig_tick(r, 2 * SECOND + 100 * MILLISECOND);
	assert_int_equal(r->rounds, 3);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), flows);
	for (size_t i = 0; i < flows; i++) {
		assert_int_equal(rig_event_find(r, EVENT_TIMER, i)->flow, i);
		assert_int_equal(rig_event_find(r, EVENT_TIMER, i)->nf, i % TIMERS);
		assert_int_equal(rig_event_find(r, EVENT_TIMER, i)->time, 2 * SECOND);
	}
}

/* What is kept for a late choice leaves the other half to holes. */
static void stashes_of_all_flows_leave_memory_for_holes(void **state)
{
	struct rig *r = *state;
	struct stash_piece piece = {.data = (const uint8_t *)"kept", .len = 4};
	uint32_t kept = 0;

	r->stack.flows_max = TABLE_FLOWS;
	for (uint16_t i = 0; i < TABLE_FLOWS / 2; i++)
		handshake_send(r, (uint16_t)(2000 + i));
	while (kept < r->chunks.capacity) { /* a chunk each */
		struct stash *stash = &record_of(r, kept % (TABLE_FLOWS / 2))->stash;

		if (stash->last != NULL)
			stash->last->used = sizeof(stash->last->data);
		if (stash_append(&r->chunks, stash, UINT32_MAX, &piece) > 0)
			break;
		kept++;
	}
	assert_int_equal(kept, r->chunks.capacity / 2);
	tcp_open(r);
	tcp_data(r, 3000, "held");
	assert_int_equal(r->counters.held_lost, 0);
	assert_int_equal(r->stack.reassembly.pages, 1);
	assert_int_equal(r->chunks.stashed, kept);
}

/* Here there are no ticks left before now for what is over. */
static void timers_beyond_the_log_fire_though_now_is_their_tick(void **state)
{
	struct rig *r = *state;
	size_t flows = 40;

	for (uint16_t i = 0; i < flows; i++)
		syn_send(r, (uint16_t)(2000 + i));
	for (size_t i = 0; i < flows; i++)
		timer_set(r, i, 0, 2 * SECOND);
	r->burst.log.stack_limit = 16 * EVENT_SLOTS_MAX;
	for (int i = 0; i < 4; i++)
		rig_tick(r, 2 * SECOND + (uint64_t)i * MILLISECOND);
	assert_int_equal(rig_event_count(r, EVENT_TIMER), flows);
}

static void idle_ends_beyond_the_log_come_in_the_next_rounds(void **state)
{
	struct rig *r = *state;
	size_t flows = 40;

	for (uint16_t i = 0; i < flows; i++)
		syn_send(r, (uint16_t)(2000 + i));
	r->burst.log.stack_limit = 16 * EVENT_SLOTS_MAX;
	rig_tick(r, 70 * SECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), flows);
	assert_int_equal(r->counters.flows_idle, flows);
	for (size_t i = 0; i < flows; i++)
		assert_int_equal(rig_event_find(r, EVENT_FLOW_END, i)->flow, i);
}

static void shutdown_beyond_the_log_ends_every_flow_once(void **state)
{
	struct rig *r = *state;
	size_t flows = 40;

	for (uint16_t i = 0; i < flows; i++)
		syn_send(r, (uint16_t)(2000 + i));
	r->burst.log.stack_limit = 16 * EVENT_SLOTS_MAX;
	rig_end(r, tcp_clock);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), flows);
	assert_int_equal(r->counters.flows_shutdown, flows);
}

/* The burst that is larger than the log, with the same table. */
static void eviction_goes_on_when_the_log_was_full(void **state)
{
	struct rig *r = *state;
	struct rte_mbuf *mbufs[64];

	r->stack.flows_max = 4;
	r->burst.log.stack_limit = STACK_SLOTS_PER_PACKET;
	for (uint16_t i = 0; i < 64; i++)
		mbufs[i] = tcp_frame(r,
				     &(struct tcp_spec){.seq = i,
							.flags = TCP_SYN,
							.client_port = (uint16_t)(2000 + i % 32)},
				     tcp_clock);
	rig_run(r, mbufs, 32, LINK_ETHERNET);
	rig_run(r, mbufs + 32, 32, LINK_ETHERNET);
	assert_int_equal(r->counters.flows_started, 64);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 64);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 60);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(flood_of_syns_evicts_the_oldest_and_says_so),
	    CASE(eviction_is_told_before_the_flow_that_took_the_place),
	    CASE(burst_of_syns_larger_than_the_table_starts_what_it_can),
	    CASE(evicted_flow_leaves_nothing_behind),
	    CASE(flows_that_speak_outlive_connections_that_only_stand),
	    CASE(flows_that_spoke_in_an_empty_table_outlive_silent_ones),
	    CASE(flow_that_was_heard_of_longest_ago_is_evicted),
	    CASE(timer_of_an_nf_fires_once_at_its_time_without_a_packet),
	    CASE(nfs_have_timers_of_their_own),
	    CASE(timer_does_not_outlive_the_end_of_its_flow),
	    CASE(timer_of_a_gone_flow_does_not_fire_for_the_next_in_its_record),
	    CASE(timers_beyond_the_log_fire_in_order_in_the_next_rounds),
	    CASE(stashes_of_all_flows_leave_memory_for_holes),
	    CASE(timers_beyond_the_log_fire_though_now_is_their_tick),
	    CASE(idle_ends_beyond_the_log_come_in_the_next_rounds),
	    CASE(shutdown_beyond_the_log_ends_every_flow_once),
	    CASE(eviction_goes_on_when_the_log_was_full),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 1024, 512);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
