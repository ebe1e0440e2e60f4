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
	rig_finish(r);
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
	rig_finish(r);
}

static void once_it_is_acknowledged_its_fin_counts(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	cross(r, TCP_ACK | TCP_FIN);
	tcp_ack(r, WINDOW + BEYOND + 1);
	client(r, WINDOW + BEYOND + 1, TCP_ACK, "more");
	assert_int_equal(r->counters.tcp_ignored_after_fin, 1);
	rig_finish(r);
}

static void once_it_is_acknowledged_a_reset_counts(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	cross(r, TCP_ACK);
	tcp_ack(r, WINDOW + BEYOND);
	client(r, WINDOW + BEYOND, TCP_RST, "");
	assert_true(r->flows[0].ended);
	rig_finish(r);
}

/* What lies right of the window is taken when that opens before it arrives: the byte that
 * is acknowledged last need not be the FIN in its place. */
static void fin_in_doubt_takes_the_place_of_a_byte_in_doubt(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	bytes(r, WINDOW + 100, TCP_ACK | TCP_FIN, BEYOND - 101);
	bytes(r, 0, TCP_ACK, WINDOW);
	bytes(r, WINDOW, TCP_ACK, BEYOND);
	tcp_ack(r, WINDOW + BEYOND);
	client(r, WINDOW + BEYOND, TCP_ACK, "EVIL");
	is_heard(r, "EVIL");
	rig_finish(r);
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
	rig_finish(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reset_behind_it_ends_the_flow),
	    cmocka_unit_test(its_fin_ends_the_stream),
	    cmocka_unit_test(once_it_is_acknowledged_its_fin_counts),
	    cmocka_unit_test(once_it_is_acknowledged_a_reset_counts),
	    cmocka_unit_test(fin_in_doubt_takes_the_place_of_a_byte_in_doubt),
	    cmocka_unit_test(reset_behind_an_old_ack_ends_the_flow),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return pool == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
