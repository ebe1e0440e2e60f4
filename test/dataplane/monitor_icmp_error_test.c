/* ICMP errors are matched to the flow that they concern, and forged ones are not:
 * RFC 792, 1122, 4443, 5927. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/icmp_frame.h"
#include "support/rig_finish.h"

#define SECOND 1000000000ull

RIG_INSTANCE(full, RIG_FEATURES_FULL, .icmp = true, .icmp_errors = true,
	     .checksum = CHECKSUM_VERIFY)

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	*state = full_open(pool, 64, 1 << 18);
	return 0;
}

static int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock + 1000 * SECOND);
	return 0;
}

/* Both sides' data: the client has 1001 to 1101 in flight, the server 5001 to 5051. */
static void open_with_data_in_flight(struct rig *r)
{
	static const char text[100];

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK,
				       .data = text,
				       .len = 100});
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_ACK,
				       .data = text,
				       .len = 50});
}

static struct icmp_spec error_about(const struct quote *q, int dir)
{
	return icmp_error(q, (uint8_t)(1 + dir), q->bytes[0] >> 4 == 6 ? 1 : 3, 1);
}

static void send_error_about(struct rig *r, int dir, uint32_t seq)
{
	struct quote q = quote_tcp(&(struct tcp_spec){.dir = dir, .seq = seq, .flags = TCP_ACK});
	struct icmp_spec s = error_about(&q, dir);

	icmp_send(r, &s);
}

/* The last packet was matched to the only flow, once more than before. */
static const struct rig_event *matched(const struct rig *r, size_t nth)
{
	const struct rig_event *e = rig_event_find(r, EVENT_FLOW_ICMP_ERROR, nth);

	assert_int_equal(rig_event_count(r, EVENT_FLOW_ICMP_ERROR), nth + 1);
	assert_int_equal(r->counters.icmp_errors, nth + 1);
	assert_int_equal(e->flow, 0);
	assert_ptr_equal(r->burst.flow[0], flow_table_get(r->stack.table, r->flows[0].handle));
	return e;
}

static void not_matched(const struct rig *r)
{
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ICMP_ERROR), 0);
	assert_int_equal(r->counters.icmp_errors, 0);
	assert_null(r->burst.flow[0]);
	assert_int_equal(rig_event_count(r, EVENT_PKT_ICMP), 1);
}

static void error_names_the_side_whose_segment_it_is_about(void **state)
{
	struct rig *r = *state;

	open_with_data_in_flight(r);
	send_error_about(r, 0, CLIENT_ISN + 1);
	assert_int_equal(matched(r, 0)->dir, MBX_CLIENT);
	assert_int_equal(matched(r, 0)->icmp, 0x0301);
	assert_int_equal(matched(r, 0)->reason, ICMP_KIND_UNREACHABLE);
	send_error_about(r, 1, SERVER_ISN + 1);
	assert_int_equal(matched(r, 1)->dir, MBX_SERVER);
}

static void too_big_says_how_much_fits(void **state)
{
	struct rig *r = *state;
	struct quote q = quote_tcp(&(struct tcp_spec){.seq = CLIENT_ISN + 1, .flags = TCP_ACK});
	struct icmp_spec s = icmp_error(&q, 1, 3, 4);

	s.word = 1280;
	open_with_data_in_flight(r);
	icmp_send(r, &s);
	assert_int_equal(matched(r, 0)->reason, ICMP_KIND_TOO_BIG);
	assert_int_equal(matched(r, 0)->length, 1280);
}

/* RFC 5927, section 4.1; both ends count, as in Linux (tcp_v4_err). */
static void tcp_number_must_be_in_flight(void **state)
{
	static const struct {
		int dir;
		uint32_t seq;
		bool right;
	} cases[] = {
	    {0, CLIENT_ISN, false},
	    {0, CLIENT_ISN + 1, true},
	    {0, CLIENT_ISN + 101, true},
	    {0, CLIENT_ISN + 102, false},
	    {0, 0, false},
	    {0, 0x80000000, false},
	    {1, SERVER_ISN, false},
	    {1, SERVER_ISN + 51, true},
	    {1, SERVER_ISN + 52, false},
	};
	struct rig *r = *state;
	size_t right = 0, wrong = 0;

	open_with_data_in_flight(r);
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		send_error_about(r, cases[i].dir, cases[i].seq);
		right += cases[i].right;
		wrong += !cases[i].right;
		assert_int_equal(r->counters.icmp_errors, right);
		assert_int_equal(r->counters.icmp_errors_forged, wrong);
		assert_int_equal(r->burst.flow[0] != NULL, cases[i].right);
	}
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ICMP_ERROR), right);
}

