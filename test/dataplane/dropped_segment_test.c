/* A segment that the stack drops has not arrived: neither its FIN, timestamp, window,
 * acknowledgement and urgent pointer count, nor its new bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/event_equal.h"
#include "support/random.h"
#include "support/unheard_play.h"

#define RANDOM_SCRIPTS 600
#define RANDOM_SEGMENTS 80
#define OPENING 3

RIG_INSTANCE(guards, RIG_FEATURES_FULL, .drops = true, .unheard = true)

static void is_heard(const struct rig *r, const char *text)
{
	assert_int_equal(r->flows[0].len[0], strlen(text));
	assert_memory_equal(r->flows[0].stream[0], text, strlen(text));
}

static void with_fin(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_ACK, "good");
	client(r, 0, TCP_ACK | TCP_FIN, "EVIL");
}

static void with_window(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_ACK, "good");
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK,
				       .window = 60000,
				       .data = "EVIL",
				       .len = 4});
}

static void timed(struct rig *r, int dir, uint32_t offset, uint16_t value, uint8_t flags,
		  const char *text)
{
	const uint8_t options[12] = {1, 1, 8, 10,      0, 0, (uint8_t)(value >> 8), (uint8_t)value,
				     0, 0, 0, dir != 0};
	uint32_t isn = dir == 0 ? CLIENT_ISN : SERVER_ISN;

	tcp_send(r,
		 &(struct tcp_spec){.dir = dir,
				    .seq = isn + offset,
				    .ack = flags & TCP_ACK ? CLIENT_ISN + SERVER_ISN + 1 - isn : 0,
				    .flags = flags,
				    .options = options,
				    .options_len = sizeof(options),
				    .data = text,
				    .len = (uint32_t)strlen(text)});
}

static void with_a_late_timestamp(struct rig *r)
{
	timed(r, 0, 0, 1, TCP_SYN, "");
	timed(r, 1, 0, 1, TCP_SYN | TCP_ACK, "");
	timed(r, 0, 1, 2, TCP_ACK, "");
	timed(r, 0, 1, 3, TCP_ACK, "good");
	timed(r, 0, 1, 5000, TCP_ACK, "EVIL");
}

static void more(struct rig *r)
{
	client(r, 4, TCP_ACK, "more");
}

static void more_in_time(struct rig *r)
{
	timed(r, 0, 5, 4, TCP_ACK, "more");
}

static void then_bytes_are_heard(play copy, play next)
{
	static const rig_maker makers[] = {forwards_open, drops_open};

	for (size_t i = 0; i < RTE_DIM(makers); i++) {
		struct rig *r = makers[i](pool, 64, 1 << 18);

		copy(r);
		assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
		next(r);
		assert_int_equal(verdict(r), VERDICT_FORWARD);
		is_heard(r, "goodmore");
		tcp_ack(r, 8);
		assert_int_equal(r->counters.tcp_ignored_after_fin + r->counters.tcp_ignored_paws,
				 0);
		rig_finish(r, tcp_clock);
	}
}

static void the_fin_of_a_dropped_copy_ends_a_stream(void **state)
{
	(void)state;
	then_bytes_are_heard(with_fin, more);
}

static void the_timestamp_of_a_dropped_copy_counts(void **state)
{
	(void)state;
	then_bytes_are_heard(with_a_late_timestamp, more_in_time);
}

static void the_window_of_a_dropped_copy_counts(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);
	const struct rig_record *record;

	(void)state;
	with_window(r);
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	record = (const struct rig_record *)flow_table_at(r->stack.table, 0);
	assert_int_equal(record->tcp.side[1].edge, SERVER_ISN + 1 + 8192);
	rig_finish(r, tcp_clock);
}

static void a_fin_that_is_sent_again_alone_ends_no_stream(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	with_fin(r);
	more(r);
	client(r, 8, TCP_ACK | TCP_FIN, "");
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 10,
				       .flags = TCP_ACK | TCP_FIN});
	tcp_send(
	    r, &(struct tcp_spec){.seq = CLIENT_ISN + 10, .ack = SERVER_ISN + 2, .flags = TCP_ACK});
	is_heard(r, "goodmore");
	assert_int_equal(r->counters.flows_fin, 1);
	rig_finish(r, tcp_clock);
}

/* Nobody knows yet what comes there: the host may get it from elsewhere. */
static void new_bytes_of_a_dropped_copy_are_not_heard(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	client(r, 0, TCP_ACK, "good");
	client(r, 2, TCP_ACK, "XXevil");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	is_heard(r, "good");
	client(r, 4, TCP_ACK, "more");
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	is_heard(r, "goodmore");
	rig_finish(r, tcp_clock);
}

