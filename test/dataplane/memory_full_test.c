/* Functions may drop, and others hold all of `buffer`: honest connections go on, and no
 * copy with other bytes gets past. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/full_memory.h"
#include "support/random.h"

/* ---- an honest sender and its receiver, whose segments are lost before and behind us ---- */

struct transfer {
	uint16_t port;
	uint32_t acked; /* as the sender knows */
	uint32_t cut;	/* bytes a segment */
	uint32_t merge; /* segments that a repetition puts together */
	uint32_t got;	/* of the receiver, in order */
	bool has[sizeof(bytes) / SEGMENT + 1];
	bool joined[sizeof(bytes) / SEGMENT + 1]; /* with the next one, for good */
	unsigned int window;
	uint64_t seed;
};

static void arrive(struct transfer *t, uint32_t from, uint32_t to)
{
	for (uint32_t i = from / t->cut; i * t->cut < to; i++)
		t->has[i] = true;
	while (t->got < sizeof(bytes) / t->cut && t->has[t->got])
		t->got++;
}

static bool is_lost(struct transfer *t)
{
	return test_random(&t->seed) % 4 == 0;
}

static void transmit(struct rig *r, struct transfer *t, uint32_t from, uint32_t to)
{
	enum verdict verdict;

	if (is_lost(t))
		return;
	verdict = data(r, t->port, from, to);
	assert_true(verdict == VERDICT_FORWARD || verdict == VERDICT_DROP_UNKEPT);
	if (verdict == VERDICT_FORWARD && !is_lost(t))
		arrive(t, from, to);
}

static uint32_t segment_end(const struct transfer *t, uint32_t at)
{
	uint32_t i = at / t->cut;

	while (t->joined[i])
		i++;
	return (i + 1) * t->cut;
}

/* A window, a repetition of its first segment, and an acknowledgement. */
static void turn(struct rig *r, struct transfer *t, uint32_t total)
{
	uint32_t end = RTE_MIN(t->acked + t->window * t->cut, total);

	for (uint32_t at = t->acked; at < end; at = segment_end(t, at))
		transmit(r, t, at, segment_end(t, at));
	for (uint32_t i = t->acked / t->cut; i + 1 < t->acked / t->cut + t->merge; i++)
		t->joined[i] = (i + 2) * t->cut <= end;
	if (t->acked < end)
		transmit(r, t, t->acked, segment_end(t, t->acked));
	t->acked = t->got * t->cut;
	server_acks(r, t->port, t->acked, 0);
}

static void transfers_end(struct rig *r, uint32_t merge)
{
	const uint32_t total = sizeof(bytes) / SEGMENT * SEGMENT;
	struct transfer transfers[4] = {{0}};
	unsigned int turns = 0, open = RTE_DIM(transfers);

	for (uint16_t i = 0; i < RTE_DIM(transfers); i++)
		transfers[i] = (struct transfer){.port = (uint16_t)(HONEST + i),
						 .cut = SEGMENT,
						 .merge = merge,
						 .window = 1u << 2 * i,
						 .seed = 77u + i};
	for (; open > 0 && turns < 2000; turns++) {
		open = 0;
		for (uint16_t i = 0; i < RTE_DIM(transfers); i++)
			if (transfers[i].acked < total) {
				turn(r, &transfers[i], total);
				open++;
			}
	}
	assert_int_equal(open, 0);
	assert_int_equal(r->counters.held_lost, 0);
	for (size_t i = 0; i < r->flow_count; i++)
		if (r->flows[i].len[0] > 0 && r->flows[i].gap[0] == 0 &&
		    r->flows[i].len[0] >= total)
			assert_memory_equal(r->flows[i].stream[0], bytes, total);
}

static void open_honest(struct rig *r)
{
	for (uint16_t i = 0; i < 4; i++)
		open_port(r, HONEST + i);
}

static void connections_with_loss_end_amid_holes(void **state)
{
	struct rig *r = *state;

	fill_with_holes(r);
	open_honest(r);
	transfers_end(r, 1);
	assert_true(r->counters.held_digested > 0);
}

static void connections_with_loss_end_amid_bytes_in_flight(void **state)
{
	struct rig *r = *state;

	fill_with_bytes_in_flight(r);
	open_honest(r);
	transfers_end(r, 1);
	assert_true(r->counters.held_digested > 0);
}

/* A sender that repeats puts small segments together. */
static void connections_end_whose_repetitions_are_put_together(void **state)
{
	struct rig *r = *state;

	fill_with_bytes_in_flight(r);
	open_honest(r);
	transfers_end(r, 3);
}

