/* With `unheard drop`, TCP bytes that somebody wants leave when they were heard or
 * are kept to be heard: bytes that the monitor believes to be ignored, in doubt,
 * or early, with both words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/unheard_play.h"

/* ---- what the tracker refuses ---- */

static void after_the_clients_reset(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_RST, "");
	tcp_data(r, 0, "EVIL");
}

static void after_the_servers_reset(struct rig *r)
{
	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 1, .seq = SERVER_ISN + 1, .flags = TCP_RST});
	tcp_data(r, 0, "EVIL");
}

static void copy_behind_a_fin(struct rig *r)
{
	tcp_open(r);
	tcp_data(r, 0, "aaaa");
	client(r, 4, TCP_ACK | TCP_FIN, "");
	tcp_data(r, 0, "aaaaEVIL");
}

static void without_ack_flag(struct rig *r)
{
	tcp_open(r);
	client(r, 0, 0, "EVIL");
}

static void syn_inside_with_bytes(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_SYN | TCP_ACK, "EVIL");
}

static void reset_with_bytes(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_RST, "EVIL");
}

static void timed_open(struct rig *r)
{
	timed_at(r, 0, CLIENT_ISN, TCP_SYN, 100, "");
	timed_at(r, 1, SERVER_ISN, TCP_SYN | TCP_ACK, 500, "");
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 101, "");
}

static void after_a_timestamp_that_jumped(struct rig *r)
{
	timed_open(r);
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 0x70000000, "a");
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 101, "EVIL");
}

/* That one has arrived. */
static void with_a_timestamp_older_than_the_syns(struct rig *r)
{
	timed_open(r);
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 90, "EVIL");
}

static void copy_with_an_old_timestamp(struct rig *r)
{
	timed_open(r);
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 200, "aaaa");
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 150, "EVIL");
}

static void equal_copy_with_an_old_timestamp(struct rig *r)
{
	timed_open(r);
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 200, "aaaa");
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 150, "aaaa");
}

static void refused_bytes_leave(void **state)
{
	(void)state;
	leaves_only_without_the_option(after_fin);
	leaves_only_without_the_option(after_the_clients_reset);
	leaves_only_without_the_option(after_the_servers_reset);
	leaves_only_without_the_option(copy_behind_a_fin);
	leaves_only_without_the_option(without_ack_flag);
	leaves_only_without_the_option(syn_inside_with_bytes);
	leaves_only_without_the_option(reset_with_bytes);
	leaves_only_without_the_option(with_a_timestamp_older_than_the_syns);
	leaves_never(after_a_timestamp_that_jumped);
}

static void refused_copies_leave_with_other_bytes(void **state)
{
	(void)state;
	leaves_never(copy_with_an_old_timestamp);
	leaves_always(equal_copy_with_an_old_timestamp);
}

/* ---- what is in doubt ---- */

/* Header prediction takes them, where it holds. */
static void next_bytes_with_an_old_ack(struct rig *r)
{
	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_ACK,
				       .data = "yes",
				       .len = 3});
	tcp_send(
	    r, &(struct tcp_spec){.seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 4, .flags = TCP_ACK});
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN - 1000,
				       .flags = TCP_ACK,
				       .data = "EVIL",
				       .len = 4});
}

static void next_bytes_with_an_ack_of_the_future(struct rig *r)
{
	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 4000,
				       .flags = TCP_ACK,
				       .data = "EVIL",
				       .len = 4});
}

static void right_of_the_window(struct rig *r)
{
	tcp_open(r);
	tcp_data(r, 1u << 20, "EVIL");
}

/* Heard at once: without it nobody would learn that the window has opened. */
static void probe_of_a_closed_window(struct rig *r)
{
	tcp_open(r);
	tcp_data(r, 0, "data");
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 5,
				       .flags = TCP_ACK,
				       .window_zero = true});
	tcp_data(r, 8192, "p");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
}

static void with_the_syn(struct rig *r)
{
	tcp_send(r,
		 &(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN, .data = "EVIL", .len = 4});
}

static void doubtful_bytes_leave(void **state)
{
	(void)state;
	leaves_only_without_the_option(next_bytes_with_an_ack_of_the_future);
	leaves_only_without_the_option(right_of_the_window);
	leaves_only_without_the_option(with_the_syn);
	leaves_always(probe_of_a_closed_window);
}

static void early_bytes_with_an_old_ack(struct rig *r)
{
	next_bytes_with_an_old_ack(r);
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 9,
				       .ack = SERVER_ISN - 1000,
				       .flags = TCP_ACK,
				       .data = "EVIL",
				       .len = 4});
}

/* Bytes that the host may have taken leave unheard; a FIN in their place ends the stream,
 * and what follows leaves unheard too. */
static void next_bytes_with_an_old_ack_are_not_heard(void **state)
{
	static const rig_maker makers[] = {forwards_open, drops_open};

	(void)state;
	leaves_always(next_bytes_with_an_old_ack);
	leaves_only_without_the_option(early_bytes_with_an_old_ack);
	for (size_t i = 0; i < RTE_DIM(makers); i++) {
		struct rig *r = makers[i](pool, 64, 1 << 18);

		next_bytes_with_an_old_ack(r);
		client(r, 3, TCP_ACK | TCP_FIN, "");
		client(r, 0, TCP_ACK, "EVI");
		client(r, 4, TCP_ACK, "next");
		assert_int_equal(r->flows[0].len[0], 8);
		assert_memory_equal(r->flows[0].stream[0], "EVILnext", 8);
		client(r, 0, TCP_ACK, "GOOD");
		assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
		rig_finish(r, tcp_clock);
	}
}

