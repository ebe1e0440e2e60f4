/* One small test a rule: segments in, events out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/tcp_frame.h"

RIG_INSTANCE(full, RIG_FEATURES_FULL, .checksum = CHECKSUM_VERIFY)

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	struct rig *r = full_open(pool, 1024, 1 << 20);

	*state = r;
	return 0;
}

/* Nothing is left behind, whatever the test did. */
static int rig_teardown(void **state)
{
	struct rig *r = *state;

	rig_end(r, tcp_clock);
	assert_int_equal(r->chunks.available, r->chunks.capacity);
	assert_int_equal(flow_table_live(r->stack.table), 0);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	rig_close(r);
	return 0;
}

static void client_is(const struct rig *r, size_t flow, const char *expected)
{
	assert_true(flow < r->flow_count);
	assert_int_equal(r->flows[flow].len[0], strlen(expected));
	assert_memory_equal(r->flows[flow].stream[0], expected, strlen(expected));
}

static const struct rig_event *event_find(const struct rig *r, enum event_type type, size_t nth)
{
	for (size_t i = 0; i < r->event_count; i++)
		if (r->events[i].type == type && nth-- == 0)
			return &r->events[i];
	return NULL;
}

static size_t event_count(const struct rig *r, enum event_type type)
{
	size_t n = 0;

	while (event_find(r, type, n) != NULL)
		n++;
	return n;
}

static void client_flags(struct rig *r, uint32_t offset, uint8_t flags)
{
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1 + offset,
				       .ack = SERVER_ISN + 1,
				       .flags = flags});
}

static void server_flags(struct rig *r, uint32_t offset, uint32_t ack, uint8_t flags)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1 + offset,
				       .ack = CLIENT_ISN + 1 + ack,
				       .flags = flags});
}

static void rfc9293_3_5_handshake_establishes_on_the_final_ack(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	assert_int_equal(event_count(r, EVENT_FLOW_START), 1);
	assert_int_equal(event_count(r, EVENT_FLOW_ESTABLISHED), 1);
	assert_int_equal(event_find(r, EVENT_FLOW_ESTABLISHED, 0)->time, tcp_clock);
}

static void rfc9293_3_5_simultaneous_open_establishes(void **state)
{
	struct rig *r = *state;

	tcp_send(r, &(struct tcp_spec){.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN});
	tcp_send(r, &(struct tcp_spec){.dir = 1, .seq = SERVER_ISN, .flags = TCP_SYN});
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 0, .seq = CLIENT_ISN, .ack = SERVER_ISN + 1, .flags = TCP_SYN | TCP_ACK});
	assert_int_equal(event_count(r, EVENT_FLOW_ESTABLISHED), 0);
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK});
	assert_int_equal(event_count(r, EVENT_FLOW_ESTABLISHED), 1);
	tcp_data(r, 0, "hello");
	client_is(r, 0, "hello");
}

static void rfc9293_3_6_both_fins_acknowledged_end_the_flow(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	client_flags(r, 0, TCP_FIN | TCP_ACK);
	server_flags(r, 0, 1, TCP_FIN | TCP_ACK);
	assert_int_equal(event_count(r, EVENT_FLOW_END), 0);
	tcp_send(r, &(struct tcp_spec){
			.dir = 0, .seq = CLIENT_ISN + 2, .ack = SERVER_ISN + 2, .flags = TCP_ACK});
	assert_int_equal(event_count(r, EVENT_FLOW_END), 1);
	assert_int_equal(event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_FIN);
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
	assert_int_equal(event_count(r, EVENT_FLOW_START), 1);
	assert_int_equal(event_count(r, EVENT_DATA_TCP), 0);
}