static void acknowledged_segment_is_no_longer_in_flight(void **state)
{
	struct rig *r = *state;

	open_with_data_in_flight(r);
	send_error_about(r, 0, CLIENT_ISN + 50);
	matched(r, 0);
	tcp_ack(r, 100);
	send_error_about(r, 0, CLIENT_ISN + 50);
	assert_int_equal(r->counters.icmp_errors_forged, 1);
	assert_null(r->burst.flow[0]);
}

static void error_about_a_syn_is_matched(void **state)
{
	struct rig *r = *state;

	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN});
	send_error_about(r, 0, CLIENT_ISN);
	assert_int_equal(matched(r, 0)->dir, MBX_CLIENT);
	send_error_about(r, 0, CLIENT_ISN - 1);
	assert_int_equal(r->counters.icmp_errors_forged, 1);
}

/* The monitor came late: earlier segments may be under way, later ones cannot. */
static void earlier_segments_of_a_flow_picked_up_midway_are_believed(void **state)
{
	struct rig *r = *state;

	tcp_send(r, &(struct tcp_spec){.seq = 70000, .ack = 9000, .flags = TCP_ACK});
	send_error_about(r, 0, 69000);
	assert_int_equal(r->counters.icmp_errors, 1);
	send_error_about(r, 0, 70002);
	assert_int_equal(r->counters.icmp_errors_forged, 1);
	tcp_send(r, &(struct tcp_spec){.dir = 1, .seq = 9000, .ack = 70000, .flags = TCP_ACK});
	send_error_about(r, 0, 69000);
	assert_int_equal(r->counters.icmp_errors_forged, 2);
}

static void error_to_another_host_is_forged(void **state)
{
	struct rig *r = *state;
	struct quote q = quote_tcp(&(struct tcp_spec){.seq = CLIENT_ISN + 1, .flags = TCP_ACK});
	struct icmp_spec s = icmp_error(&q, 2, 3, 1);

	open_with_data_in_flight(r);
	icmp_send(r, &s);
	not_matched(r);
	assert_int_equal(r->counters.icmp_errors_forged, 1);
}

static void error_in_another_vlan_concerns_no_flow(void **state)
{
	struct rig *r = *state;
	struct quote q = quote_tcp(&(struct tcp_spec){.seq = CLIENT_ISN + 1, .flags = TCP_ACK});
	struct icmp_spec s = error_about(&q, 0);

	s.vlan = 5;
	open_with_data_in_flight(r);
	icmp_send(r, &s);
	not_matched(r);
	assert_int_equal(r->counters.icmp_errors_no_flow, 1);
}

static void errors_about_udp_and_queries_are_matched(void **state)
{
	static const struct icmp_spec echo = {.from = 1, .to = 2, .type = 8, .word = 0x00070001};
	struct rig *r = *state;
	struct quote q = quote_udp(1);
	struct icmp_spec s = icmp_error(&q, 2, 3, 3);

	udp_send(r, 0, 10, tcp_clock += 1000);
	udp_send(r, 1, 10, tcp_clock += 1000);
	icmp_send(r, &s);
	assert_int_equal(matched(r, 0)->dir, MBX_SERVER);
	icmp_send(r, &echo);
	q = quote_icmp(&echo);
	s = icmp_error(&q, 1, 11, 0);
	icmp_send(r, &s);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_ICMP_ERROR, 1)->flow, 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_ICMP_ERROR, 1)->dir, MBX_CLIENT);
	assert_int_equal(r->burst.flow[0]->proto, 1);
}

static void ip6_errors_are_matched(void **state)
{
	struct rig *r = *state;
	struct tcp_spec t = {.seq = CLIENT_ISN, .flags = TCP_SYN};
	struct quote q = quote_tcp6(&t);
	struct icmp_spec s = icmp_error(&q, 1, 2, 0);

	s.word = 1400;
	tcp6_send(r, &t);
	icmp_send(r, &s);
	assert_int_equal(matched(r, 0)->reason, ICMP_KIND_TOO_BIG);
	assert_int_equal(matched(r, 0)->length, 1400);
	assert_int_equal(matched(r, 0)->icmp, 0x0200);
}

