/* What a flow's events are does not depend on how packets are cut into bursts,
 * nor on the room in the log: random traffic of a few flows that lose, repeat,
 * reorder, overlap, reset and reuse ports, in bursts of 1, 2, 32 and 256. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rig_compare.h"
#include "support/rig_finish.h"
#include "support/shared_rigs.h"
#include "support/tcp_frame.h"

RIG_INSTANCE(tight, .flows = true, .tcp = true, .data_client = true, .data_server = true,
	     .gap = true, .idle_ns = 20000000ull, .checksum = CHECKSUM_TRUST,
	     .overlap_policy = OVERLAP_BSD, .record_size = sizeof(struct rig_record),
	     .tcp_at = offsetof(struct rig_record, tcp),
	     .stream_at = offsetof(struct rig_record, stream),
	     .digests_at = offsetof(struct rig_record, digests))
RIG_INSTANCE(dropping, .flows = true, .tcp = true, .data_client = true, .data_server = true,
	     .overlap = true, .drops = true, .history = 2048, .idle_ns = 20000000ull,
	     .checksum = CHECKSUM_TRUST, .record_size = sizeof(struct rig_record),
	     .tcp_at = offsetof(struct rig_record, tcp),
	     .stream_at = offsetof(struct rig_record, stream),
	     .digests_at = offsetof(struct rig_record, digests))
RIG_INSTANCE(hearing, .flows = true, .tcp = true, .data_client = true, .data_server = true,
	     .gap = true, .drops = true, .unheard = true, .history = 2048, .idle_ns = 20000000ull,
	     .checksum = CHECKSUM_TRUST, .record_size = sizeof(struct rig_record),
	     .tcp_at = offsetof(struct rig_record, tcp),
	     .stream_at = offsetof(struct rig_record, stream),
	     .digests_at = offsetof(struct rig_record, digests))

/* A function drops some of the packets that it hears of: each is judged before it arrives,
 * so rounds end in the middle of all that a packet sets off. */
static void judging_raise(struct stack *s, struct burst *b, enum event_type type,
			  const struct event_site *site)
{
	rig_raise(s, b, type, site);
	if (type == EVENT_PKT_TCP && b->packet[site->packet].seq * 2654435761u >> 28 == 3)
		burst_drop(b, site->packet, VERDICT_DROP, 0);
}

static const struct stack_hooks judging_hooks = {
    .match = rig_match,
    .subscribe = rig_subscribe,
    .wants_data = rig_wants_data,
    .follows = rig_follows_flow,
    .unsettled = rig_unsettled,
    .raise = judging_raise,
};
RIG_INSTANCE_WITH(judging, &judging_hooks, .flows = true, .tcp = true, .data_client = true,
		  .data_server = true, .gap = true, .overlap = true, .drops = true,
		  .packet_events = true, .packet_verdicts = true, .history = 2048,
		  .idle_ns = 20000000ull, .checksum = CHECKSUM_TRUST,
		  .record_size = sizeof(struct rig_record),
		  .tcp_at = offsetof(struct rig_record, tcp),
		  .stream_at = offsetof(struct rig_record, stream),
		  .digests_at = offsetof(struct rig_record, digests))

#define PACKETS 3000
#define PORTS 12

static struct rte_mempool *pool;

struct packet_plan {
	struct tcp_spec spec;
	uint64_t time;
};

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % below;
}

static const uint8_t text[3000] = "The quick brown fox jumps over the lazy dog.";

/* Mostly plausible segments around a cursor per port and direction. */
static void plan_draw(struct packet_plan *plan, uint64_t first_seed)
{
	uint32_t cursor[PORTS][2];
	uint64_t time = 1000000000ull;

	seed = first_seed;
	for (int i = 0; i < PORTS; i++) {
		cursor[i][0] = draw(2) ? 0xfffffff0u : 1000;
		cursor[i][1] = 5000;
	}
	for (int i = 0; i < PACKETS; i++) {
		uint32_t port = draw(PORTS), kind = draw(100);
		int dir = (int)draw(2);
		uint32_t *mine = &cursor[port][dir], *theirs = &cursor[port][dir ^ 1];
		struct tcp_spec t = {.dir = dir,
				     .client_port = (uint16_t)(2000 + port),
				     .seq = *mine,
				     .ack = *theirs,
				     .flags = TCP_ACK,
				     .data = text + draw(40),
				     .window = 60000};

		if (kind < 4) {
			t.flags = TCP_SYN;
			t.dir = 0;
			t.seq = cursor[port][0] += 100000;
		} else if (kind < 10) {
			t.dir = 1;
			t.flags = TCP_SYN | TCP_ACK;
			t.seq = cursor[port][1] += 1000;
			t.ack = ++cursor[port][0];
			cursor[port][1]++;
		} else if (kind < 40) {
			t.len = 1 + draw(draw(4) == 0 ? 2900 : 200);
			*mine += t.len;
		} else if (kind < 70) {
			t.len = 1 + draw(300);
			t.seq += draw(2000) - 800u;
		} else if (kind < 73) {
			t.flags |= TCP_FIN;
			(*mine)++;
		} else if (kind < 75) {
			t.flags = TCP_RST;
			t.seq += draw(2);
		} else if (kind < 80) {
			t.flags |= TCP_URG;
			t.urgent = (uint16_t)draw(20);
			t.len = 20;
			*mine += t.len;
		} else if (kind < 85) {
			t.flags = (uint8_t)draw(256);
			t.len = draw(100);
		} else {
			t.ack += draw(300) - 100u;
		}
		time += draw(20) == 0 ? 3000000 : draw(2000);
		plan[i] = (struct packet_plan){.spec = t, .time = time};
	}
}