/* What was in flight before others came is compared still. */
static void window_in_flight_before_the_flood_is_repeated(void **state)
{
	struct rig *r = *state;

	open_port(r, HONEST);
	for (uint32_t i = 0; i < 40; i++)
		assert_int_equal(data(r, HONEST, i * SEGMENT, (i + 1) * SEGMENT), VERDICT_FORWARD);
	fill_with_bytes_in_flight(r);
	for (uint32_t i = 0; i < 40; i++)
		assert_int_equal(data(r, HONEST, i * SEGMENT, (i + 1) * SEGMENT), VERDICT_FORWARD);
}

/* What waits behind a hole before others came is handed on once that is filled. */
static void hole_from_before_the_flood_is_filled(void **state)
{
	struct rig *r = *state;

	open_port(r, HONEST);
	for (uint32_t i = 1; i < 40; i++)
		assert_int_equal(data(r, HONEST, i * SEGMENT, (i + 1) * SEGMENT), VERDICT_FORWARD);
	fill_with_holes(r);
	assert_int_equal(r->flows[0].len[0], 0);
	assert_int_equal(data(r, HONEST, 0, SEGMENT), VERDICT_FORWARD);
	assert_int_equal(r->flows[0].len[0], 40 * SEGMENT);
	assert_memory_equal(r->flows[0].stream[0], bytes, 40 * SEGMENT);
	assert_int_equal(r->flows[0].gap[0], 0);
}

/* One that fills a hole and reaches into what waits behind it needs pages on its way. */
static void segment_that_overlaps_what_waits_is_handed_on_and_compared(void **state)
{
	struct rig *r = *state;

	open_port(r, HONEST);
	data(r, HONEST, 2000, 2700);
	fill_with_bytes_in_flight(r);
	assert_int_equal(data(r, HONEST, 0, 2300), VERDICT_FORWARD);
	assert_int_equal(r->flows[0].len[0], 2700);
	assert_memory_equal(r->flows[0].stream[0], bytes, 2700);
	assert_int_equal(r->counters.held_digested, 1);
	assert_true(r->stack.reassembly.pages <= r->stack.reassembly.limit);
	assert_int_equal(data(r, HONEST, 0, 2300), VERDICT_FORWARD);
	bytes[2200] ^= 1;
	assert_int_equal(data(r, HONEST, 0, 2300), VERDICT_DROP_REWRITTEN);
}

/* ---- copies ---- */

static void other_bytes_are_dropped_that_only_a_digest_knows(void **state)
{
	struct rig *r = *state;

	fill_with_bytes_in_flight(r);
	open_port(r, HONEST);
	for (uint32_t i = 0; i < STREAM_DIGESTS; i++)
		assert_int_equal(data(r, HONEST, i * SEGMENT, (i + 1) * SEGMENT), VERDICT_FORWARD);
	assert_int_equal(r->counters.held_digested, STREAM_DIGESTS);
	for (uint32_t i = 0; i < STREAM_DIGESTS; i++) {
		bytes[i * SEGMENT + 300] ^= 1;
		assert_int_equal(data(r, HONEST, i * SEGMENT, (i + 1) * SEGMENT),
				 VERDICT_DROP_REWRITTEN);
		assert_int_equal(data(r, HONEST, 0, (i + 1) * SEGMENT), VERDICT_DROP_REWRITTEN);
		bytes[i * SEGMENT + 300] ^= 1;
	}
	assert_int_equal(r->counters.tcp_overlap, 2 * STREAM_DIGESTS);
	for (uint32_t i = 0; i < STREAM_DIGESTS; i++)
		assert_int_equal(data(r, HONEST, i * SEGMENT, (i + 1) * SEGMENT), VERDICT_FORWARD);
}

/* Part of a segment has no digest: nobody can say that its bytes are those of before. */
static void part_of_a_segment_is_dropped_that_only_a_digest_knows(void **state)
{
	struct rig *r = *state;

	fill_with_bytes_in_flight(r);
	open_port(r, HONEST);
	assert_int_equal(data(r, HONEST, 0, SEGMENT), VERDICT_FORWARD);
	assert_int_equal(data(r, HONEST, 0, SEGMENT / 2), VERDICT_DROP_REWRITTEN);
	assert_int_equal(data(r, HONEST, 1, SEGMENT + 1), VERDICT_DROP_REWRITTEN);
	server_acks(r, HONEST, SEGMENT, 0);
	assert_int_equal(data(r, HONEST, 0, SEGMENT / 2), VERDICT_FORWARD);
}

