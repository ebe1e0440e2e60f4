/* Where functions may drop, bytes that the host may take are heard at once. It may have
 * refused them all the same: what ends a connection behind them may not have arrived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/unheard_play.h"

#define WINDOW 8192u
#define BEYOND 200u

static const uint8_t full[WINDOW] = "bytes that are the same in each copy";

static void bytes(struct rig *r, uint32_t offset, uint8_t flags, uint32_t len)
{
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1 + offset,
				       .ack = SERVER_ISN + 1,
				       .flags = flags,
				       .data = full,
				       .len = len});
}

/* Across the right edge: refused while the application has not read what came before. */
static void cross(struct rig *r, uint8_t flags)
{
	tcp_open(r);
	bytes(r, 0, TCP_ACK, WINDOW - 100);
	bytes(r, WINDOW - 100, flags, 100 + BEYOND);
}

static void is_heard(const struct rig *r, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(r->flows[0].len[0], WINDOW + BEYOND + len);
	assert_memory_equal(r->flows[0].stream[0] + WINDOW + BEYOND, text, len);
	assert_false(r->flows[0].ended);
}

static void reset_behind_it_ends_the_flow(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	cross(r, TCP_ACK);
	client(r, WINDOW + BEYOND, TCP_RST, "");
	bytes(r, WINDOW - 100, TCP_ACK, 100 + BEYOND);
	client(r, WINDOW + BEYOND, TCP_ACK, "EVIL");
	tcp_ack(r, WINDOW + BEYOND);
	client(r, WINDOW + BEYOND, TCP_ACK, "EVIL");
	is_heard(r, "EVIL");
	rig_finish(r, tcp_clock);
}

static void its_fin_ends_the_stream(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	cross(r, TCP_ACK | TCP_FIN);
	tcp_ack(r, WINDOW - 100);
	bytes(r, WINDOW - 100, TCP_ACK, 100 + BEYOND);
	client(r, WINDOW + BEYOND, TCP_ACK, "EVIL");
	is_heard(r, "EVIL");
	assert_int_equal(r->counters.tcp_ignored_after_fin, 0);
	rig_finish(r, tcp_clock);
}

static void once_it_is_acknowledged_its_fin_counts(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	cross(r, TCP_ACK | TCP_FIN);
	tcp_ack(r, WINDOW + BEYOND + 1);
	client(r, WINDOW + BEYOND + 1, TCP_ACK, "more");
	assert_int_equal(r->counters.tcp_ignored_after_fin, 1);
	rig_finish(r, tcp_clock);
}

static void once_it_is_acknowledged_a_reset_counts(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	cross(r, TCP_ACK);
	tcp_ack(r, WINDOW + BEYOND);
	client(r, WINDOW + BEYOND, TCP_RST, "");
	assert_true(r->flows[0].ended);
	rig_finish(r, tcp_clock);
}

#define FAR (3 * WINDOW) /* beyond what the window may be by then */

static void data_in_doubt(struct rig *r, uint32_t offset, uint8_t flags, const char *text)
{
	client(r, offset, flags, text);
	assert_int_equal(rig_event_count(r, EVENT_DATA_TCP), 0);
}

/* The window opens before it arrives, and its byte is what is acknowledged, not the FIN. */
static void waiting_fin_takes_the_place_of_a_byte_in_doubt(void **state)
{
	(void)state;
	for (int fin_first = 0; fin_first < 2; fin_first++) {
		struct rig *r = forwards_open(pool, 64, 1 << 18);

		tcp_open(r);
		if (fin_first)
			client(r, FAR, TCP_ACK | TCP_FIN, "");
		data_in_doubt(r, FAR, TCP_ACK, "x");
		tcp_ack(r, FAR - 4);
		if (!fin_first)
			client(r, FAR, TCP_ACK | TCP_FIN, "");
		client(r, FAR - 4, TCP_ACK, "data");
		tcp_ack(r, FAR + 1);
		client(r, FAR + 1, TCP_ACK, "EVIL");
		assert_int_equal(r->counters.tcp_ignored_after_fin, 0);
		assert_int_equal(r->flows[0].len[0], FAR + 5);
		assert_memory_equal(r->flows[0].stream[0] + FAR - 4, "dataxEVIL", 9);
		rig_finish(r, tcp_clock);
	}
}

/* The host may have got the byte before: then the FIN is a copy of it. */
static void next_fin_takes_the_place_of_a_byte_in_doubt(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	data_in_doubt(r, FAR, TCP_ACK, "x");
	tcp_ack(r, FAR);
	client(r, FAR, TCP_ACK | TCP_FIN, "");
	client(r, FAR + 1, TCP_ACK, "EVIL");
	assert_int_equal(r->counters.tcp_ignored_after_fin, 0);
	rig_finish(r, tcp_clock);
}

