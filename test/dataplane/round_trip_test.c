/* Round trips as a monitor sees them, from segments without timestamps: only a
 * first copy gives one (RFC 6298). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rig_finish.h"
#include "support/shared_rigs.h"
#include "support/tcp_frame.h"

#define SECOND 1000000000ull
#define MILLISECOND 1000000ull

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	*state = full_open(pool, 64, 1 << 18);
	return 0;
}

static int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock + 1000 * SECOND);
	return 0;
}

static const struct tcp_track *the_track(const struct rig *r)
{
	struct flow *flow = flow_table_at(r->stack.table, r->flows[0].handle.index);

	assert_int_equal(flow_table_live(r->stack.table), 1);
	return &((struct rig_record *)flow)->tcp;
}

static void client_at(struct rig *r, uint64_t time, uint32_t offset, uint32_t ack, const char *text)
{
	tcp_send_at(r,
		    &(struct tcp_spec){.seq = CLIENT_ISN + 1 + offset,
				       .ack = SERVER_ISN + 1 + ack,
				       .flags = TCP_ACK,
				       .data = text,
				       .len = (uint32_t)strlen(text)},
		    time);
}

static void server_at(struct rig *r, uint64_t time, uint32_t offset, uint32_t ack, const char *text)
{
	tcp_send_at(r,
		    &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1 + offset,
				       .ack = CLIENT_ISN + 1 + ack,
				       .flags = TCP_ACK,
				       .data = text,
				       .len = (uint32_t)strlen(text)},
		    time);
}

/* 10 ms to the server and back, 2 ms to the client. */
static void handshake_at(struct rig *r, uint64_t time)
{
	tcp_clock = time + 12 * MILLISECOND;
	tcp_send_at(r, &(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN}, time);
	tcp_send_at(
	    r,
	    &(struct tcp_spec){
		.dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK},
	    time + 10 * MILLISECOND);
	client_at(r, time + 12 * MILLISECOND, 0, 0, "");
}

static void rfc6298_2_2_handshake_gives_the_first_round_trip(void **state)
{
	struct rig *r = *state;

	handshake_at(r, SECOND);
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 10 * MILLISECOND);
	assert_int_equal(the_track(r)->rtt[MBX_CLIENT], 2 * MILLISECOND);
	assert_int_equal(tcp_track_rtt(the_track(r)), 12 * MILLISECOND);
}

static void rfc6298_2_3_later_round_trips_count_an_eighth(void **state)
{
	struct rig *r = *state;
	uint64_t t = 2 * SECOND;

	handshake_at(r, SECOND);
	client_at(r, t, 0, 0, "abcd");
	server_at(r, t + 18 * MILLISECOND, 0, 4, "");
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 11 * MILLISECOND);
	server_at(r, t + SECOND, 0, 4, ""); /* nothing was sent: no sample */
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 11 * MILLISECOND);
}

static void rfc6298_3_retransmitted_bytes_give_no_round_trip(void **state)
{
	struct rig *r = *state;
	uint64_t t = 2 * SECOND;

	handshake_at(r, SECOND);
	client_at(r, t, 0, 0, "abcd");
	client_at(r, t + 200 * MILLISECOND, 0, 0, "abcd");
	server_at(r, t + 210 * MILLISECOND, 0, 4, "");
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 10 * MILLISECOND);
	client_at(r, t + SECOND, 4, 0, "efgh");
	server_at(r, t + SECOND + 18 * MILLISECOND, 0, 8, "");
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 11 * MILLISECOND);
}

static void rfc6298_3_retransmitted_syn_gives_no_round_trip(void **state)
{
	struct rig *r = *state;

	tcp_send_at(r, &(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN}, SECOND);
	tcp_send_at(r, &(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN}, 2 * SECOND);
	tcp_send_at(
	    r,
	    &(struct tcp_spec){
		.dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK},
	    2 * SECOND + 10 * MILLISECOND);
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 0);
}

/* A segment was lost before the monitor: the acknowledgement of the next one
 * waited for its copy. */
static void rfc6298_3_filled_hole_gives_no_round_trip(void **state)
{
	struct rig *r = *state;
	uint64_t t = 2 * SECOND;

	handshake_at(r, SECOND);
	client_at(r, t, 4, 0, "efgh");
	client_at(r, t + 200 * MILLISECOND, 0, 0, "abcd");
	server_at(r, t + 210 * MILLISECOND, 0, 8, "");
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 10 * MILLISECOND);
}

static void new_syn_with_another_number_gives_a_round_trip(void **state)
{
	struct rig *r = *state;

	tcp_send_at(r, &(struct tcp_spec){.seq = CLIENT_ISN + 77, .flags = TCP_SYN}, SECOND / 2);
	handshake_at(r, SECOND);
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 10 * MILLISECOND);
}

static void partial_acknowledgement_gives_no_round_trip(void **state)
{
	struct rig *r = *state;
	uint64_t t = 2 * SECOND;

	handshake_at(r, SECOND);
	client_at(r, t, 0, 0, "abcd");
	server_at(r, t + MILLISECOND, 0, 2, "");
	assert_int_equal(the_track(r)->rtt[MBX_SERVER], 10 * MILLISECOND);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(rfc6298_2_2_handshake_gives_the_first_round_trip),
	    CASE(rfc6298_2_3_later_round_trips_count_an_eighth),
	    CASE(rfc6298_3_retransmitted_bytes_give_no_round_trip),
	    CASE(rfc6298_3_retransmitted_syn_gives_no_round_trip),
	    CASE(rfc6298_3_filled_hole_gives_no_round_trip),
	    CASE(new_syn_with_another_number_gives_a_round_trip),
	    CASE(partial_acknowledgement_gives_no_round_trip),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
