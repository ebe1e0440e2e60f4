/* What segments in doubt speak for: a capture loses segments, and strangers forge them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rig_finish.h"
#include "support/shared_rigs.h"
#include "support/tcp_frame.h"

#define WINDOW 8192u
#define FAR 0x40000000u /* of all numbers a quarter */
#define LOST 100000u	/* bytes that passed unseen: several windows */

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	struct rig *r = full_open(pool, 16, 1 << 20);

	tcp_open(r);
	*state = r;
	return 0;
}

static int dropping_setup(void **state)
{
	struct rig *r = full_drops_open(pool, 16, 1 << 20);

	tcp_open(r);
	*state = r;
	return 0;
}

static int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock);
	return 0;
}

static void send_data(struct rig *r, int dir, uint32_t offset, uint32_t ack, const char *text)
{
	uint32_t isn[] = {CLIENT_ISN, SERVER_ISN};

	tcp_send(r, &(struct tcp_spec){.dir = dir,
				       .seq = isn[dir] + 1 + offset,
				       .ack = isn[!dir] + 1 + ack,
				       .flags = TCP_ACK | TCP_PSH,
				       .data = text,
				       .len = (uint32_t)strlen(text)});
}

/* `at` bytes come before `expected`, gaps included, and none behind it. */
static void client_ends(const struct rig *r, size_t at, const char *expected)
{
	assert_int_equal(r->flow_count, 1);
	assert_int_equal(r->flows[0].len[0], at + strlen(expected));
	assert_memory_equal(r->flows[0].stream[0] + at, expected, strlen(expected));
}

/* RFC 5961, section 5.2: else a guess at one number is enough to inject bytes. */
static void forged_segment_outside_of_the_window_makes_room_for_no_forged_ack(void **state)
{
	struct rig *r = *state;

	send_data(r, 1, FAR, 0, "forged");
	assert_int_equal(r->counters.tcp_ignored_window, 1);
	send_data(r, 0, 4, FAR / 2, "EVIL");
	assert_int_equal(r->counters.tcp_ignored_ack, 1);
	send_data(r, 0, 0, 0, "honestly");
	client_ends(r, 0, "honestly");
}

static void forged_ack_moves_no_window_after_a_forged_segment(void **state)
{
	struct rig *r = *state;

	send_data(r, 1, FAR, 0, "forged");
	send_data(r, 0, 0, FAR / 2, "");
	assert_int_equal(r->counters.tcp_ignored_ack, 1);
	send_data(r, 1, 0, 0, "answer");
	assert_int_equal(r->flows[0].len[1], 6);
	assert_memory_equal(r->flows[0].stream[1], "answer", 6);
}

/* What lies far ahead is believed when the peer acknowledges just that. */
static void both_sides_are_followed_again_when_windows_of_both_were_lost(void **state)
{
	struct rig *r = *state;

	send_data(r, 0, 0, 0, "before");
	send_data(r, 0, LOST, 0, "behind");
	client_ends(r, 0, "before");
	send_data(r, 1, 0, LOST + 6, "");
	client_ends(r, LOST, "behind");
	assert_int_equal(r->counters.tcp_gap_bytes, LOST - 6);
	send_data(r, 0, LOST + 6, 0, ", and on");
	client_ends(r, LOST + 6, ", and on");
}

static void server_ends(const struct rig *r, size_t at, const char *expected)
{
	assert_int_equal(r->flows[0].len[1], at + strlen(expected));
	assert_memory_equal(r->flows[0].stream[1] + at, expected, strlen(expected));
}

static void before_the_loss(struct rig *r)
{
	send_data(r, 0, 0, 0, "before");
	send_data(r, 1, 0, 6, "answer");
}

/* Each lies right of its window, and acknowledges where the other one is. */
static void both_sides_are_followed_again_when_windows_of_both_were_lost_at_once(void **state)
{
	struct rig *r = *state;

	before_the_loss(r);
	send_data(r, 0, LOST, LOST, "behind");
	send_data(r, 1, LOST, LOST + 6, "reply");
	client_ends(r, LOST, "behind");
	server_ends(r, LOST, "reply");
	assert_int_equal(r->counters.tcp_gap_bytes, 2 * (LOST - 6));
	send_data(r, 0, LOST + 6, LOST + 5, ", and on");
	send_data(r, 1, LOST + 5, LOST + 14, ", and on");
	client_ends(r, LOST, "behind, and on");
	server_ends(r, LOST, "reply, and on");
}

