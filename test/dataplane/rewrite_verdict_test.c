/* Where an NF may drop, what was handed on cannot be put right afterwards: a copy
 * with other bytes is dropped, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/tcp_frame.h"

#define HISTORY 4096

/* FLOW_GAP is heard too: a flow is then followed also while nobody hears bytes. */
RIG_INSTANCE(dropping, .flows = true, .tcp = true, .data_client = true, .gap = true, .drops = true,
	     .history = HISTORY, .idle_ns = 60000000000ull,
	     .record_size = sizeof(struct rig_record), .tcp_at = offsetof(struct rig_record, tcp),
	     .stream_at = offsetof(struct rig_record, stream))

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	*state = dropping_open(pool, 64, 1 << 18);
	return 0;
}

static int rig_teardown(void **state)
{
	struct rig *r = *state;

	rig_end(r, tcp_clock);
	assert_int_equal(r->chunks.available, r->chunks.capacity);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	rig_close(r);
	return 0;
}

/* The verdict on the last packet that was sent. */
static enum verdict verdict(const struct rig *r)
{
	return (enum verdict)r->burst.verdict[0];
}

static void server_data(struct rig *r, uint32_t offset, const char *text)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1 + offset,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_ACK | TCP_PSH,
				       .data = text,
				       .len = (uint32_t)strlen(text)});
}

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

static void side_that_nobody_hears_may_send_what_it_likes(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	server_data(r, 0, "abcd");
	server_data(r, 0, "ABCDE");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

static void flow_whose_bytes_nobody_hears_may_send_what_it_likes(void **state)
{
	struct rig *r = *state;

	rig_deaf = true;
	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 0, "ABCDE");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_int_equal(r->chunks.available, r->chunks.capacity);
}

/* Followed for the sake of FLOW_GAP, so its bytes are put in order. */
static void flow_of_which_only_gaps_are_heard_may_send_what_it_likes(void **state)
{
	struct rig *r = *state;

	rig_deaf = true;
	rig_follows = true;
	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 8, "ijkl");
	tcp_data(r, 4, "efgh");
	tcp_data(r, 0, "ABCD");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 8, "IJKL");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	rig_deaf = false;
	tcp_data(r, 12, "mnop");
	tcp_data(r, 8, "IJKLmnop");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 8, "IJKLmnoP");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
}

static void copy_on_a_stream_that_became_deaf_passes(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	rig_deaf = true;
	tcp_data(r, 0, "abcd");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 4, "efgh");
	tcp_data(r, 0, "abcdefgh");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

static void copy_of_what_was_sent_to_deaf_ears_passes_once_they_hear(void **state)
{
	struct rig *r = *state;

	rig_deaf = true;
	tcp_open(r);
	tcp_data(r, 0, "abcd");
	rig_deaf = false;
	tcp_data(r, 4, "efgh");
	tcp_data(r, 0, "abcd");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 0, "abcdefgh");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 0, "abcdefgH");
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

/* Else an attacker waits until nobody listens, and puts other bytes in the place
 * of those that were heard and have not arrived. */
static void what_was_heard_stays_comparable_while_nobody_listens(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "GET /ok ");
	tcp_data(r, 8, "HTTP/1.1");
	rig_deaf = true;
	tcp_data(r, 0, "GET /BAD");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	tcp_data(r, 16, "ignored!");
	tcp_data(r, 0, "GET /BAD");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	tcp_data(r, 12, "/1.0IGNORED!more");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	assert_int_equal(r->counters.tcp_overlap, 3);
	tcp_data(r, 0, "GET /ok ");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_data(r, 12, "/1.1IGNORED!");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	rig_deaf = false;
	tcp_data(r, 32, "heard");
	tcp_data(r, 0, "GET /BAD");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
}

/* The same where the stream goes on for the sake of who hears of holes. */
static void what_was_heard_stays_comparable_while_only_gaps_are_heard(void **state)
{
	struct rig *r = *state;

	rig_follows = true;
	tcp_open(r);
	tcp_data(r, 0, "GET /ok ");
	rig_deaf = true;
	tcp_data(r, 8, "ignored!");
	tcp_data(r, 0, "GET /BAD");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	tcp_data(r, 0, "GET /ok IGNORED!");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

/* Whoever listens now and then is not to stop a connection that repeats itself. */
static void each_run_of_bytes_that_nobody_heard_may_change(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	for (uint32_t at = 0; at < 24; at += 8) {
		rig_deaf = false;
		tcp_data(r, at, "abcd");
		rig_deaf = true;
		tcp_data(r, at + 4, "efgh");
	}
	tcp_data(r, 0, "abcdEFGHabcdEFGHabcdEFGH");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	for (uint32_t at = 0; at < 24; at += 8) {
		tcp_data(r, at, "abcD");
		assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
		tcp_data(r, at + 4, "EFGH");
		assert_int_equal(verdict(r), VERDICT_FORWARD);
	}
}

static void what_was_heard_is_given_back_once_it_is_acknowledged(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	rig_deaf = true;
	tcp_data(r, 4, "efgh");
	assert_int_not_equal(r->chunks.available, r->chunks.capacity);
	tcp_ack(r, 4);
	tcp_data(r, 8, "ijkl");
	assert_int_equal(r->chunks.available, r->chunks.capacity);
	tcp_data(r, 0, "ABCD");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

/* `buffer` bounds what is kept of a flow that nobody listens to as well. */
static void what_memory_lost_while_nobody_listens_is_dropped_as_unknown(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	rig_deaf = true;
	tcp_data(r, 4, "efgh");
	r->stack.reassembly.limit = 0;
	tcp_data(r, 8, "ijkl");
	r->stack.reassembly.limit = r->chunks.capacity;
	tcp_data(r, 0, "abcd");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	assert_int_equal(r->counters.tcp_overlap_unknown, 1);
	tcp_data(r, 4, "EFGH");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	tcp_ack(r, 4);
	tcp_data(r, 0, "abcd");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

static void hole_that_was_given_up_stays_closed_when_nobody_listens(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 8, "ijkl");
	r->stack.reassembly.limit = 0;
	tcp_ack(r, 4);
	r->stack.reassembly.limit = r->chunks.capacity;
	rig_deaf = true;
	tcp_data(r, 4, "efgh");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

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
	    CASE(side_that_nobody_hears_may_send_what_it_likes),
	    CASE(flow_whose_bytes_nobody_hears_may_send_what_it_likes),
	    CASE(flow_of_which_only_gaps_are_heard_may_send_what_it_likes),
	    CASE(copy_on_a_stream_that_became_deaf_passes),
	    CASE(copy_of_what_was_sent_to_deaf_ears_passes_once_they_hear),
	    CASE(copy_of_bytes_that_were_in_doubt_is_compared),
	    CASE(what_was_heard_stays_comparable_while_nobody_listens),
	    CASE(what_was_heard_stays_comparable_while_only_gaps_are_heard),
	    CASE(each_run_of_bytes_that_nobody_heard_may_change),
	    CASE(what_was_heard_is_given_back_once_it_is_acknowledged),
	    CASE(what_memory_lost_while_nobody_listens_is_dropped_as_unknown),
	    CASE(hole_that_was_given_up_stays_closed_when_nobody_listens),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
