/* A hole was given up because memory ran out: the host still waits there, so what it
 * would refuse until the hole is filled changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/unheard_play.h"

/* Bytes 4 to 8 are given up, those behind them are heard. */
static void give_up(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_ACK, "abcd");
	client(r, 8, TCP_ACK, "ijkl");
	r->stack.reassembly.limit = 0;
	tcp_ack(r, 4);
	r->stack.reassembly.limit = r->chunks.capacity;
}

/* The client's stream, zeros where the hole is. */
static void is_heard(const struct rig *r, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(r->flows[0].len[0], 8 + len);
	assert_memory_equal(r->flows[0].stream[0] + 8, text, len);
}

static uint32_t expected(const struct rig *r)
{
	const struct rig_record *record =
	    (const struct rig_record *)flow_table_at(r->stack.table, 0);

	return record->tcp.side[0].next - CLIENT_ISN - 1;
}

static void more(struct rig *r)
{
	client(r, 12, TCP_ACK, "mnop");
}

static void more_unheard(struct rig *r)
{
	rig_deaf = true;
	client(r, 12, TCP_ACK, "mnop");
	rig_deaf = false;
	client(r, 16, TCP_ACK, "");
}

/* Else the hole is filled, and all the rest follows, when nobody hears the flow. */
static void reset_behind_it_ends_the_flow(void **state)
{
	static const play before[] = {more, more_unheard};
	static const rig_maker makers[] = {forwards_open, drops_open};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct rig *r = makers[i / 2](pool, 64, 1 << 18);

		give_up(r);
		before[i % 2](r);
		client(r, 16, TCP_RST, "");
		assert_int_equal(expected(r), 4);
		assert_false(r->flows[0].ended);
		client(r, 4, TCP_ACK, "EVIL");
		assert_int_equal(verdict(r), VERDICT_DROP_REWRITTEN);
		rig_finish(r, tcp_clock);
	}
}

/* The host puts what comes later in the place of a FIN that waits. */
static void fin_behind_it_ends_the_stream(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	give_up(r);
	client(r, 12, TCP_ACK | TCP_FIN, "");
	more(r);
	is_heard(r, "ijklmnop");
	assert_int_equal(r->counters.tcp_ignored_after_fin, 0);
	rig_finish(r, tcp_clock);
}

static void when_it_is_filled_the_flow_goes_on(void **state)
{
	struct rig *r = full_open(pool, 64, 1 << 18);

	(void)state;
	give_up(r);
	more(r);
	client(r, 4, TCP_ACK, "efgh");
	client(r, 16, TCP_ACK, "qrst");
	is_heard(r, "ijklmnopqrst");
	assert_int_equal(expected(r), 20);
	client(r, 20, TCP_RST, "");
	assert_true(r->flows[0].ended);
	rig_finish(r, tcp_clock);
}

static void when_it_is_acknowledged_the_flow_goes_on(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	give_up(r);
	more(r);
	tcp_ack(r, 16);
	assert_int_equal(expected(r), 16);
	client(r, 16, TCP_RST, "");
	assert_true(r->flows[0].ended);
	rig_finish(r, tcp_clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reset_behind_it_ends_the_flow),
	    cmocka_unit_test(fin_behind_it_ends_the_stream),
	    cmocka_unit_test(when_it_is_filled_the_flow_goes_on),
	    cmocka_unit_test(when_it_is_acknowledged_the_flow_goes_on),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return pool == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