/* Else the byte there leaves the stream, and the host's application gets it. */
static void the_urgent_pointer_of_a_dropped_copy_counts(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	client(r, 0, TCP_ACK, "good");
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | TCP_URG,
				       .urgent = 6,
				       .data = "EVIL",
				       .len = 4});
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	client(r, 4, TCP_ACK, "more");
	is_heard(r, "goodmore");
	rig_finish(r, tcp_clock);
}

/* The hole was given up for memory; the host still waits at it. */
static void a_dropped_copy_fills_a_hole_of_the_host(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);
	const struct rig_record *record;

	(void)state;
	tcp_open(r);
	client(r, 0, TCP_ACK, "abcd");
	client(r, 8, TCP_ACK, "ijkl");
	r->stack.reassembly.limit = 0;
	tcp_ack(r, 4);
	r->stack.reassembly.limit = r->chunks.capacity;
	client(r, 4, TCP_ACK, "efgh");
	assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
	record = (const struct rig_record *)flow_table_at(r->stack.table, 0);
	assert_int_equal(record->tcp.side[0].next, CLIENT_ISN + 5);
	rig_finish(r, tcp_clock);
}

/* ---- as if it had never come ---- */

struct random_segment {
	struct tcp_spec spec;
	uint8_t options[12], text[8];
	bool deaf;
};

static void random_read(uint64_t *seed, uint32_t n, struct random_segment *g)
{
	static const uint16_t windows[] = {8192, 8192, 8192, 20, 8, 1};
	uint64_t r = test_random(seed);
	int dir = r % 4 == 0;
	uint32_t isn = dir == 0 ? CLIENT_ISN : SERVER_ISN;
	uint16_t clock = (uint16_t)(n + 1), jump = r >> 8 & 15;

	*g = (struct random_segment){.deaf = (r >> 60) == 0};
	if (jump < 2)
		clock = (uint16_t)(jump == 0 ? clock + 40 : clock / 2);
	memcpy(g->options, (const uint8_t[]){1, 1, 8, 10, 0, 0}, 6);
	g->options[6] = (uint8_t)(clock >> 8);
	g->options[7] = (uint8_t)clock;
	g->options[11] = dir != 0;
	g->spec = (struct tcp_spec){.dir = dir,
				    .seq = isn + 1 + (uint32_t)(r >> 12) % (4 + n / 2),
				    .ack = CLIENT_ISN + SERVER_ISN - isn + 1,
				    .flags = TCP_ACK,
				    .window = windows[(r >> 20) % RTE_DIM(windows)],
				    .len = (uint32_t)(r >> 24) % 8};
	g->spec.ack += (uint32_t)(r >> 28) % (n + 1);
	g->spec.options_len = (r >> 34) % 16 == 0 ? 0 : 12;
	switch ((r >> 40) % 64) {
	case 0:
	case 1:
	case 2:
		g->spec.flags |= TCP_FIN;
		break;
	case 3:
	case 4:
		g->spec.flags |= TCP_URG;
		g->spec.urgent = (uint16_t)((r >> 46) % 12);
		break;
	case 5:
		g->spec.flags = (uint8_t)(r >> 46 & TCP_SYN);
		break;
	case 6:
		g->spec.flags |= (r >> 46) % 8 == 0 ? TCP_RST : TCP_SYN;
		break;
	default:
		break;
	}
	for (uint32_t i = 0; i < g->spec.len; i++)
		g->text[i] = (uint8_t)('a' + (g->spec.seq + i) % 26 - ((r >> 50) % 4 == 0) * 32);
}

