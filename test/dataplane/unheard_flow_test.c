/* `unheard drop` where no stream follows a packet: flows without a record, urgent
 * pointers, fragments. And what it leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/unheard_play.h"

RIG_INSTANCE(inline_drops, DROPPING, .unheard = true, .urgent_inline = true)

/* ---- flows without a record ---- */

#define CROWD 8

/* Records of ended flows are free again after the burst: these are too many for one. */
static void crowd(struct rig *r, const struct tcp_spec *last)
{
	struct rte_mbuf *mbufs[CROWD + 1];
	struct tcp_spec t = {.seq = 1, .ack = 1, .flags = TCP_ACK, .data = "good", .len = 4};

	tcp_clock += 1000;
	for (uint16_t i = 0; i < CROWD; i++) {
		t.client_port = 2000 + i;
		mbufs[i] = tcp_frame(r, &t, tcp_clock);
	}
	mbufs[CROWD] = tcp_frame(r, last, tcp_clock);
	rig_run(r, mbufs, CROWD + 1, LINK_ETHERNET);
	assert_true(r->counters.flow_table_full > 0 || last->flags == TCP_RST);
}

static enum verdict crowded(rig_maker make, uint8_t flags, const char *text)
{
	struct rig *r = make(pool, 4, 1 << 18);
	enum verdict last;

	crowd(r, &(struct tcp_spec){.seq = 1,
				    .ack = 1,
				    .flags = flags,
				    .client_port = 1999,
				    .data = text,
				    .len = (uint32_t)strlen(text)});
	last = verdict(r);
	rig_finish(r, tcp_clock);
	return last;
}

static void packets_of_flows_without_a_record_leave(void **state)
{
	static const struct {
		uint8_t flags;
		const char *text;
	} unheard[] = {
	    {TCP_ACK, "EVIL"}, {TCP_SYN, ""}, {TCP_SYN | TCP_ACK, ""}, {TCP_ACK | TCP_FIN, ""},
	    {TCP_PSH, "EVIL"}, {0, "EVIL"},   {TCP_RST, "EVIL"},
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(unheard); i++) {
		assert_int_equal(crowded(forwards_open, unheard[i].flags, unheard[i].text),
				 VERDICT_FORWARD);
		assert_int_equal(crowded(drops_open, unheard[i].flags, unheard[i].text),
				 VERDICT_DROP_UNHEARD);
	}
	assert_int_equal(crowded(drops_open, TCP_ACK, ""), VERDICT_FORWARD);
	assert_int_equal(crowded(drops_open, TCP_RST, ""), VERDICT_FORWARD);
}

/* Which bytes are acknowledged is not known: a copy of what an earlier record heard. */
static void bytes_before_a_flow_was_picked_up(struct rig *r)
{
	tcp_data(r, 100, "good");
	tcp_data(r, 96, "EVIL");
}

static void bytes_before_a_flow_was_picked_up_leave(void **state)
{
	(void)state;
	leaves_only_without_the_option(bytes_before_a_flow_was_picked_up);
}

/* ---- urgent bytes, fragments ---- */

static void urgent(struct rig *r)
{
	tcp_open(r);
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | TCP_URG,
				       .urgent = 2,
				       .data = "EVIL",
				       .len = 4});
}

static void urgent_without_payload(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_ACK | TCP_URG, "");
}

static void urgent_pointers_leave_unless_their_bytes_are_in_line(void **state)
{
	(void)state;
	leaves_only_without_the_option(urgent);
	leaves_only_without_the_option(urgent_without_payload);
	assert_int_equal(played(inline_drops_open, urgent), VERDICT_FORWARD);
	assert_int_equal(played(inline_drops_open, urgent_without_payload), VERDICT_FORWARD);
}

static void fragment(struct rig *r)
{
	uint8_t frame[128];
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + 14);
	struct rte_mbuf *m;
	uint32_t len = tcp_frame_write(
	    frame, &(struct tcp_spec){
		       .seq = 1, .ack = 1, .flags = TCP_ACK, .data = "12345678EVIL", .len = 12});

	ip->fragment_offset = rte_cpu_to_be_16(1 << 13);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	tcp_clock += 1000;
	m = rig_mbuf(r->pool, frame, len, tcp_clock);
	rig_run(r, &m, 1, LINK_ETHERNET);
}

static void fragments_that_nobody_puts_together_leave(void **state)
{
	(void)state;
	leaves_only_without_the_option(fragment);
}

/* ---- what passes ---- */

static void acknowledged(struct rig *r)
{
	tcp_open(r);
	tcp_data(r, 0, "abcdefgh");
	tcp_ack(r, 8);
}

static void copy_of_acknowledged_bytes(struct rig *r)
{
	acknowledged(r);
	tcp_data(r, 0, "abcd");
}

static void copy_of_acknowledged_bytes_after_the_end(struct rig *r)
{
	acknowledged(r);
	client(r, 8, TCP_RST, "");
	tcp_data(r, 0, "abcd");
}

static void keep_alive(struct rig *r)
{
	acknowledged(r);
	tcp_data(r, 7, "");
}

static void keep_alive_with_a_byte(struct rig *r)
{
	acknowledged(r);
	tcp_data(r, 7, "?");
}

static void fin_of_the_server(struct rig *r)
{
	after_fin(r);
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 2,
				       .flags = TCP_ACK | TCP_FIN});
}

static void reset(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_RST, "");
}

static void bytes_that_nobody_wants(struct rig *r)
{
	rig_deaf = true;
	after_fin(r);
}

static void bytes_that_a_new_hearer_missed(struct rig *r)
{
	tcp_open(r);
	rig_deaf = true;
	tcp_data(r, 0, "abcd");
	rig_deaf = false;
	tcp_data(r, 4, "efgh");
	tcp_data(r, 0, "abcdefgh");
}

static void sent_again(struct rig *r)
{
	tcp_open(r);
	tcp_data(r, 0, "abcd");
	tcp_data(r, 4, "efgh");
	tcp_data(r, 2, "cdefghij");
}

static void more_than_what_is_unheard_is_dropped(void **state)
{
	(void)state;
	leaves_always(copy_of_acknowledged_bytes);
	leaves_always(copy_of_acknowledged_bytes_after_the_end);
	leaves_always(keep_alive);
	leaves_always(keep_alive_with_a_byte);
	leaves_always(fin_of_the_server);
	leaves_always(reset);
	leaves_always(bytes_that_nobody_wants);
	leaves_always(bytes_that_a_new_hearer_missed);
	leaves_always(sent_again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_of_flows_without_a_record_leave),
	    cmocka_unit_test(bytes_before_a_flow_was_picked_up_leave),
	    cmocka_unit_test(urgent_pointers_leave_unless_their_bytes_are_in_line),
	    cmocka_unit_test(fragments_that_nobody_puts_together_leave),
	    cmocka_unit_test(more_than_what_is_unheard_is_dropped),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