/* The byte that is acknowledged last need not be the FIN in its place. */
static void fin_in_doubt_takes_the_place_of_a_byte_in_doubt(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	bytes(r, FAR + 100, TCP_ACK | TCP_FIN, BEYOND - 101);
	bytes(r, FAR, TCP_ACK, BEYOND);
	tcp_ack(r, FAR + BEYOND);
	client(r, FAR + BEYOND, TCP_ACK, "EVIL");
	assert_int_equal(r->flows[0].len[0], FAR + BEYOND + 4);
	assert_int_equal(r->counters.tcp_ignored_after_fin, 0);
	rig_finish(r, tcp_clock);
}

/* The window may open before it arrives, and need not have opened for an earlier one. */
static void data_right_of_the_window_leaves_unheard(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	bytes(r, 0, TCP_ACK, WINDOW);
	client(r, WINDOW, TCP_ACK, "next");
	assert_int_equal(r->flows[0].len[0], WINDOW + 4);
	client(r, WINDOW + 8, TCP_ACK, "last");
	client(r, WINDOW + 4, TCP_ACK, "then");
	assert_int_equal(r->flows[0].len[0], WINDOW + 12);
	assert_memory_equal(r->flows[0].stream[0] + WINDOW, "nextthenlast", 12);
	client(r, WINDOW, TCP_ACK, "EVIL");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	client(r, WINDOW + 8, TCP_ACK, "last");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	rig_finish(r, tcp_clock);
}

/* What waits left first, and if that was refused the host takes the other copy. */
static void other_copy_of_what_waits_right_of_the_window_leaves(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	client(r, WINDOW + 4, TCP_ACK, "last");
	client(r, WINDOW + 4, TCP_ACK, "EVIL");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	client(r, WINDOW + 4, TCP_ACK, "last");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	rig_finish(r, tcp_clock);
}

/* The window may not have opened for the FIN, but for what is sent in its place. */
static void fin_right_of_the_window_hides_bytes_that_wait(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	client(r, WINDOW + 4, TCP_ACK | TCP_FIN, "last");
	client(r, WINDOW + 6, TCP_ACK, "stEVIL");
	client(r, WINDOW, TCP_ACK, "next");
	bytes(r, 0, TCP_ACK, WINDOW);
	assert_int_equal(r->flows[0].len[0], WINDOW + 12);
	assert_memory_equal(r->flows[0].stream[0] + WINDOW, "nextlastEVIL", 12);
	rig_finish(r, tcp_clock);
}

/* Of blocks that it has selectively acknowledged, Linux remembers four. */
static void reset_behind_a_block_that_was_forgotten_ends_the_flow(void **state)
{
	static const uint8_t sack[] = {1, 1, 4, 2};
	struct rig *r = forwards_open(pool, 64, 1 << 18);
	struct tcp_spec syn = {
	    .seq = CLIENT_ISN, .flags = TCP_SYN, .options = sack, .options_len = 4};

	(void)state;
	tcp_send(r, &syn);
	syn.dir = 1;
	syn.seq = SERVER_ISN;
	syn.ack = CLIENT_ISN + 1;
	syn.flags = TCP_SYN | TCP_ACK;
	tcp_send(r, &syn);
	client(r, 0, TCP_ACK, "");
	client(r, 100, TCP_ACK, "x");
	for (uint32_t at = 10; at < 60; at += 10)
		client(r, at, TCP_ACK, "x");
	client(r, 101, TCP_RST, "");
	assert_false(r->flows[0].ended);
	client(r, 100, TCP_ACK, "x");
	client(r, 101, TCP_RST, "");
	assert_true(r->flows[0].ended);
	rig_finish(r, tcp_clock);
}

/* The server has sent it, but it has not passed here yet. */
static void data_that_acknowledges_what_is_under_way_leaves_unheard(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);
	const struct rig_record *record;

	(void)state;
	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 101,
				       .flags = TCP_ACK,
				       .data = "data",
				       .len = 4});
	assert_int_equal(r->flows[0].len[0], 4);
	client(r, 4, TCP_RST, "");
	assert_false(r->flows[0].ended);
	record = (const struct rig_record *)flow_table_at(r->stack.table, 0);
	assert_int_equal(record->tcp.side[1].una, SERVER_ISN + 1);
	rig_finish(r, tcp_clock);
}