static void error_makes_no_flow(void **state)
{
	struct rig *r = *state;

	send_error_about(r, 0, CLIENT_ISN);
	not_matched(r);
	assert_int_equal(r->counters.icmp_errors_no_flow, 1);
	assert_int_equal(flow_table_live(r->stack.table), 0);
	assert_int_equal(r->counters.flows_started, 0);
}

static void error_neither_ends_a_flow_nor_keeps_it_alive(void **state)
{
	struct rig *r = *state;
	struct quote q = quote_udp(0);
	struct icmp_spec s = icmp_error(&q, 1, 3, 3);
	const struct flow_counters *c;
	uint64_t start = tcp_clock += SECOND;

	udp_send(r, 0, 10, start);
	icmp_send_at(r, &s, start + 50 * SECOND);
	c = &((struct rig_record *)r->burst.flow[0])->counters;
	assert_int_equal(c->packets[0] + c->packets[1], 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_UDP), 1);
	rig_tick(r, start + 61 * SECOND);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_UDP, 1)->reason, 1);
	tcp_clock = start + 100 * SECOND;
}

static void unreadable_quote_is_a_packet_without_flow(void **state)
{
	struct rig *r = *state;
	struct quote q = quote_tcp(&(struct tcp_spec){.seq = CLIENT_ISN + 1, .flags = TCP_ACK});
	struct icmp_spec s;

	open_with_data_in_flight(r);
	q.len = 27;
	s = error_about(&q, 0);
	icmp_send(r, &s);
	not_matched(r);
	assert_int_equal(r->counters.icmp_errors_unreadable, 1);
}

static void wrong_checksum_is_not_believed(void **state)
{
	struct rig *r = *state;
	struct quote q = quote_tcp(&(struct tcp_spec){.seq = CLIENT_ISN + 1, .flags = TCP_ACK});
	struct icmp_spec s = error_about(&q, 0);

	s.wrong = true;
	open_with_data_in_flight(r);
	icmp_send(r, &s);
	not_matched(r);
	assert_int_equal(r->counters.checksum_icmp, 1);
}

/* FLOW_END is a flow's last event; its packets still know it for a while. */
static void error_about_a_flow_that_has_ended_raises_nothing_of_it(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){
			.seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .flags = TCP_RST | TCP_ACK});
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 1);
	send_error_about(r, 1, SERVER_ISN + 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ICMP_ERROR), 0);
	assert_non_null(r->burst.flow[0]);
}

static void error_in_the_burst_that_begins_its_flow_is_matched(void **state)
{
	struct rig *r = *state;
	struct quote q = quote_tcp(&(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN});
	struct icmp_spec s = error_about(&q, 0);
	struct tcp_spec syn = {.seq = CLIENT_ISN, .flags = TCP_SYN};
	struct rte_mbuf *both[] = {tcp_frame(r, &syn, tcp_clock), icmp_mbuf(r, &s, tcp_clock)};

	rig_run(r, both, 2, LINK_ETHERNET);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ICMP_ERROR), 1);
	assert_ptr_equal(r->burst.flow[1], r->burst.flow[0]);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(error_names_the_side_whose_segment_it_is_about),
	    CASE(too_big_says_how_much_fits),
	    CASE(tcp_number_must_be_in_flight),
	    CASE(acknowledged_segment_is_no_longer_in_flight),
	    CASE(error_about_a_syn_is_matched),
	    CASE(earlier_segments_of_a_flow_picked_up_midway_are_believed),
	    CASE(error_to_another_host_is_forged),
	    CASE(error_in_another_vlan_concerns_no_flow),
	    CASE(errors_about_udp_and_queries_are_matched),
	    CASE(ip6_errors_are_matched),
	    CASE(error_makes_no_flow),
	    CASE(error_neither_ends_a_flow_nor_keeps_it_alive),
	    CASE(unreadable_quote_is_a_packet_without_flow),
	    CASE(wrong_checksum_is_not_believed),
	    CASE(error_about_a_flow_that_has_ended_raises_nothing_of_it),
	    CASE(error_in_the_burst_that_begins_its_flow_is_matched),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