/* It did not get there: when the peer acknowledges it all the same, it is a gap. */
static void doubtful_bytes_that_were_dropped_are_heard(void **state)
{
	struct rig *r = drops_open(pool, 64, 1 << 18);

	(void)state;
	next_bytes_with_an_ack_of_the_future(r);
	tcp_ack(r, 4);
	tcp_data(r, 4, "good");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_int_equal(r->counters.tcp_gap_bytes, 4);
	assert_int_equal(r->flows[0].len[0], 8);
	assert_memory_equal(r->flows[0].stream[0], "\0\0\0\0good", 8);
	rig_finish(r, tcp_clock);
}

/* ---- early bytes ---- */

static void early(struct rig *r)
{
	tcp_open(r);
	tcp_data(r, 4, "efgh");
}

/* Everything is taken until memory_return(). */
static struct chunk *memory_take(struct rig *r)
{
	struct chunk *all = NULL, *c;

	while ((c = chunk_take(&r->chunks)) != NULL) {
		c->next = all;
		all = c;
	}
	return all;
}

static void memory_return(struct rig *r, struct chunk *all)
{
	while (all != NULL) {
		struct chunk *next = all->next;

		chunk_release(&r->chunks, all);
		all = next;
	}
}

static void early_without_memory(struct rig *r)
{
	struct chunk *all;

	tcp_open(r);
	all = memory_take(r);
	tcp_data(r, 4, "EVIL");
	memory_return(r, all);
}

static void equal_copy_of_what_waits(struct rig *r)
{
	early(r);
	tcp_data(r, 2, "cdefghij");
	tcp_data(r, 4, "efgh");
}

static void other_copy_of_what_waits(struct rig *r)
{
	early(r);
	tcp_data(r, 4, "EVIL");
}

/* By the policy the host takes these in place of what waits, if that has arrived. */
static void other_copy_that_the_policy_takes(struct rig *r)
{
	early(r);
	tcp_data(r, 3, "dEVILijk");
}

static void refused_copy_of_what_waits(struct rig *r)
{
	timed_open(r);
	timed_at(r, 0, CLIENT_ISN + 5, TCP_ACK, 200, "efgh");
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 300, "a");
	timed_at(r, 0, CLIENT_ISN + 5, TCP_ACK, 150, "EVIL");
}

static void early_bytes_leave_once_they_can_be_compared(void **state)
{
	(void)state;
	leaves_always(early);
	assert_int_equal(played(forwards_open, early_without_memory), VERDICT_DROP_UNKEPT);
	assert_int_equal(played(drops_open, early_without_memory), VERDICT_DROP_UNKEPT);
}

static void copies_of_early_bytes_leave_with_other_bytes(void **state)
{
	(void)state;
	leaves_always(equal_copy_of_what_waits);
	leaves_only_without_the_option(other_copy_of_what_waits);
	leaves_only_without_the_option(other_copy_that_the_policy_takes);
	leaves_never(refused_copy_of_what_waits);
}

/* What left is what is heard, though the policy prefers what did not. */
static void dropped_copies_take_the_place_of_what_left(void **state)
{
	struct rig *r = drops_open(pool, 64, 1 << 18);

	(void)state;
	other_copy_that_the_policy_takes(r);
	tcp_data(r, 0, "abcd");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_memory_equal(r->flows[0].stream[0], "abcdefgh", 8);
	tcp_data(r, 4, "efgh");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	rig_finish(r, tcp_clock);
}

/* The FIN may have died behind us, and then its bytes come without it. */
static void bytes_that_wait_behind_a_fin_are_not_heard(void **state)
{
	struct rig *r = drops_open(pool, 64, 1 << 18);

	(void)state;
	early(r);
	client(r, 0, TCP_ACK | TCP_FIN, "abcd");
	assert_int_equal(r->flows[0].len[0], 8);
	assert_memory_equal(r->flows[0].stream[0], "abcdefgh", 8);
	tcp_data(r, 0, "abcd");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	rig_finish(r, tcp_clock);
}

/* Its end may be known to the monitor alone. */
static void bytes_that_wait_when_the_flow_ends_are_not_heard(void **state)
{
	struct rig *r = drops_open(pool, 64, 1 << 18);

	(void)state;
	early(r);
	tcp_ack(r, 0);
	client(r, 0, TCP_RST, "");
	assert_int_equal(r->flows[0].len[0], 8);
	assert_memory_equal(r->flows[0].stream[0], "\0\0\0\0efgh", 8);
	rig_finish(r, tcp_clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refused_bytes_leave),
	    cmocka_unit_test(refused_copies_leave_with_other_bytes),
	    cmocka_unit_test(doubtful_bytes_leave),
	    cmocka_unit_test(next_bytes_with_an_old_ack_are_not_heard),
	    cmocka_unit_test(doubtful_bytes_that_were_dropped_are_heard),
	    cmocka_unit_test(early_bytes_leave_once_they_can_be_compared),
	    cmocka_unit_test(copies_of_early_bytes_leave_with_other_bytes),
	    cmocka_unit_test(dropped_copies_take_the_place_of_what_left),
	    cmocka_unit_test(bytes_that_wait_behind_a_fin_are_not_heard),
	    cmocka_unit_test(bytes_that_wait_when_the_flow_ends_are_not_heard),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
