/* A copy of what was handed on with other bytes is dropped, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rewrite_rig.h"

static void equal_bytes_pass(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "select");
	tcp_data(r, 6, " 1");
	tcp_data(r, 0, "select");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 3, "ect 1");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

static void other_bytes_are_dropped(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "select");
	tcp_data(r, 0, "selecT");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	assert_int_equal(r->counters.tcp_overlap, 1);
	tcp_data(r, 0, "select");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

static void other_bytes_with_new_ones_behind_are_dropped(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 2, "xdefgh");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	tcp_data(r, 2, "cdefgh");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

static void copy_of_an_out_of_order_segment_is_compared(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 4, "efgh");
	tcp_data(r, 0, "abcd");
	tcp_data(r, 4, "efgh");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 4, "efgH");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
}

/* The peer ignores what it has acknowledged. */
static void acknowledged_bytes_out_of_history_pass(void **state)
{
	struct rig *r = *state;
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	tcp_open(r);
	for (uint32_t i = 0; i < 10; i++) {
		tcp_data(r, i * 1000, text);
		tcp_ack(r, (i + 1) * 1000);
	}
	tcp_data(r, 0, "y");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_int_equal(r->counters.tcp_overlap_unknown, 1);
}

/* Until then they are kept, however many they are. */
static void unacknowledged_bytes_stay_beyond_the_history(void **state)
{
	struct rig *r = *state;
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	tcp_open(r);
	for (uint32_t i = 0; i < 8; i++)
		tcp_data(r, i * 1000, text);
	tcp_data(r, 0, text);
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 0, "y");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	assert_int_equal(r->counters.tcp_overlap_unknown, 0);
}

/* What was delivered and is neither acknowledged nor kept cannot be compared. */
static void bytes_that_memory_lost_are_dropped_as_unknown(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	r->stack.reassembly.limit = 0;
	tcp_ack(r, 0);
	r->stack.reassembly.limit = r->chunks.capacity;
	tcp_data(r, 0, "abcd");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	assert_int_equal(r->counters.tcp_overlap, 0);
	assert_int_equal(r->counters.tcp_overlap_unknown, 1);
	tcp_ack(r, 4);
	tcp_data(r, 0, "abcd");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

/* An NF has judged without these bytes, and whoever made the hole may fill it. */
static void late_bytes_of_a_hole_that_was_given_up_are_dropped(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 8, "ijkl");
	r->stack.reassembly.limit = 0;
	tcp_ack(r, 4);
	r->stack.reassembly.limit = r->chunks.capacity;
	assert_int_equal(r->counters.tcp_gap_bytes, 4);
	tcp_data(r, 4, "efgh");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
}

/* The packet that brought them leaves with the verdict on them. */
static void bytes_behind_an_urgent_one_are_handed_on_with_their_packet(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | TCP_URG,
				       .urgent = 2,
				       .data = "a!bcd",
				       .len = 5});
	assert_int_equal(r->flows[0].len[0], 4);
	assert_memory_equal(r->flows[0].stream[0], "abcd", 4);
}

static void keep_alive_passes(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_ack(r, 4);
	tcp_data(r, 3, "X");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

/* The first copy may be lost behind us, and the peer then takes this one. */
static void last_byte_with_another_value_is_dropped_until_it_is_acknowledged(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 3, "d");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 3, "X");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	tcp_ack(r, 3);
	tcp_data(r, 3, "X");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	tcp_ack(r, 4);
	tcp_data(r, 3, "X");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_int_equal(r->counters.tcp_overlap, 2);
}

/* The host takes it, or not: the verdict on its packet cannot wait for that. */
static void segment_across_the_right_edge_is_judged_with_its_packet(void **state)
{
	struct rig *r = *state;
	char early[] = "efghijkl";

	tcp_send(r, &(struct tcp_spec){.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN});
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_SYN | TCP_ACK,
				       .window = 8});
	tcp_data(r, 0, "abcd");
	tcp_data(r, 4, early);
	assert_int_equal(r->flows[0].len[0], 12);
	early[7] = 'X';
	tcp_data(r, 4, early);
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
}

/* Only the client's way is seen: its bytes are in doubt until it is plain that
 * nothing else will come, and are compared from then on. */
static void copy_of_bytes_that_were_in_doubt_is_compared(void **state)
{
	struct rig *r = *state;
	struct tcp_spec data = {.seq = CLIENT_ISN + 1,
				.ack = SERVER_ISN + 1,
				.flags = TCP_ACK,
				.data = "abcd",
				.len = 4};

	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN});
	tcp_send(r, &data);
	assert_int_equal(r->flows[0].len[0], 0);
	tcp_clock += 2000000000ull;
	tcp_data(r, 4, "efgh");
	assert_int_equal(r->flows[0].len[0], 8);
	tcp_data(r, 0, "abcdefgh");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 0, "abcX");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	assert_int_equal(r->counters.tcp_overlap_unknown, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(equal_bytes_pass),
	    CASE(other_bytes_are_dropped),
	    CASE(other_bytes_with_new_ones_behind_are_dropped),
	    CASE(copy_of_an_out_of_order_segment_is_compared),
	    CASE(acknowledged_bytes_out_of_history_pass),
	    CASE(unacknowledged_bytes_stay_beyond_the_history),
	    CASE(bytes_that_memory_lost_are_dropped_as_unknown),
	    CASE(late_bytes_of_a_hole_that_was_given_up_are_dropped),
	    CASE(bytes_behind_an_urgent_one_are_handed_on_with_their_packet),
	    CASE(segment_across_the_right_edge_is_judged_with_its_packet),
	    CASE(keep_alive_passes),
	    CASE(last_byte_with_another_value_is_dropped_until_it_is_acknowledged),
	    CASE(copy_of_bytes_that_were_in_doubt_is_compared),
	};

	if (rewrite_start() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
