/* The life of UDP flows and of ICMP queries: start, answer, idle times, eviction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/field.h"
#include "support/icmp_frame.h"
#include "support/rig_finish.h"

#define SECOND 1000000000ull
#define MILLISECOND 1000000ull

RIG_INSTANCE(full, RIG_FEATURES_FULL, .icmp = true, .icmp_errors = true, .idle_udp_ns = 40 * SECOND,
	     .idle_icmp_ns = 20 * SECOND, .idle_unanswered_ns = 10 * SECOND,
	     .checksum = CHECKSUM_VERIFY)
RIG_INSTANCE(impatient, RIG_FEATURES_FULL, .icmp = true, .idle_udp_ns = 5 * SECOND,
	     .idle_unanswered_ns = 10 * SECOND, .checksum = CHECKSUM_VERIFY)

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	*state = full_open(pool, 64, 1 << 18);
	return 0;
}

static int impatient_setup(void **state)
{
	*state = impatient_open(pool, 64, 1 << 18);
	return 0;
}

static int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock + 1000 * SECOND);
	return 0;
}

static struct flow *the_flow(const struct rig *r)
{
	assert_int_equal(flow_table_live(r->stack.table), 1);
	return flow_table_at(r->stack.table, r->flows[0].handle.index);
}

/* Request of 10.0.0.1 (dir 0) or answer of 10.0.0.2, by type. */
static struct icmp_spec query(bool ip6, int dir, uint8_t type, uint16_t identifier)
{
	return (struct icmp_spec){.ip6 = ip6,
				  .from = (uint8_t)(1 + dir),
				  .to = (uint8_t)(2 - dir),
				  .type = type,
				  .word = (uint32_t)identifier << 16 | 1};
}

static void ask(struct rig *r, int dir, uint8_t type, uint64_t time)
{
	struct icmp_spec s = query(false, dir, type, 77);

	icmp_send_at(r, &s, time);
}

/* The nth FLOW_UDP or FLOW_ICMP is this flow's end, raised in this millisecond. */
static void ends_at(const struct rig *r, enum event_type type, size_t nth, uint64_t time)
{
	const struct rig_event *e = rig_event_find(r, type, nth);

	assert_non_null(e);
	assert_int_equal(e->reason, 1);
	assert_false(e->has_packet);
	assert_int_equal(e->time, time);
}

/* ---- UDP ---- */

static void unanswered_udp_flow_ends_early(void **state)
{
	struct rig *r = *state;

	udp_send(r, 0, 10, SECOND);
	udp_send(r, 0, 10, 9 * SECOND);
	rig_tick(r, 19 * SECOND - MILLISECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_UDP), 1);
	rig_tick(r, 19 * SECOND);
	ends_at(r, EVENT_FLOW_UDP, 1, 19 * SECOND);
	assert_int_equal(r->counters.flows_idle, 1);
}

static void answered_udp_flow_has_the_time_of_udp(void **state)
{
	struct rig *r = *state;

	udp_send(r, 0, 10, SECOND);
	udp_send(r, 1, 10, 2 * SECOND);
	rig_tick(r, 42 * SECOND - MILLISECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_UDP), 1);
	rig_tick(r, 42 * SECOND);
	ends_at(r, EVENT_FLOW_UDP, 1, 42 * SECOND);
}

static void unanswered_flow_never_outlives_an_answered_one(void **state)
{
	struct rig *r = *state;

	udp_send(r, 0, 10, SECOND);
	rig_tick(r, 6 * SECOND);
	ends_at(r, EVENT_FLOW_UDP, 1, 6 * SECOND);
	udp_send(r, 0, 10, 7 * SECOND);
	udp_send(r, 1, 10, 8 * SECOND);
	rig_tick(r, 13 * SECOND);
	ends_at(r, EVENT_FLOW_UDP, 3, 13 * SECOND);
}

static void icmp_has_the_common_time_where_it_has_none_of_its_own(void **state)
{
	struct rig *r = *state;

	ask(r, 0, 8, SECOND);
	ask(r, 1, 0, SECOND);
	rig_tick(r, 61 * SECOND - MILLISECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ICMP), 1);
	rig_tick(r, 61 * SECOND);
	ends_at(r, EVENT_FLOW_ICMP, 1, 61 * SECOND);
}

