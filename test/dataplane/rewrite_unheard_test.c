/* Bytes that nobody heard may change; who turns away sets nothing free. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rewrite_rig.h"

static void server_data(struct rig *r, uint32_t offset, const char *text)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1 + offset,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_ACK | TCP_PSH,
				       .data = text,
				       .len = (uint32_t)strlen(text)});
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(side_that_nobody_hears_may_send_what_it_likes),
	    CASE(flow_whose_bytes_nobody_hears_may_send_what_it_likes),
	    CASE(flow_of_which_only_gaps_are_heard_may_send_what_it_likes),
	    CASE(copy_on_a_stream_that_became_deaf_passes),
	    CASE(copy_of_what_was_sent_to_deaf_ears_passes_once_they_hear),
	    CASE(what_was_heard_stays_comparable_while_nobody_listens),
	    CASE(what_was_heard_stays_comparable_while_only_gaps_are_heard),
	    CASE(each_run_of_bytes_that_nobody_heard_may_change),
	    CASE(what_was_heard_is_given_back_once_it_is_acknowledged),
	    CASE(what_memory_lost_while_nobody_listens_is_dropped_as_unknown),
	    CASE(hole_that_was_given_up_stays_closed_when_nobody_listens),
	};

	if (rewrite_start() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
