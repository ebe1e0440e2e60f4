/* Rules of a connection: how it opens and ends, what is ignored, what options change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/tcp_rules.h"

static void rfc9293_3_5_handshake_establishes_on_the_final_ack(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ESTABLISHED), 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_ESTABLISHED, 0)->time, tcp_clock);
}

static void rfc9293_3_5_simultaneous_open_establishes(void **state)
{
	struct rig *r = *state;

	tcp_send(r, &(struct tcp_spec){.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN});
	tcp_send(r, &(struct tcp_spec){.dir = 1, .seq = SERVER_ISN, .flags = TCP_SYN});
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 0, .seq = CLIENT_ISN, .ack = SERVER_ISN + 1, .flags = TCP_SYN | TCP_ACK});
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ESTABLISHED), 0);
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK});
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ESTABLISHED), 1);
	tcp_data(r, 0, "hello");
	client_is(r, 0, "hello");
}

static void rfc9293_3_6_both_fins_acknowledged_end_the_flow(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	client_flags(r, 0, TCP_FIN | TCP_ACK);
	server_flags(r, 0, 1, TCP_FIN | TCP_ACK);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 0);
	tcp_send(r, &(struct tcp_spec){
			.dir = 0, .seq = CLIENT_ISN + 2, .ack = SERVER_ISN + 2, .flags = TCP_ACK});
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_FIN);
}

static void rfc9293_3_6_half_close_lets_the_other_side_speak(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	server_flags(r, 0, 0, TCP_FIN | TCP_ACK);
	tcp_data(r, 0, "still here");
	client_is(r, 0, "still here");
}

static void rfc9293_3_6_late_copy_after_the_end_starts_no_flow(void **state)
{
	struct rig *r = *state;

	rfc9293_3_6_both_fins_acknowledged_end_the_flow(state);
	tcp_data(r, 0, "late");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 1);
	assert_int_equal(rig_event_count(r, EVENT_DATA_TCP), 0);
}

static void rfc9293_3_6_1_new_syn_after_the_end_starts_a_flow(void **state)
{
	struct rig *r = *state;

	rfc9293_3_6_both_fins_acknowledged_end_the_flow(state);
	tcp_send(r, &(struct tcp_spec){.dir = 0, .seq = 77, .flags = TCP_SYN});
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 2);
}

static void rfc9293_3_10_7_4_fin_waits_for_the_hole(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 5,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_FIN | TCP_ACK,
				       .data = "efgh",
				       .len = 4});
	client_flags(r, 9, TCP_ACK);
	tcp_data(r, 0, "abcd");
	client_is(r, 0, "abcdefgh");
	tcp_data(r, 9, "after");
	client_is(r, 0, "abcdefgh");
	assert_int_equal(r->counters.tcp_ignored_after_fin, 1);
}

static void rfc9293_3_10_7_4_data_without_ack_is_ignored(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r,
		 &(struct tcp_spec){
		     .dir = 0, .seq = CLIENT_ISN + 1, .flags = TCP_PSH, .data = "EVIL", .len = 4});
	tcp_data(r, 0, "GOOD");
	client_is(r, 0, "GOOD");
	assert_int_equal(r->counters.tcp_ignored_no_ack, 1);
}

static void rfc9293_3_10_7_4_window_bounds_are_kept(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 8193, "right");
	tcp_data(r, (uint32_t)-6, "left");
	tcp_data(r, 0, "ok");
	tcp_ack(r, 2);
	client_is(r, 0, "ok");
	assert_int_equal(r->counters.tcp_ignored_window, 2);
}

static void rfc5961_3_2_reset_only_at_the_next_byte(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	client_flags(r, 1, TCP_RST);
	client_flags(r, (uint32_t)-1, TCP_RST);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 0);
	assert_int_equal(r->counters.tcp_ignored_rst, 2);
	client_flags(r, 0, TCP_RST);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_RST);
}

static void rfc5961_4_2_syn_inside_a_connection_changes_nothing(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r,
		 &(struct tcp_spec){
		     .dir = 0, .seq = CLIENT_ISN + 1, .flags = TCP_SYN, .data = "EVIL", .len = 4});
	tcp_data(r, 0, "GOOD");
	client_is(r, 0, "GOOD");
}

static void rfc5961_4_2_answered_syn_replaces_a_dead_connection(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0, .seq = 90000, .flags = TCP_SYN});
	tcp_send(r, &(struct tcp_spec){
			.dir = 1, .seq = 70000, .ack = 90001, .flags = TCP_SYN | TCP_ACK});
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 2);
	tcp_send(
	    r,
	    &(struct tcp_spec){
		.dir = 0, .seq = 90001, .ack = 70001, .flags = TCP_ACK, .data = "new", .len = 3});
	client_is(r, 1, "new");
}

static void rfc5961_5_2_ack_of_what_was_never_sent_is_ignored(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 900,
				       .flags = TCP_ACK,
				       .data = "EVIL",
				       .len = 4});
	tcp_ack(r, 0);
	tcp_data(r, 0, "GOOD");
	client_is(r, 0, "GOOD");
	assert_int_equal(r->counters.tcp_ignored_ack, 1);
}

#define TS(value) "\x01\x01\x08\x0a\0\0" value "\0\0\0\0"

static void rfc7323_5_3_old_timestamp_is_ignored_but_in_a_reset(void **state)
{
	struct rig *r = *state;

	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN,
				       .flags = TCP_SYN,
				       .options = TS("\x10\x00"),
				       .options_len = 12});
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_SYN | TCP_ACK,
				       .options = TS("\x20\x00"),
				       .options_len = 12});
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK,
				       .options = TS("\x10\x01"),
				       .options_len = 12});
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK,
				       .options = TS("\x0f\x00"),
				       .options_len = 12,
				       .data = "EVIL",
				       .len = 4});
	assert_int_equal(r->counters.tcp_ignored_paws, 1);
	tcp_data(r, 0, "no timestamp");
	client_is(r, 0, "no timestamp");
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 13,
				       .flags = TCP_RST,
				       .options = TS("\x0f\x00"),
				       .options_len = 12});
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 1);
}

static void rfc7323_2_3_window_is_scaled_only_when_both_agree(void **state)
{
	struct rig *r = *state;

	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN,
				       .flags = TCP_SYN,
				       .options = "\x01\x03\x03\x07",
				       .options_len = 4});
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK});
	client_flags(r, 0, TCP_ACK);
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1 + 8300,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_ACK,
				       .data = "x",
				       .len = 1});
	assert_int_equal(r->counters.tcp_ignored_window, 1);
}

static void rfc2385_unexpected_signature_is_ignored(void **state)
{
	struct rig *r = *state;
	uint8_t md5[20] = {1, 1, 19, 18};

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK,
				       .options = md5,
				       .options_len = 20,
				       .data = "EVIL",
				       .len = 4});
	assert_int_equal(r->counters.tcp_ignored_md5, 1);
	assert_int_equal(rig_event_count(r, EVENT_DATA_TCP), 0);
}

static void rfc7413_syn_data_counts_when_the_host_acknowledges_it(void **state)
{
	struct rig *r = *state;

	tcp_send(r, &(struct tcp_spec){
			.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN, .data = "fast", .len = 4});
	assert_int_equal(rig_event_count(r, EVENT_DATA_TCP), 0);
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 5, .flags = TCP_SYN | TCP_ACK});
	client_is(r, 0, "fast");
}

static void midstream_data_is_picked_up_from_either_side(void **state)
{
	struct rig *r = *state;

	server_flags(r, 100, 50, TCP_ACK);
	tcp_data(r, 50, "mid");
	assert_int_equal(rig_event_find(r, EVENT_FLOW_START, 0)->flags, EVENT_MIDSTREAM);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ESTABLISHED), 0);
	assert_int_equal(r->flows[0].len[0] + r->flows[0].len[1], 3);
}

static void idle_flow_ends_at_its_time(void **state)
{
	struct rig *r = *state;
	uint64_t last;

	tcp_open(r);
	last = tcp_clock;
	rig_tick(r, last + 59000000000ull);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 0);
	rig_tick(r, last + 61000000000ull);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_IDLE);
	assert_false(rig_event_find(r, EVENT_FLOW_END, 0)->has_packet);
}

static void syn_flood_does_not_evict_established_flows(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	r->stack.flows_max = 4;
	for (uint16_t i = 1; i <= 300; i++)
		tcp_send(r, &(struct tcp_spec){.dir = 0,
					       .seq = i,
					       .flags = TCP_SYN,
					       .client_port = (uint16_t)(2000 + i)});
	tcp_data(r, 0, "alive");
	client_is(r, 0, "alive");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 301);
	assert_int_equal(r->counters.flows_evicted, 297);
}

/* The other direction takes another way: no handshake is ever seen. */
static void syn_flood_does_not_evict_a_flow_of_one_direction_that_is_active(void **state)
{
	struct rig *r = *state;
	struct tcp_spec t = {.seq = 1000, .flags = TCP_SYN, .client_port = 1500};

	r->stack.flows_max = 4;
	tcp_send(r, &t);
	t = (struct tcp_spec){
	    .ack = 1, .flags = TCP_ACK, .client_port = 1500, .data = "x", .len = 1};
	for (uint16_t i = 1; i <= 300; i++) {
		tcp_clock += TIMER_TICK_NS;
		t.seq = 1000u + i;
		tcp_send(r, &t);
		tcp_send(r, &(struct tcp_spec){
				.seq = i, .flags = TCP_SYN, .client_port = (uint16_t)(2000 + i)});
	}
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 301);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    RULE(rfc9293_3_5_handshake_establishes_on_the_final_ack),
	    RULE(rfc9293_3_5_simultaneous_open_establishes),
	    RULE(rfc9293_3_6_both_fins_acknowledged_end_the_flow),
	    RULE(rfc9293_3_6_half_close_lets_the_other_side_speak),
	    RULE(rfc9293_3_6_late_copy_after_the_end_starts_no_flow),
	    RULE(rfc9293_3_6_1_new_syn_after_the_end_starts_a_flow),
	    RULE(rfc9293_3_10_7_4_fin_waits_for_the_hole),
	    RULE(rfc9293_3_10_7_4_data_without_ack_is_ignored),
	    RULE(rfc9293_3_10_7_4_window_bounds_are_kept),
	    RULE(rfc5961_3_2_reset_only_at_the_next_byte),
	    RULE(rfc5961_4_2_syn_inside_a_connection_changes_nothing),
	    RULE(rfc5961_4_2_answered_syn_replaces_a_dead_connection),
	    RULE(rfc5961_5_2_ack_of_what_was_never_sent_is_ignored),
	    RULE(rfc7323_5_3_old_timestamp_is_ignored_but_in_a_reset),
	    RULE(rfc7323_2_3_window_is_scaled_only_when_both_agree),
	    RULE(rfc2385_unexpected_signature_is_ignored),
	    RULE(rfc7413_syn_data_counts_when_the_host_acknowledges_it),
	    RULE(midstream_data_is_picked_up_from_either_side),
	    RULE(idle_flow_ends_at_its_time),
	    RULE(syn_flood_does_not_evict_established_flows),
	    RULE(syn_flood_does_not_evict_a_flow_of_one_direction_that_is_active),
	};

	if (rules_start() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