static void rfc9293_3_6_1_new_syn_after_the_end_starts_a_flow(void **state)
{
	struct rig *r = *state;

	rfc9293_3_6_both_fins_acknowledged_end_the_flow(state);
	tcp_send(r, &(struct tcp_spec){.dir = 0, .seq = 77, .flags = TCP_SYN});
	assert_int_equal(event_count(r, EVENT_FLOW_START), 2);
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
	assert_int_equal(event_count(r, EVENT_FLOW_END), 0);
	assert_int_equal(r->counters.tcp_ignored_rst, 2);
	client_flags(r, 0, TCP_RST);
	assert_int_equal(event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_RST);
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
	assert_int_equal(event_count(r, EVENT_FLOW_END), 1);
	assert_int_equal(event_count(r, EVENT_FLOW_START), 2);
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
	assert_int_equal(event_count(r, EVENT_DATA_TCP), 0);
	server_flags(r, 899, 4, TCP_ACK);
	client_is(r, 0, "REAL");
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
	assert_int_equal(event_count(r, EVENT_FLOW_END), 1);
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
	assert_int_equal(event_count(r, EVENT_DATA_TCP), 0);
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
	assert_int_equal(event_count(r, EVENT_FLOW_OVERLAP), 0);
	client_doubtful(r, 1, "bCDe");
	assert_int_equal(event_count(r, EVENT_FLOW_OVERLAP), 1);
	e = event_find(r, EVENT_FLOW_OVERLAP, 0);
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
	assert_int_equal(event_count(r, EVENT_FLOW_OVERLAP), 1);
	assert_int_equal(event_find(r, EVENT_FLOW_OVERLAP, 0)->offset, 2);
	assert_int_equal(event_find(r, EVENT_FLOW_OVERLAP, 0)->length, 1);
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
	assert_int_equal(event_count(r, EVENT_FLOW_GAP), 0);
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
	assert_int_equal(event_count(r, EVENT_FLOW_GAP), 0);
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
	assert_int_equal(event_count(r, EVENT_FLOW_OVERLAP), 2);
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
	assert_int_equal(event_count(r, EVENT_FLOW_GAP), 0);
	tcp_send(r, &(struct tcp_spec){
			.dir = 0, .seq = CLIENT_ISN + 12, .ack = SERVER_ISN + 2, .flags = TCP_ACK});
	assert_true(r->flows[0].ended);
	assert_int_equal(r->flows[0].end_reason, FLOW_END_FIN);
}

static void rfc7413_syn_data_counts_when_the_host_acknowledges_it(void **state)
{
	struct rig *r = *state;

	tcp_send(r, &(struct tcp_spec){
			.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN, .data = "fast", .len = 4});
	assert_int_equal(event_count(r, EVENT_DATA_TCP), 0);
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 5, .flags = TCP_SYN | TCP_ACK});
	client_is(r, 0, "fast");
}

static void rfc9293_3_8_4_keep_alive_byte_is_nothing(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_ack(r, 4);
	tcp_data(r, 3, "X");
	client_is(r, 0, "abcd");
	assert_int_equal(event_count(r, EVENT_FLOW_REXMIT), 0);
	assert_int_equal(event_count(r, EVENT_FLOW_OVERLAP), 0);
}

/* The peer may never have got the first copy, and take this one. */
static void rfc9293_3_8_4_byte_that_is_not_acknowledged_is_no_keep_alive(void **state)
{
	struct rig *r = *state;
	const struct rig_event *e;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 3, "X");
	client_is(r, 0, "abcd");
	assert_int_equal(event_count(r, EVENT_FLOW_REXMIT), 1);
	assert_int_equal(event_count(r, EVENT_FLOW_OVERLAP), 1);
	e = event_find(r, EVENT_FLOW_OVERLAP, 0);
	assert_int_equal(e->offset, 3);
	assert_int_equal(e->length, 1);
	assert_int_equal(e->reason, 0);
}

static void rfc9293_3_8_5_urgent_byte_leaves_the_stream(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | TCP_URG,
				       .urgent = 3,
				       .data = "ab!cd",
				       .len = 5});
	client_is(r, 0, "ab");
	tcp_data(r, 5, "ef");
	client_is(r, 0, "abcdef");
	assert_int_equal(event_find(r, EVENT_DATA_TCP, 1)->offset, 2);
	assert_int_equal(event_find(r, EVENT_DATA_TCP, 1)->length, 4);
}

