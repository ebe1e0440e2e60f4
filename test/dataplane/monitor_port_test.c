/* Segments that come in at the port of the other side: their sender did not send
 * them, so the monitor ignores what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/unheard_play.h"

enum { CLIENTS_PORT, SERVERS_PORT };

static void at_port(struct rig *r, uint16_t port, const struct tcp_spec *t)
{
	r->burst.port = port;
	tcp_send(r, t);
}

static const struct tcp_spec syn = {.seq = CLIENT_ISN, .flags = TCP_SYN};
static const struct tcp_spec syn_ack = {
    .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK};
static const struct tcp_spec ack = {.seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .flags = TCP_ACK};
static const struct tcp_spec good = {
    .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .flags = TCP_ACK, .data = "good", .len = 4};
static const struct tcp_spec servers_reset = {.dir = 1, .seq = SERVER_ISN + 1, .flags = TCP_RST};
static const struct tcp_spec servers_ack = {
    .dir = 1, .seq = SERVER_ISN + 1, .ack = CLIENT_ISN + 5, .flags = TCP_ACK};

static void open_across(struct rig *r)
{
	at_port(r, CLIENTS_PORT, &syn);
	at_port(r, SERVERS_PORT, &syn_ack);
	at_port(r, CLIENTS_PORT, &ack);
}

/* What the client's bytes were heard as. */
static const char *heard(const struct rig *r)
{
	const struct rig_flow *f = &r->flows[r->flow_count - 1];
	static char text[64];

	assert_true(f->len[0] < sizeof(text));
	if (f->len[0] > 0)
		memcpy(text, f->stream[0], f->len[0]);
	text[f->len[0]] = '\0';
	return text;
}

static void the_servers_reset_from_the_clients_port_ends_a_flow(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	open_across(r);
	at_port(r, CLIENTS_PORT, &servers_reset);
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_int_equal(r->counters.tcp_ignored_port, 1);
	at_port(r, CLIENTS_PORT, &good);
	assert_string_equal(heard(r), "good");
	at_port(r, SERVERS_PORT, &servers_reset);
	assert_int_equal(r->counters.flows_rst, 1);
	assert_int_equal(r->counters.tcp_ignored_port, 1);
	rig_finish(r, tcp_clock);
}

/* Bytes that are early wait, and leave: what they say is judged once the hole before
 * them is filled. A client that acknowledges the hole itself has it given up. */
static void bytes_that_the_client_acknowledges_itself_leave_unheard(void **state)
{
	struct rig *r = drops_open(pool, 64, 1 << 18);
	struct tcp_spec early = good, late = good;

	(void)state;
	early.seq += 4;
	late.data = "EVIL";
	open_across(r);
	at_port(r, CLIENTS_PORT, &early);
	at_port(r, CLIENTS_PORT, &servers_ack);
	assert_int_equal(r->counters.tcp_ignored_port, 1);
	assert_int_equal(r->counters.tcp_gap, 0);
	at_port(r, CLIENTS_PORT, &late);
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_string_equal(heard(r), "EVILgood");
	rig_finish(r, tcp_clock);
}

static void the_clients_bytes_from_the_servers_port_are_heard(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	open_across(r);
	at_port(r, SERVERS_PORT, &good);
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_int_equal(r->flows[0].len[0], 0);
	assert_int_equal(r->counters.tcp_ignored_port, 1);
	rig_finish(r, tcp_clock);

	r = drops_open(pool, 64, 1 << 18);
	open_across(r);
	at_port(r, SERVERS_PORT, &good);
	assert_int_equal(verdict(r), VERDICT_DROP_UNHEARD);
	rig_finish(r, tcp_clock);
}

/* The client answers itself before the server does: the server's own answer shows
 * where the server is. */
static void a_forged_answer_that_is_early_hides_the_servers_port(void **state)
{
	struct tcp_spec forged = syn_ack;
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	forged.seq = SERVER_ISN + 5000;
	at_port(r, CLIENTS_PORT, &syn);
	at_port(r, CLIENTS_PORT, &forged);
	at_port(r, SERVERS_PORT, &syn_ack);
	at_port(r, CLIENTS_PORT, &ack);
	at_port(r, CLIENTS_PORT, &servers_reset);
	assert_int_equal(r->counters.tcp_ignored_port, 1);
	at_port(r, CLIENTS_PORT, &good);
	assert_string_equal(heard(r), "good");
	rig_finish(r, tcp_clock);
}

static void flows_with_both_sides_at_one_port_are_ignored(void **state)
{
	for (uint16_t port = CLIENTS_PORT; port <= SERVERS_PORT; port++) {
		struct rig *r = forwards_open(pool, 64, 1 << 18);

		at_port(r, port, &syn);
		at_port(r, port, &syn_ack);
		at_port(r, port, &ack);
		at_port(r, port, &good);
		assert_string_equal(heard(r), "good");
		at_port(r, port, &servers_reset);
		assert_int_equal(r->counters.flows_rst, 1);
		assert_int_equal(r->counters.tcp_ignored_port, 0);
		rig_finish(r, tcp_clock);
	}
	(void)state;
}

