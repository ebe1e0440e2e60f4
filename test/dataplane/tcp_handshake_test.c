/* Handshakes of which the monitor does not see enough: what the hosts acknowledge
 * decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rig_finish.h"
#include "support/shared_rigs.h"
#include "support/tcp_frame.h"

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	*state = full_open(pool, 64, 1 << 18);
	return 0;
}

static int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock);
	return 0;
}

static void stream_is(const struct rig *r, int dir, const char *expected)
{
	assert_int_equal(r->flow_count, 1);
	assert_int_equal(r->flows[0].len[dir], strlen(expected));
	assert_memory_equal(r->flows[0].stream[dir], expected, strlen(expected));
}

static void syn(struct rig *r)
{
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN, .flags = TCP_SYN});
}

static void syn_ack(struct rig *r)
{
	tcp_send(
	    r, &(struct tcp_spec){
		   .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK});
}

static void ack(struct rig *r)
{
	tcp_send(
	    r, &(struct tcp_spec){.seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .flags = TCP_ACK});
}

/* Refuses something forged with an acceptable ACK. */
static void client_reset(struct rig *r)
{
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1, .flags = TCP_RST});
}

/* A server that took the reset has no request any more; one that did not goes on. */
static void reset_before_the_answer_leaves_what_follows_to_the_servers_ack(void **state)
{
	struct rig *r = *state;

	syn(r);
	client_reset(r);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 0);
	syn_ack(r);
	ack(r);
	tcp_data(r, 0, "hello");
	assert_int_equal(r->flows[0].len[0], 0);
	tcp_ack(r, 5);
	stream_is(r, 0, "hello");
	tcp_data(r, 5, " you");
	stream_is(r, 0, "hello you");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_GAP), 0);
}

static void reset_before_the_answer_and_a_dead_server_give_no_bytes(void **state)
{
	struct rig *r = *state;

	syn(r);
	client_reset(r);
	syn_ack(r);
	ack(r);
	tcp_data(r, 0, "hello");
	tcp_send(r, &(struct tcp_spec){.dir = 1, .seq = SERVER_ISN + 1, .flags = TCP_RST});
	assert_int_equal(rig_event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_RST);
	stream_is(r, 0, "");
}

static void syn_after_the_reset_begins_again(void **state)
{
	struct rig *r = *state;

	syn(r);
	client_reset(r);
	syn(r);
	syn_ack(r);
	ack(r);
	tcp_data(r, 0, "hello");
	stream_is(r, 0, "hello");
}

/* Else each side would be refused for acknowledging what the other was refused. */
static void lost_end_of_a_handshake_does_not_hide_the_connection(void **state)
{
	struct rig *r = *state;

	syn(r);
	syn_ack(r); /* the client's ACK and ten bytes are lost */
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 11,
				       .flags = TCP_ACK,
				       .data = "hello",
				       .len = 5});
	assert_int_equal(r->flows[0].len[1], 0);
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 11,
				       .ack = SERVER_ISN + 6,
				       .flags = TCP_ACK,
				       .data = "more",
				       .len = 4});
	stream_is(r, 1, "hello");
	tcp_send(r, &(struct tcp_spec){
			.dir = 1, .seq = SERVER_ISN + 6, .ack = CLIENT_ISN + 15, .flags = TCP_ACK});
	assert_int_equal(rig_event_find(r, EVENT_FLOW_GAP, 0)->length, 10);
	assert_int_equal(r->flows[0].len[0], 14);
	assert_memory_equal(r->flows[0].stream[0] + 10, "more", 4);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(reset_before_the_answer_leaves_what_follows_to_the_servers_ack),
	    CASE(reset_before_the_answer_and_a_dead_server_give_no_bytes),
	    CASE(syn_after_the_reset_begins_again),
	    CASE(lost_end_of_a_handshake_does_not_hide_the_connection),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