/* What leaves is known; the rest is sent again when its turn has come. */
static void more_than_is_known_does_not_leave_until_some_is_acknowledged(void **state)
{
	struct rig *r = *state;
	const uint32_t known = STREAM_DIGESTS * SEGMENT;

	fill_with_bytes_in_flight(r);
	open_port(r, HONEST);
	for (uint32_t at = 0; at < known; at += SEGMENT)
		assert_int_equal(data(r, HONEST, at, at + SEGMENT), VERDICT_FORWARD);
	for (int i = 0; i < 3; i++)
		assert_int_equal(data(r, HONEST, known, known + SEGMENT), VERDICT_DROP_UNKEPT);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0) == NULL, 1);
	server_acks(r, HONEST, SEGMENT, 0);
	assert_int_equal(data(r, HONEST, known, known + SEGMENT), VERDICT_FORWARD);
}

/* Early bytes cannot be handed on, and so not be forgotten. */
static void early_bytes_do_not_leave_when_memory_is_full(void **state)
{
	struct rig *r = *state;

	fill_with_holes(r);
	open_port(r, HONEST);
	assert_int_equal(data(r, HONEST, SEGMENT, 2 * SEGMENT), VERDICT_DROP_UNKEPT);
	assert_int_equal(data(r, HONEST, 0, SEGMENT), VERDICT_FORWARD);
	assert_int_equal(data(r, HONEST, SEGMENT, 2 * SEGMENT), VERDICT_FORWARD);
}

/* ---- who goes on even so ---- */

/* Its peer's acknowledgements take another way: nothing is ever known to have arrived. */
static void connection_of_which_one_direction_is_seen_goes_on(void **state)
{
	struct rig *r = *state;

	fill_with_holes(r);
	client_sends(r,
		     (struct tcp_spec){.client_port = HONEST, .seq = CLIENT_ISN, .flags = TCP_SYN});
	tcp_clock += 2000000000ull;
	for (uint32_t at = 0; at < 40 * SEGMENT; at += SEGMENT)
		assert_int_equal(data(r, HONEST, at, at + SEGMENT), VERDICT_FORWARD);
	assert_int_equal(r->flows[r->flow_count - 1].len[0], 40 * SEGMENT);
	bytes[39 * SEGMENT] ^= 1;
	assert_int_equal(data(r, HONEST, 39 * SEGMENT, 40 * SEGMENT), VERDICT_DROP_REWRITTEN);
}

/* One holds half of all at most, so others have all that they need. */
static void one_connection_leaves_room_for_others(void **state)
{
	struct rig *r = *state;
	uint32_t sent = 0;

	open_port(r, 1);
	while (sent < sizeof(bytes) / SEGMENT &&
	       data(r, 1, 1 + sent * SEGMENT, 1 + (sent + 1) * SEGMENT) == VERDICT_FORWARD)
		sent++;
	for (uint16_t port = 2; r->stack.reassembly.pages < 90 && port < 20; port++) {
		open_port(r, port);
		for (uint32_t i = 0; i < 80; i++)
			data(r, port, 1 + i * SEGMENT, 1 + (i + 1) * SEGMENT);
	}
	open_port(r, HONEST);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(data(r, HONEST, i * SEGMENT, (i + 1) * SEGMENT), VERDICT_FORWARD);
	assert_int_equal(r->counters.held_digested, 0);
}

/* What is acknowledged goes, whoever has it, before anybody has to wait. */
static void acknowledged_bytes_of_others_make_room(void **state)
{
	struct rig *r = *state;

	for (uint16_t port = 1; port <= ATTACKERS; port++) {
		open_port(r, port);
		data(r, port, 0, SEGMENT);
		server_acks(r, port, SEGMENT, 0);
	}
	open_port(r, HONEST);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(data(r, HONEST, i * SEGMENT, (i + 1) * SEGMENT), VERDICT_FORWARD);
	assert_int_equal(r->counters.held_digested, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(connections_with_loss_end_amid_holes),
	    CASE(connections_with_loss_end_amid_bytes_in_flight),
	    CASE(connections_end_whose_repetitions_are_put_together),
	    CASE(window_in_flight_before_the_flood_is_repeated),
	    CASE(hole_from_before_the_flood_is_filled),
	    CASE(segment_that_overlaps_what_waits_is_handed_on_and_compared),
	    CASE(other_bytes_are_dropped_that_only_a_digest_knows),
	    CASE(part_of_a_segment_is_dropped_that_only_a_digest_knows),
	    CASE(more_than_is_known_does_not_leave_until_some_is_acknowledged),
	    CASE(early_bytes_do_not_leave_when_memory_is_full),
	    CASE(connection_of_which_one_direction_is_seen_goes_on),
	    CASE(one_connection_leaves_room_for_others),
	    CASE(acknowledged_bytes_of_others_make_room),
	};

	return cmocka_run_group_tests(tests, full_memory_open, NULL);
}