static void tcp_keeps_the_common_time(void **state)
{
	struct rig *r = *state;
	uint64_t last;

	tcp_open(r);
	last = tcp_clock;
	rig_tick(r, last + 59 * SECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 0);
	rig_tick(r, last + 60 * SECOND + MILLISECOND);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_IDLE);
	tcp_clock += 100 * SECOND;
}

/* Flows between 10.0.0.1 and 10.0.0.2 from `port`. */
static void udp_from(struct rig *r, uint16_t port, int dir, uint64_t time)
{
	struct rte_mbuf *m = udp_frame(r, dir, 4, time);
	uint8_t *at = rte_pktmbuf_mtod_offset(m, uint8_t *, dir == 0 ? 34 : 36);

	at[0] = (uint8_t)(port >> 8);
	at[1] = (uint8_t)port;
	memset(rte_pktmbuf_mtod_offset(m, uint8_t *, 40), 0, 2); /* no checksum */
	rig_run(r, &m, 1, LINK_ETHERNET);
}

static void full_table_gives_up_unanswered_flows_first(void **state)
{
	struct rig *r = *state;
	uint64_t time = SECOND;

	r->stack.flows_max = 8;
	for (uint16_t port = 1; port <= 4; port++) {
		udp_from(r, port, 0, time += 1000);
		udp_from(r, port, 1, time += 1000);
	}
	for (uint16_t port = 101; port <= 140; port++)
		udp_from(r, port, 0, time += 1000);
	assert_int_equal(r->counters.flows_evicted, 36);
	assert_int_equal(flow_table_live(r->stack.table), 8);
	for (size_t i = 0; i < 36; i++) { /* starts are 44: each eviction is told */
		size_t ends = 0;

		for (size_t k = 0; k < r->event_count; k++)
			ends += r->events[k].type == EVENT_FLOW_UDP && r->events[k].reason == 1 &&
				r->events[k].flow == 4 + i;
		assert_int_equal(ends, 1);
	}
	for (size_t i = 0; i < 4; i++)
		assert_non_null(flow_table_get(r->stack.table, r->flows[i].handle));
}

static void open_flows_end_with_the_program(void **state)
{
	struct rig *r = *state;

	udp_send(r, 0, 10, SECOND);
	ask(r, 0, 8, SECOND);
	rig_end(r, 2 * SECOND);
	ends_at(r, EVENT_FLOW_UDP, 1, 2 * SECOND);
	ends_at(r, EVENT_FLOW_ICMP, 1, 2 * SECOND);
	assert_int_equal(r->counters.flows_shutdown, 2);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 0);
}

/* ---- ICMP queries ---- */

static void request_and_reply_are_one_flow(void **state)
{
	static const uint8_t pairs[][3] = {
	    {0, 8, 0}, {0, 13, 14}, {0, 15, 16}, {0, 17, 18}, {1, 128, 129}};
	struct rig *r = *state;

	for (size_t i = 0; i < RTE_DIM(pairs); i++) {
		uint16_t identifier = (uint16_t)(100 + i);
		struct icmp_spec asks = query(pairs[i][0], 0, pairs[i][1], identifier);
		struct icmp_spec answers = query(pairs[i][0], 1, pairs[i][2], identifier);
		struct flow *flow;

		icmp_send(r, &asks);
		flow = r->burst.flow[0];
		assert_non_null(flow);
		assert_int_equal(flow->flags & FLOW_SERVER_SEEN, 0);
		icmp_send(r, &answers);
		assert_ptr_equal(r->burst.flow[0], flow);
		assert_true(flow->flags & FLOW_SERVER_SEEN);
		assert_false(flow->flags & FLOW_EMBRYONIC);
		assert_int_equal(flow_client_ip(flow).bytes[pairs[i][0] ? 15 : 3], 1);
		assert_int_equal(flow_client_port(flow), identifier);
	}
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ICMP), RTE_DIM(pairs));
	assert_int_equal(rig_event_count(r, EVENT_PKT_ICMP), 2 * RTE_DIM(pairs));
}