/* The same, and the client goes on as its server before it says anything itself. */
static void a_server_that_was_found_is_taken_for_the_client_again(void **state)
{
	struct tcp_spec forged = syn_ack;
	struct rig *r = drops_open(pool, 64, 1 << 18);

	(void)state;
	forged.seq = SERVER_ISN + 5000;
	at_port(r, CLIENTS_PORT, &syn);
	at_port(r, CLIENTS_PORT, &forged);
	at_port(r, SERVERS_PORT, &syn_ack);
	at_port(r, CLIENTS_PORT, &servers_ack);
	at_port(r, CLIENTS_PORT, &servers_reset);
	assert_int_equal(r->counters.tcp_ignored_port, 2);
	at_port(r, CLIENTS_PORT, &ack);
	at_port(r, CLIENTS_PORT, &good);
	assert_int_equal(verdict(r), VERDICT_FORWARD);
	assert_string_equal(heard(r), "good");
	assert_int_equal(r->counters.flows_midstream, 0);
	rig_finish(r, tcp_clock);
}

/* A server sends the client's SYN back before it answers. */
static void a_copy_of_the_clients_syn_from_the_servers_port_frees_both_sides(void **state)
{
	struct tcp_spec clients_reset = {.seq = CLIENT_ISN + 1, .flags = TCP_RST};
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	at_port(r, CLIENTS_PORT, &syn);
	at_port(r, SERVERS_PORT, &syn);
	at_port(r, SERVERS_PORT, &syn_ack);
	at_port(r, CLIENTS_PORT, &ack);
	at_port(r, SERVERS_PORT, &clients_reset);
	assert_int_equal(r->counters.tcp_ignored_port, 1);
	at_port(r, CLIENTS_PORT, &good);
	assert_string_equal(heard(r), "good");
	rig_finish(r, tcp_clock);
}

/* Both sides at one port; who does not know the client's number sends from another. */
static void a_blind_segment_from_another_port_replaces_a_flow(void **state)
{
	static const struct tcp_spec blind[] = {
	    {.dir = 1, .seq = 1, .ack = 2, .flags = TCP_ACK},
	    {.dir = 1, .seq = 1, .ack = 2, .flags = TCP_SYN | TCP_ACK},
	    {.seq = 1, .flags = TCP_SYN},
	};
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	tcp_open(r);
	for (size_t i = 0; i < RTE_DIM(blind); i++)
		at_port(r, SERVERS_PORT, &blind[i]);
	at_port(r, CLIENTS_PORT, &good);
	assert_string_equal(heard(r), "good");
	assert_int_equal(r->flow_count, 1);
	rig_finish(r, tcp_clock);
}

/* A router behind one port sends packets back between two hosts before the other:
 * each passes twice. */
static void flows_that_pass_twice_are_ignored(void **state)
{
	static const struct tcp_spec *const packets[] = {&syn, &syn_ack, &ack, &good};
	struct rig *r = drops_open(pool, 64, 1 << 18);

	(void)state;
	for (size_t i = 0; i < RTE_DIM(packets); i++)
		for (uint16_t port = CLIENTS_PORT; port <= SERVERS_PORT; port++) {
			at_port(r, port, packets[i]);
			assert_int_equal(verdict(r), VERDICT_FORWARD);
		}
	assert_string_equal(heard(r), "good");
	assert_int_equal(r->counters.tcp_ignored_port, 0);
	rig_finish(r, tcp_clock);
}

/* One of two ways on the same side fails: packets come in at a third port. */
static void a_side_that_moves_to_a_third_port_is_ignored(void **state)
{
	struct rig *r = forwards_open(pool, 64, 1 << 18);

	(void)state;
	open_across(r);
	at_port(r, SERVERS_PORT + 1, &good);
	assert_string_equal(heard(r), "good");
	at_port(r, SERVERS_PORT, &servers_reset);
	assert_int_equal(r->counters.flows_rst, 1);
	assert_int_equal(r->counters.tcp_ignored_port, 0);
	rig_finish(r, tcp_clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_servers_reset_from_the_clients_port_ends_a_flow),
	    cmocka_unit_test(bytes_that_the_client_acknowledges_itself_leave_unheard),
	    cmocka_unit_test(the_clients_bytes_from_the_servers_port_are_heard),
	    cmocka_unit_test(a_forged_answer_that_is_early_hides_the_servers_port),
	    cmocka_unit_test(a_server_that_was_found_is_taken_for_the_client_again),
	    cmocka_unit_test(a_copy_of_the_clients_syn_from_the_servers_port_frees_both_sides),
	    cmocka_unit_test(a_blind_segment_from_another_port_replaces_a_flow),
	    cmocka_unit_test(flows_with_both_sides_at_one_port_are_ignored),
	    cmocka_unit_test(flows_that_pass_twice_are_ignored),
	    cmocka_unit_test(a_side_that_moves_to_a_third_port_is_ignored),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return pool == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