/* Sends a script but for what `without` says was dropped as a rewriting copy. */
static struct rig *random_play(rig_maker make, uint64_t seed, uint64_t begin,
			       const struct rig *without)
{
	struct rig *r = make(pool, 64, 1 << 18);
	struct random_segment g;

	tcp_clock = begin;
	timed(r, 0, 0, 1, TCP_SYN, "");
	timed(r, 1, 0, 1, TCP_SYN | TCP_ACK, "");
	timed(r, 0, 1, 1, TCP_ACK, "");
	for (uint32_t n = 0; n < RANDOM_SEGMENTS; n++) {
		random_read(&seed, n, &g);
		g.spec.options = g.options;
		g.spec.data = g.text;
		rig_deaf = g.deaf;
		if (without != NULL && without->verdicts[n + OPENING] == VERDICT_DROP_REWRITTEN)
			tcp_clock += 1000;
		else
			tcp_send(r, &g.spec);
	}
	rig_deaf = false;
	return r;
}

static bool of_a_dropped_one(const struct rig *r, const struct rig_event *e, uint64_t begin)
{
	uint64_t n = (e->time - begin) / 1000 - 1;

	return e->has_packet && r->verdicts[n] == VERDICT_DROP_REWRITTEN;
}

/* All verdicts and events of the other segments, and where both ends are believed to
 * stand. */
static void nothing_else_differs(const struct rig *with, const struct rig *without, uint64_t begin)
{
	const struct rig_record *a = (const struct rig_record *)flow_table_at(with->stack.table, 0);
	const struct rig_record *b =
	    (const struct rig_record *)flow_table_at(without->stack.table, 0);
	size_t i, at = 0;

	for (i = 0; i < with->verdict_count; i++)
		if (with->verdicts[i] != VERDICT_DROP_REWRITTEN)
			assert_int_equal(with->verdicts[i], without->verdicts[at++]);
	assert_int_equal(at, without->verdict_count);
	for (at = i = 0; i < with->event_count; i++) {
		const struct rig_event *e = &with->events[i];

		if (of_a_dropped_one(with, e, begin)) {
			assert_true(e->type == EVENT_PKT || e->type == EVENT_PKT_TCP ||
				    e->type == EVENT_FLOW_REXMIT || e->type == EVENT_FLOW_OVERLAP);
			continue;
		}
		assert_true(at < without->event_count);
		assert_true(rig_event_equal(with, e, without, &without->events[at++]));
	}
	assert_int_equal(at, without->event_count);
	assert_memory_equal(&a->tcp, &b->tcp, sizeof(a->tcp));
	assert_int_equal(a->flow.state, b->flow.state);
}

static void what_follows_is_as_if_it_had_never_come(void **state)
{
	static const rig_maker makers[] = {full_drops_open, guards_open};
	const uint64_t begin = 1000000000ull;
	unsigned int dropped = 0;

	(void)state;
	for (uint64_t n = 0; n < RANDOM_SCRIPTS; n++) {
		struct rig *with = random_play(makers[n % 2], n, begin, NULL);
		struct rig *without = random_play(makers[n % 2], n, begin, with);

		nothing_else_differs(with, without, begin);
		dropped += (unsigned int)(with->verdict_count - without->verdict_count);
		rig_finish(with, tcp_clock);
		rig_finish(without, tcp_clock);
	}
	assert_true(dropped > RANDOM_SCRIPTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_fin_of_a_dropped_copy_ends_a_stream),
	    cmocka_unit_test(the_timestamp_of_a_dropped_copy_counts),
	    cmocka_unit_test(the_window_of_a_dropped_copy_counts),
	    cmocka_unit_test(a_fin_that_is_sent_again_alone_ends_no_stream),
	    cmocka_unit_test(new_bytes_of_a_dropped_copy_are_not_heard),
	    cmocka_unit_test(the_urgent_pointer_of_a_dropped_copy_counts),
	    cmocka_unit_test(a_dropped_copy_fills_a_hole_of_the_host),
	    cmocka_unit_test(what_follows_is_as_if_it_had_never_come),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return pool == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