static void both_sides_are_followed_again_when_one_only_acknowledges_behind_the_loss(void **state)
{
	struct rig *r = *state;

	before_the_loss(r);
	send_data(r, 0, LOST, LOST, "");
	send_data(r, 1, LOST, LOST, "more");
	send_data(r, 0, LOST, LOST + 4, "");
	server_ends(r, LOST, "more");
	send_data(r, 0, LOST, LOST + 4, "behind");
	client_ends(r, LOST, "behind");
}

/* An acknowledgement of what is there, and one of what is not. */
static void one_forged_segment_leads_both_sides_away(void **state)
{
	struct rig *r = *state;

	before_the_loss(r);
	send_data(r, 0, LOST, FAR, "forged");
	send_data(r, 1, 6, 6, ", and on");
	send_data(r, 0, 6, 14, ", and on");
	client_ends(r, 0, "before, and on");
	server_ends(r, 0, "answer, and on");
}

static void segments_that_do_not_agree_lead_both_sides_away(void **state)
{
	struct rig *r = *state;

	before_the_loss(r);
	send_data(r, 0, LOST, FAR, "forged");
	send_data(r, 1, LOST, LOST + 6, "forged");
	send_data(r, 0, 6, 6, ", and on");
	client_ends(r, 0, "before, and on");
	server_ends(r, 0, "answer");
}

/* A FIN alone is no payload, and is acknowledged all the same. */
static void fin_in_doubt_that_is_acknowledged_ends_the_stream(void **state)
{
	struct rig *r = *state;

	send_data(r, 0, 0, 0, "before");
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1 + LOST,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | TCP_FIN});
	send_data(r, 1, 0, LOST + 1, "answer");
	server_ends(r, 0, "answer");
	assert_int_equal(r->counters.tcp_ignored_ack, 0);
	send_data(r, 0, LOST + 1, 6, "EVIL");
	assert_int_equal(r->counters.tcp_ignored_after_fin, 1);
}

/* A receiver acknowledges a part of what is in flight. */
static void an_ack_of_a_part_of_what_was_lost_is_followed(void **state)
{
	struct rig *r = *state;

	send_data(r, 0, LOST, 0, "behind");
	send_data(r, 1, 0, LOST - WINDOW / 2, "");
	send_data(r, 1, 0, LOST + 6, "");
	client_ends(r, LOST, "behind");
	assert_int_equal(r->counters.tcp_ignored_ack, 0);
}

static void forged_segment_before_a_loss_does_not_hide_what_is_behind_it(void **state)
{
	struct rig *r = *state;

	send_data(r, 0, FAR, 0, "forged");
	send_data(r, 0, LOST, 0, "behind");
	send_data(r, 1, 0, LOST + 6, "");
	client_ends(r, LOST, "behind");
}

/* What the peer acknowledged before a forged segment was there it may say again. */
static void forged_segment_after_a_loss_takes_back_no_ack(void **state)
{
	struct rig *r = *state;

	send_data(r, 0, LOST, 0, "behind");
	send_data(r, 1, 0, LOST + 3, "");
	send_data(r, 0, FAR, 0, "forged");
	send_data(r, 1, 0, LOST + 3, "answer");
	assert_int_equal(r->counters.tcp_ignored_ack, 0);
	assert_int_equal(r->flows[0].len[1], 6);
}

/* Who forges both chooses the number that they agree on. */
static void
forged_ack_that_fits_a_forged_segment_needs_more_than_a_number_in_the_window(void **state)
{
	struct rig *r = *state;

	send_data(r, 1, FAR, 0, "forged");
	send_data(r, 0, 4, FAR + 6, "EVIL");
	assert_int_equal(r->counters.tcp_ignored_ack, 1);
	send_data(r, 0, 4, FAR + 6, "");
	assert_int_equal(r->counters.tcp_ignored_ack, 2);
	send_data(r, 0, 0, 0, "honestly");
	client_ends(r, 0, "honestly");
	send_data(r, 1, 0, 8, "answer");
	assert_int_equal(r->flows[0].len[1], 6);
}

static void ack_from_the_next_byte_of_what_went_another_way_is_followed(void **state)
{
	struct rig *r = *state;

	send_data(r, 0, LOST, 0, "behind");
	send_data(r, 1, 0, LOST + 6, "");
	client_ends(r, LOST, "behind");
}