/* Only a capture of what a device was to segment has such. */
static void segment_in_a_packet_without_a_length_is_ignored(void **state)
{
	struct rig *r = *state;
	struct rte_ipv4_hdr *ip;
	struct rte_mbuf *m;

	tcp_open(r);
	m = tcp_frame(r,
		      &(struct tcp_spec){.seq = CLIENT_ISN + 1,
					 .ack = SERVER_ISN + 1,
					 .flags = TCP_ACK,
					 .data = "EVIL",
					 .len = 4},
		      tcp_clock);
	ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, 14);
	ip->total_length = 0;
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	rig_run(r, &m, 1, LINK_ETHERNET);
	tcp_data(r, 0, "GOOD");
	client_is(r, 0, "GOOD");
	assert_int_equal(r->counters.malformed, 1);
}

/* Else whoever sends them decides for how long nobody hears anything. */
static void segments_that_repeat_an_urgent_pointer_end_the_wait(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	for (uint32_t i = 0; i < 4; i++)
		tcp_send(r, &(struct tcp_spec){.dir = 0,
					       .seq = CLIENT_ISN + 1 + (i == 0 ? 0 : 1 + i),
					       .ack = SERVER_ISN + 1,
					       .flags = TCP_ACK | TCP_URG,
					       .urgent = i == 0,
					       .data = i == 0 ? "!ab" : "bcdef" + i - 1,
					       .len = i == 0 ? 3 : 2});
	client_is(r, 0, "abcde");
}

static void rexmit_and_overlap_name_the_bytes(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "GOOD!");
	tcp_data(r, 0, "GOxD!more");
	client_is(r, 0, "GOOD!more");
	assert_int_equal(event_find(r, EVENT_FLOW_REXMIT, 0)->offset, 0);
	assert_int_equal(event_find(r, EVENT_FLOW_REXMIT, 0)->length, 5);
	assert_int_equal(event_find(r, EVENT_FLOW_OVERLAP, 0)->offset, 2);
	assert_int_equal(event_find(r, EVENT_FLOW_OVERLAP, 0)->length, 1);
	assert_int_equal(event_find(r, EVENT_FLOW_OVERLAP, 0)->reason, 0);
}

static void overlap_outside_the_history_is_unknown(void **state)
{
	struct rig *r = *state;
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	tcp_open(r);
	for (uint32_t i = 0; i < 8; i++) {
		tcp_data(r, i * 1000, text);
		tcp_ack(r, (i + 1) * 1000);
	}
	tcp_data(r, 0, "y");
	assert_int_equal(event_find(r, EVENT_FLOW_OVERLAP, 0)->reason, 1);
	assert_int_equal(r->counters.tcp_overlap_unknown, 1);
}

static void acknowledged_hole_is_a_gap(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 8, "ijkl");
	assert_int_equal(event_count(r, EVENT_FLOW_GAP), 0);
	tcp_ack(r, 12);
	assert_int_equal(event_find(r, EVENT_FLOW_GAP, 0)->offset, 4);
	assert_int_equal(event_find(r, EVENT_FLOW_GAP, 0)->length, 4);
	assert_int_equal(event_find(r, EVENT_DATA_TCP, 1)->flags, EVENT_AFTER_GAP | EVENT_HELD);
	assert_int_equal(r->flows[0].len[0], 12);
}

static void midstream_data_is_picked_up_from_either_side(void **state)
{
	struct rig *r = *state;

	server_flags(r, 100, 50, TCP_ACK);
	tcp_data(r, 50, "mid");
	assert_int_equal(event_find(r, EVENT_FLOW_START, 0)->flags, EVENT_MIDSTREAM);
	assert_int_equal(event_count(r, EVENT_FLOW_ESTABLISHED), 0);
	assert_int_equal(r->flows[0].len[0] + r->flows[0].len[1], 3);
}