/* Too old when it gets there, if the host has acknowledged the one before by then. */
static void fin_with_an_older_timestamp_ends_the_stream(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	timed_at(r, 0, CLIENT_ISN, TCP_SYN, 100, "");
	timed_at(r, 1, SERVER_ISN, TCP_SYN | TCP_ACK, 500, "");
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 101, "");
	timed_at(r, 0, CLIENT_ISN + 1, TCP_ACK, 101, "some");
	timed_at(r, 0, CLIENT_ISN + 5, TCP_ACK, 200, "more");
	timed_at(r, 0, CLIENT_ISN + 9, TCP_ACK | TCP_FIN, 110, "");
	timed_at(r, 0, CLIENT_ISN + 9, TCP_ACK, 201, "EVIL");
	assert_int_equal(r->flows[0].len[0], 12);
	assert_memory_equal(r->flows[0].stream[0], "somemoreEVIL", 12);
	timed_at(r, 0, CLIENT_ISN + 13, TCP_ACK, 90, "old");
	assert_int_equal(r->counters.tcp_ignored_paws, 1);
	rig_finish(r, tcp_clock);
}

static struct counters uncounted;

static void track(struct tcp_track *t, uint8_t *state, int dir, uint32_t seq, uint32_t ack,
		  uint32_t len, uint8_t flags)
{
	const struct tcp_segment seg = {.seq = seq,
					.ack = ack,
					.len = len,
					.window = 65535,
					.flags = flags,
					.options = flags & TCP_SYN ? TCP_OPTION_SCALE : 0,
					.scale = flags & TCP_SYN ? 14 : 0};

	tcp_track_segment(t, state, (enum mbx_direction)dir, &seg, TCP_JUDGED, &uncounted);
}

/* Sequence numbers wrap: what was unsure four gigabytes ago lies ahead again. */
static void what_was_acknowledged_long_ago_is_unsure_again(void **state)
{
	const uint32_t step = 0x30000000u, window = 65535u << 14;
	const struct tcp_segment syn = {.flags = TCP_SYN, .options = TCP_OPTION_SCALE, .scale = 14};
	struct tcp_track t = {.waits = 0};
	uint8_t at = 0;
	uint32_t next = 1;

	(void)state;
	tcp_track_start(&t, &at, MBX_CLIENT, &syn, &(struct tcp_before){.waits = false});
	track(&t, &at, 0, 0, 0, 0, TCP_SYN);
	track(&t, &at, 1, 0, 1, 0, TCP_SYN | TCP_ACK);
	track(&t, &at, 0, 1, 1, 0, TCP_ACK);
	track(&t, &at, 1, 1, 1, 0, TCP_ACK);
	track(&t, &at, 0, next, 1, window + 10, TCP_ACK); /* crosses the edge */
	next += window + 10;
	track(&t, &at, 0, next, 1, 0, TCP_RST | TCP_ACK);
	assert_int_equal(t.ending, TCP_ENDING_NO);
	for (int i = 0; i < 4; i++) {
		track(&t, &at, 1, 1, next, 0, TCP_ACK);
		track(&t, &at, 0, next, 1, step, TCP_ACK);
		next += step;
	}
	track(&t, &at, 1, 1, next, 0, TCP_ACK);
	track(&t, &at, 0, next, 1, 0, TCP_RST | TCP_ACK);
	assert_int_equal(t.ending, TCP_ENDING_RST);
}

/* Header prediction does not hold while something is queued. */
static void reset_behind_an_old_ack_ends_the_flow(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN - 1000,
				       .flags = TCP_ACK,
				       .data = "data",
				       .len = 4});
	client(r, 4, TCP_RST, "");
	assert_false(r->flows[0].ended);
	client(r, 4, TCP_ACK, "EVIL");
	assert_int_equal(r->flows[0].len[0], 8);
	rig_finish(r, tcp_clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reset_behind_it_ends_the_flow),
	    cmocka_unit_test(its_fin_ends_the_stream),
	    cmocka_unit_test(once_it_is_acknowledged_its_fin_counts),
	    cmocka_unit_test(once_it_is_acknowledged_a_reset_counts),
	    cmocka_unit_test(waiting_fin_takes_the_place_of_a_byte_in_doubt),
	    cmocka_unit_test(next_fin_takes_the_place_of_a_byte_in_doubt),
	    cmocka_unit_test(fin_in_doubt_takes_the_place_of_a_byte_in_doubt),
	    cmocka_unit_test(data_right_of_the_window_leaves_unheard),
	    cmocka_unit_test(other_copy_of_what_waits_right_of_the_window_leaves),
	    cmocka_unit_test(fin_right_of_the_window_hides_bytes_that_wait),
	    cmocka_unit_test(reset_behind_a_block_that_was_forgotten_ends_the_flow),
	    cmocka_unit_test(data_that_acknowledges_what_is_under_way_leaves_unheard),
	    cmocka_unit_test(fin_with_an_older_timestamp_ends_the_stream),
	    cmocka_unit_test(reset_behind_an_old_ack_ends_the_flow),
	    cmocka_unit_test(what_was_acknowledged_long_ago_is_unsure_again),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return pool == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