static void reply_without_its_request_is_the_servers(void **state)
{
	struct rig *r = *state;

	ask(r, 1, 0, SECOND);
	assert_int_equal(flow_client_ip(the_flow(r)).bytes[3], 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_ICMP, 0)->dir, MBX_SERVER);
	assert_true(flow_onesided(the_flow(r)));
}

static void identifiers_are_different_flows(void **state)
{
	struct rig *r = *state;
	struct icmp_spec one = query(false, 0, 8, 1), two = query(false, 0, 8, 2);

	icmp_send(r, &one);
	icmp_send(r, &two);
	assert_int_equal(flow_table_live(r->stack.table), 2);
}

static void host_that_asks_itself_has_two_sides(void **state)
{
	struct rig *r = *state;
	struct icmp_spec s = query(false, 0, 8, 5);
	const struct flow_counters *c;

	s.to = s.from;
	icmp_send(r, &s);
	s.type = 0;
	icmp_send(r, &s);
	c = &((struct rig_record *)the_flow(r))->counters;
	assert_int_equal(c->packets[MBX_CLIENT], 1);
	assert_int_equal(c->packets[MBX_SERVER], 1);
}

static void icmp_flow_ends_when_it_was_idle(void **state)
{
	struct rig *r = *state;

	ask(r, 0, 8, SECOND);
	rig_tick(r, 11 * SECOND);
	ends_at(r, EVENT_FLOW_ICMP, 1, 11 * SECOND);
	ask(r, 0, 8, 12 * SECOND);
	ask(r, 1, 0, 13 * SECOND);
	rig_tick(r, 33 * SECOND - MILLISECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ICMP), 3);
	rig_tick(r, 33 * SECOND);
	ends_at(r, EVENT_FLOW_ICMP, 3, 33 * SECOND);
}

static void messages_about_no_flow_make_none(void **state)
{
	static const uint8_t types[][2] = {{0, 9}, {0, 10}, {0, 30}, {1, 133}, {1, 135}, {1, 143}};
	struct rig *r = *state;

	for (size_t i = 0; i < RTE_DIM(types); i++) {
		struct icmp_spec s = query(types[i][0], 0, types[i][1], 1);

		icmp_send(r, &s);
		assert_null(r->burst.flow[0]);
	}
	assert_int_equal(flow_table_live(r->stack.table), 0);
	assert_int_equal(rig_event_count(r, EVENT_PKT_ICMP), RTE_DIM(types));
}

static void wrong_checksum_makes_no_flow(void **state)
{
	struct rig *r = *state;

	for (int ip6 = 0; ip6 <= 1; ip6++) {
		struct icmp_spec s = query(ip6, 0, ip6 ? 128 : 8, 1);

		s.wrong = true;
		icmp_send(r, &s);
		assert_int_equal(r->counters.checksum_icmp, 1 + ip6);
		s.wrong = false;
		icmp_send(r, &s);
	}
	assert_int_equal(r->counters.checksum_icmp, 2);
	assert_int_equal(flow_table_live(r->stack.table), 2);
	assert_int_equal(rig_event_count(r, EVENT_PKT_ICMP), 4);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
#define IMPATIENT(test) cmocka_unit_test_setup_teardown(test, impatient_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(unanswered_udp_flow_ends_early),
	    CASE(answered_udp_flow_has_the_time_of_udp),
	    IMPATIENT(unanswered_flow_never_outlives_an_answered_one),
	    IMPATIENT(icmp_has_the_common_time_where_it_has_none_of_its_own),
	    CASE(tcp_keeps_the_common_time),
	    CASE(full_table_gives_up_unanswered_flows_first),
	    CASE(open_flows_end_with_the_program),
	    CASE(request_and_reply_are_one_flow),
	    CASE(reply_without_its_request_is_the_servers),
	    CASE(identifiers_are_different_flows),
	    CASE(host_that_asks_itself_has_two_sides),
	    CASE(icmp_flow_ends_when_it_was_idle),
	    CASE(messages_about_no_flow_make_none),
	    CASE(wrong_checksum_makes_no_flow),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