/* Else what fills the window that opens is in doubt, and leaves before it is heard. */
static void ack_of_a_window_probe_from_behind_a_hole_is_followed(void **state)
{
	static const char full[WINDOW + 1] = {[0 ... WINDOW - 1] = 'a'};
	struct rig *r = *state;

	for (uint32_t at = 0; at < WINDOW; at += WINDOW / 8)
		tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1 + at,
					       .ack = SERVER_ISN + 1,
					       .flags = TCP_ACK,
					       .data = full,
					       .len = WINDOW / 8});
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 1 + WINDOW,
				       .flags = TCP_ACK,
				       .window_zero = true});
	send_data(r, 0, WINDOW, 0, "b");
	send_data(r, 1, 100, WINDOW + 1, "behind a hole");
	send_data(r, 0, WINDOW + 1, 0, "at once");
	client_ends(r, WINDOW, "bat once");
}

/* The window grew while its announcements were lost; acknowledgements lag behind. */
static void more_in_flight_than_the_largest_window_that_was_seen(void **state)
{
	struct rig *r = *state;
	const uint32_t flight = 4 * WINDOW;

	for (uint32_t at = 0; at <= flight; at += 4)
		send_data(r, 0, LOST + at, 0, "data");
	for (uint32_t at = 0; at <= flight; at += 4) {
		tcp_send(r, &(struct tcp_spec){.dir = 1,
					       .seq = SERVER_ISN + 1,
					       .ack = CLIENT_ISN + 1 + LOST + at,
					       .flags = TCP_ACK,
					       .window = flight + 4});
		send_data(r, 0, LOST + flight + 4 + at, 0, "data");
	}
	send_data(r, 1, 0, LOST + 2 * flight + 8, "");
	assert_int_equal(r->counters.tcp_ignored_ack, 0);
	client_ends(r, LOST + 2 * flight + 4, "data");
}

/* Before the handshake is complete, no window bounds what may be in doubt. */
static void forged_answer_needs_no_number(struct rig *r, uint8_t flags)
{
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN});
	send_data(r, 0, FAR, 0, "forged");
	tcp_send(r,
		 &(struct tcp_spec){
		     .dir = 1, .seq = FAR, .ack = CLIENT_ISN + FAR / 2, .flags = flags | TCP_ACK});
	assert_int_equal(r->flow_count, 1);
	assert_false(r->flows[0].ended);
	tcp_open(r);
	send_data(r, 0, 0, 0, "honestly");
	client_ends(r, 0, "honestly");
	rig_teardown((void *[]){r});
}

static void forged_answer_to_a_syn_needs_no_number(void **state)
{
	(void)state;
	forged_answer_needs_no_number(full_open(pool, 16, 1 << 20), TCP_SYN);
	forged_answer_needs_no_number(full_drops_open(pool, 16, 1 << 20), TCP_SYN);
}

static void forged_refusal_of_a_syn_needs_no_number(void **state)
{
	(void)state;
	forged_answer_needs_no_number(full_open(pool, 16, 1 << 20), TCP_RST);
	forged_answer_needs_no_number(full_drops_open(pool, 16, 1 << 20), TCP_RST);
}

static void forged_ack_of_a_syn_needs_no_number(void **state)
{
	(void)state;
	forged_answer_needs_no_number(full_drops_open(pool, 16, 1 << 20), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
#define WITH_DROPS(test) cmocka_unit_test_setup_teardown(test, dropping_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(forged_segment_outside_of_the_window_makes_room_for_no_forged_ack),
	    CASE(forged_ack_moves_no_window_after_a_forged_segment),
	    CASE(both_sides_are_followed_again_when_windows_of_both_were_lost),
	    CASE(both_sides_are_followed_again_when_windows_of_both_were_lost_at_once),
	    CASE(both_sides_are_followed_again_when_one_only_acknowledges_behind_the_loss),
	    CASE(one_forged_segment_leads_both_sides_away),
	    CASE(segments_that_do_not_agree_lead_both_sides_away),
	    CASE(fin_in_doubt_that_is_acknowledged_ends_the_stream),
	    CASE(an_ack_of_a_part_of_what_was_lost_is_followed),
	    CASE(forged_segment_before_a_loss_does_not_hide_what_is_behind_it),
	    CASE(forged_segment_after_a_loss_takes_back_no_ack),
	    CASE(more_in_flight_than_the_largest_window_that_was_seen),
	    WITH_DROPS(
		forged_ack_that_fits_a_forged_segment_needs_more_than_a_number_in_the_window),
	    WITH_DROPS(ack_of_a_window_probe_from_behind_a_hole_is_followed),
	    WITH_DROPS(ack_from_the_next_byte_of_what_went_another_way_is_followed),
	    cmocka_unit_test(forged_answer_to_a_syn_needs_no_number),
	    cmocka_unit_test(forged_refusal_of_a_syn_needs_no_number),
	    cmocka_unit_test(forged_ack_of_a_syn_needs_no_number),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 4096);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
