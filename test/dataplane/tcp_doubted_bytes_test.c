/* Bytes in doubt: seen, and not known to be taken by the host, until it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/tcp_rules.h"

static void doubted_bytes_are_delivered_once_the_peer_acknowledges_them(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 900,
				       .flags = TCP_ACK,
				       .data = "REAL",
				       .len = 4});
	assert_int_equal(rig_event_count(r, EVENT_DATA_TCP), 0);
	server_flags(r, 899, 4, TCP_ACK);
	client_is(r, 0, "REAL");
}

/* Data that acknowledges more than the server was seen to send: the capture may have
 * lost that. */
static void client_doubtful(struct rig *r, uint32_t offset, const char *text)
{
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1 + offset,
				       .ack = SERVER_ISN + 1000,
				       .flags = TCP_ACK,
				       .data = text,
				       .len = (uint32_t)strlen(text)});
}

static void second_copy_in_doubt_with_other_bytes_is_named(void **state)
{
	struct rig *r = *state;
	const struct rig_event *e;

	tcp_open(r);
	client_doubtful(r, 0, "abcdef");
	client_doubtful(r, 2, "cd");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_OVERLAP), 0);
	client_doubtful(r, 1, "bCDe");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_OVERLAP), 1);
	e = rig_event_find(r, EVENT_FLOW_OVERLAP, 0);
	assert_int_equal(e->offset, 2);
	assert_int_equal(e->length, 2);
	assert_int_equal(e->reason, 0);
	tcp_ack(r, 6);
	client_is(r, 0, "abcdef");
}

static void copy_in_doubt_with_other_bytes_than_queued_ones_is_named(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 2, "cd");
	client_doubtful(r, 1, "bCdef");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_OVERLAP), 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->offset, 2);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->length, 1);
	tcp_data(r, 0, "a");
	tcp_ack(r, 6);
	client_is(r, 0, "abcdef");
}

/* One acknowledgement takes both: the FIN ends the stream behind them. */
static void bytes_in_doubt_before_a_fin_are_taken_with_it(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	client_doubtful(r, 0, "abcd");
	client_flags(r, 4, TCP_FIN | TCP_ACK);
	tcp_ack(r, 5);
	client_is(r, 0, "abcd");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_GAP), 0);
}

/* The server offers eight bytes. */
static void open_narrow(struct rig *r)
{
	tcp_send(r, &(struct tcp_spec){.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN});
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_SYN | TCP_ACK,
				       .window = 8});
	client_flags(r, 0, TCP_ACK);
	tcp_data(r, 0, "abcd");
}

static void narrow_ack(struct rig *r, uint32_t offset, uint16_t window)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 1 + offset,
				       .flags = TCP_ACK,
				       .window = window,
				       .window_zero = window == 0});
}

static void rfc9293_3_10_7_4_segment_across_the_right_edge_waits_for_its_ack(void **state)
{
	struct rig *r = *state;

	open_narrow(r);
	tcp_data(r, 4, "efghij");
	client_is(r, 0, "abcd");
	assert_int_equal(r->counters.tcp_crossed_window, 1);
	narrow_ack(r, 10, 8);
	client_is(r, 0, "abcdefghij");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_GAP), 0);
}

static void rfc9293_3_10_7_4_segment_across_the_right_edge_may_be_refused(void **state)
{
	struct rig *r = *state;

	open_narrow(r);
	tcp_data(r, 4, "EFGHIJ");
	narrow_ack(r, 4, 4);
	tcp_data(r, 4, "efgh");
	client_is(r, 0, "abcdefgh");
	narrow_ack(r, 8, 8);
	tcp_data(r, 8, "ij");
	client_is(r, 0, "abcdefghij");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_OVERLAP), 2);
}

static void fin_across_the_right_edge_alone_counts(void **state)
{
	struct rig *r = *state;

	open_narrow(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 5,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | TCP_FIN,
				       .data = "efgh",
				       .len = 4});
	client_is(r, 0, "abcdefgh");
	assert_int_equal(r->counters.tcp_crossed_window, 0);
}

/* Data and FIN of one segment: both are acknowledged, and both count. */
static void fin_in_doubt_counts_once_it_is_acknowledged(void **state)
{
	struct rig *r = *state;

	open_narrow(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 5,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | TCP_FIN,
				       .data = "efghij",
				       .len = 6});
	client_is(r, 0, "abcd");
	server_flags(r, 0, 11, TCP_ACK | TCP_FIN);
	client_is(r, 0, "abcdefghij");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_GAP), 0);
	tcp_send(r, &(struct tcp_spec){
			.dir = 0, .seq = CLIENT_ISN + 12, .ack = SERVER_ISN + 2, .flags = TCP_ACK});
	assert_true(r->flows[0].ended);
	assert_int_equal(r->flows[0].end_reason, FLOW_END_FIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    RULE(doubted_bytes_are_delivered_once_the_peer_acknowledges_them),
	    RULE(second_copy_in_doubt_with_other_bytes_is_named),
	    RULE(copy_in_doubt_with_other_bytes_than_queued_ones_is_named),
	    RULE(bytes_in_doubt_before_a_fin_are_taken_with_it),
	    RULE(rfc9293_3_10_7_4_segment_across_the_right_edge_waits_for_its_ack),
	    RULE(rfc9293_3_10_7_4_segment_across_the_right_edge_may_be_refused),
	    RULE(fin_across_the_right_edge_alone_counts),
	    RULE(fin_in_doubt_counts_once_it_is_acknowledged),
	};

	if (rules_start() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
