/* What becomes of bytes: keep-alives, urgent data, copies, holes, and who hears them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/tcp_rules.h"

static void rfc9293_3_8_4_keep_alive_byte_is_nothing(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_ack(r, 4);
	tcp_data(r, 3, "X");
	client_is(r, 0, "abcd");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_REXMIT), 0);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_OVERLAP), 0);
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
	assert_int_equal(rig_event_count(r, EVENT_FLOW_REXMIT), 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_OVERLAP), 1);
	e = rig_event_find(r, EVENT_FLOW_OVERLAP, 0);
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
	assert_int_equal(rig_event_find(r, EVENT_DATA_TCP, 1)->offset, 2);
	assert_int_equal(rig_event_find(r, EVENT_DATA_TCP, 1)->length, 4);
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
	assert_int_equal(rig_event_find(r, EVENT_FLOW_REXMIT, 0)->offset, 0);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_REXMIT, 0)->length, 5);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->offset, 2);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->length, 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->reason, 0);
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
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->reason, 1);
	assert_int_equal(r->counters.tcp_overlap_unknown, 1);
}

static void acknowledged_hole_is_a_gap(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 8, "ijkl");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_GAP), 0);
	tcp_ack(r, 12);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_GAP, 0)->offset, 4);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_GAP, 0)->length, 4);
	assert_int_equal(rig_event_find(r, EVENT_DATA_TCP, 1)->flags, EVENT_AFTER_GAP | EVENT_HELD);
	assert_int_equal(r->flows[0].len[0], 12);
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
	assert_int_equal(rig_event_count(r, EVENT_DATA_TCP), 1);
	assert_int_equal(rig_event_find(r, EVENT_DATA_TCP, 0)->offset, 12);
	client_is(r, 0, "heard");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    RULE(rfc9293_3_8_4_keep_alive_byte_is_nothing),
	    RULE(rfc9293_3_8_4_byte_that_is_not_acknowledged_is_no_keep_alive),
	    RULE(rfc9293_3_8_5_urgent_byte_leaves_the_stream),
	    RULE(segment_in_a_packet_without_a_length_is_ignored),
	    RULE(segments_that_repeat_an_urgent_pointer_end_the_wait),
	    RULE(rexmit_and_overlap_name_the_bytes),
	    RULE(overlap_outside_the_history_is_unknown),
	    RULE(acknowledged_hole_is_a_gap),
	    RULE(the_last_hearer_turns_away_then_what_is_held_is_given_back),
	    RULE(nobody_wants_bytes_then_they_are_neither_held_nor_raised),
	};

	if (rules_start() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