static void plan_run(struct rig *r, const struct packet_plan *plan, uint16_t limit)
{
	struct rte_mbuf *mbufs[BURST_MAX];
	uint16_t count = 0;

	for (int i = 0; i < PACKETS; i++) {
		if (count > 0 && (count == limit || plan[i].time / TIMER_TICK_NS !=
							plan[i - count].time / TIMER_TICK_NS)) {
			rig_run(r, mbufs, count, LINK_ETHERNET);
			count = 0;
		}
		mbufs[count++] = tcp_frame(r, &plan[i].spec, plan[i].time);
	}
	rig_run(r, mbufs, count, LINK_ETHERNET);
	rig_end(r, plan[PACKETS - 1].time);
	rig_assert_empty(r);
}

typedef struct rig *(*rig_maker)(struct rte_mempool *pool, uint32_t flows, size_t buffer);

#define RECORDS 1024

static void invariance_check(rig_maker make, uint32_t flows, size_t buffer, uint64_t first_seed)
{
	static struct packet_plan plan[PACKETS];
	static const uint16_t bursts[] = {1, 2, 32, 256};
	struct rig *reference = NULL;

	plan_draw(plan, first_seed);
	for (size_t i = 0; i < RTE_DIM(bursts); i++) {
		struct rig *r = make(pool, RECORDS, buffer);

		r->stack.flows_max = flows;
		/* Hardly room for one packet, then ample. */
		r->burst.log.stack_limit = i % 2 == 0 ? 2048 : STACK_SLOTS_PER_PACKET + 8;
		plan_run(r, plan, bursts[i]);
		if (reference == NULL) {
			reference = r;
			assert_true(make != dropping_open ||
				    memchr(r->verdicts, VERDICT_DROP_REWRITTEN, r->verdict_count));
			assert_true(make != hearing_open ||
				    memchr(r->verdicts, VERDICT_DROP_UNHEARD, r->verdict_count));
			continue;
		}
		rigs_equal(reference, r, bursts[i]);
		rig_close(r);
	}
	rig_close(reference);
}

static void bursts_change_no_event(void **state)
{
	(void)state;
	for (uint64_t s = 1; s <= 12; s++)
		invariance_check(full_open, RECORDS / 2, 1 << 20, s * 7919);
}

static void bursts_change_no_event_when_the_table_is_full(void **state)
{
	(void)state;
	for (uint64_t s = 1; s <= 6; s++)
		invariance_check(tight_open, PORTS / 2, 1 << 20, s * 104729);
}

static void bursts_change_no_event_when_the_buffer_is_full(void **state)
{
	(void)state;
	for (uint64_t s = 1; s <= 6; s++)
		invariance_check(tight_open, RECORDS / 2, 64 * sizeof(struct chunk), s * 15485863);
}

/* Rewritten copies are dropped by what was delivered, wherever a burst begins. */
static void bursts_change_no_verdict(void **state)
{
	(void)state;
	for (uint64_t s = 1; s <= 6; s++)
		invariance_check(dropping_open, RECORDS / 2, 1 << 21, s * 32452843);
}

/* Then what was remembered is lost, and copies are dropped as unknown. */
static void bursts_change_no_verdict_when_the_buffer_is_full(void **state)
{
	(void)state;
	for (uint64_t s = 1; s <= 4; s++)
		invariance_check(dropping_open, RECORDS / 2, 64 * sizeof(struct chunk),
				 s * 49979687);
}

/* A drain that a full log cuts short goes on, though there is memory again by then. */
static void bursts_change_no_event_when_each_packet_is_judged(void **state)
{
	static const uint64_t seeds[] = {5, 10, 21, 22, 29, 38};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(seeds); i++)
		invariance_check(judging_open, RECORDS / 2, 64 * sizeof(struct chunk),
				 seeds[i] * 15485863);
}

/* The same for what nobody has heard. */
static void bursts_change_who_leaves_unheard(void **state)
{
	(void)state;
	for (uint64_t s = 1; s <= 6; s++)
		invariance_check(hearing_open, RECORDS / 2, 1 << 21, s * 32452867);
	for (uint64_t s = 1; s <= 4; s++)
		invariance_check(hearing_open, RECORDS / 2, 64 * sizeof(struct chunk),
				 s * 49979693);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bursts_change_no_event),
	    cmocka_unit_test(bursts_change_no_event_when_the_table_is_full),
	    cmocka_unit_test(bursts_change_no_event_when_the_buffer_is_full),
	    cmocka_unit_test(bursts_change_no_verdict),
	    cmocka_unit_test(bursts_change_no_verdict_when_the_buffer_is_full),
	    cmocka_unit_test(bursts_change_no_event_when_each_packet_is_judged),
	    cmocka_unit_test(bursts_change_who_leaves_unheard),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 4096);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