static void idle_flow_ends_at_its_time(void **state)
{
	struct rig *r = *state;
	uint64_t last;

	tcp_open(r);
	last = tcp_clock;
	rig_tick(r, last + 59000000000ull);
	assert_int_equal(event_count(r, EVENT_FLOW_END), 0);
	rig_tick(r, last + 61000000000ull);
	assert_int_equal(event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_IDLE);
	assert_false(event_find(r, EVENT_FLOW_END, 0)->has_packet);
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
	assert_int_equal(event_count(r, EVENT_FLOW_START), 301);
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
	assert_int_equal(event_count(r, EVENT_FLOW_START), 301);
}

static void the_last_hearer_turns_away_then_what_is_held_is_given_back(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 8, "ijkl");
	tcp_data(r, 16, "qrst");
	assert_int_equal(r->stack.reassembly.pages, 1);
	rig_deaf = true;
	tcp_data(r, 0, "abcd");
	assert_int_equal(r->stack.reassembly.pages, 0);
	rig_deaf = false;
	tcp_data(r, 4, "efgh");
	client_is(r, 0, "efgh");
}

static void nobody_wants_bytes_then_they_are_neither_held_nor_raised(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	rig_deaf = true;
	tcp_data(r, 0, "abcd");
	tcp_data(r, 8, "ijkl");
	assert_int_equal(r->chunks.available, r->chunks.capacity);
	tcp_data(r, 4, "efgh");
	tcp_ack(r, 12);
	rig_deaf = false;
	tcp_data(r, 12, "heard");
	assert_int_equal(event_count(r, EVENT_DATA_TCP), 1);
	assert_int_equal(event_find(r, EVENT_DATA_TCP, 0)->offset, 12);
	client_is(r, 0, "heard");
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

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
	    RULE(doubted_bytes_are_delivered_once_the_peer_acknowledges_them),
	    RULE(rfc7323_5_3_old_timestamp_is_ignored_but_in_a_reset),
	    RULE(rfc7323_2_3_window_is_scaled_only_when_both_agree),
	    RULE(rfc2385_unexpected_signature_is_ignored),
	    RULE(rfc7413_syn_data_counts_when_the_host_acknowledges_it),
	    RULE(second_copy_in_doubt_with_other_bytes_is_named),
	    RULE(copy_in_doubt_with_other_bytes_than_queued_ones_is_named),
	    RULE(bytes_in_doubt_before_a_fin_are_taken_with_it),
	    RULE(rfc9293_3_10_7_4_segment_across_the_right_edge_waits_for_its_ack),
	    RULE(rfc9293_3_10_7_4_segment_across_the_right_edge_may_be_refused),
	    RULE(fin_across_the_right_edge_alone_counts),
	    RULE(fin_in_doubt_counts_once_it_is_acknowledged),
	    RULE(rfc9293_3_8_4_keep_alive_byte_is_nothing),
	    RULE(rfc9293_3_8_4_byte_that_is_not_acknowledged_is_no_keep_alive),
	    RULE(rfc9293_3_8_5_urgent_byte_leaves_the_stream),
	    RULE(segment_in_a_packet_without_a_length_is_ignored),
	    RULE(segments_that_repeat_an_urgent_pointer_end_the_wait),
	    RULE(rexmit_and_overlap_name_the_bytes),
	    RULE(overlap_outside_the_history_is_unknown),
	    RULE(acknowledged_hole_is_a_gap),
	    RULE(midstream_data_is_picked_up_from_either_side),
	    RULE(idle_flow_ends_at_its_time),
	    RULE(syn_flood_does_not_evict_established_flows),
	    RULE(syn_flood_does_not_evict_a_flow_of_one_direction_that_is_active),
	    RULE(the_last_hearer_turns_away_then_what_is_held_is_given_back),
	    RULE(nobody_wants_bytes_then_they_are_neither_held_nor_raised),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 4096);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
