/* Flows as the monitor keeps them: UDP, IPv6, frames in several mbufs or cut by
 * the capture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/field.h"
#include "support/ip_frame.h"
#include "support/rig_finish.h"
#include "support/shared_rigs.h"

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

static struct flow *the_flow(const struct rig *r)
{
	assert_int_equal(flow_table_live(r->stack.table), 1);
	return flow_table_at(r->stack.table, r->flows[0].handle.index);
}

static struct tcp_track *the_track(const struct rig *r)
{
	return &((struct rig_record *)the_flow(r))->tcp;
}

static bool ttl_changed(const struct rig *r)
{
	return ((struct rig_record *)the_flow(r))->ttl.changed != 0;
}

/* ---- TTL ---- */

/* Hosts begin with other numbers, so each side is compared with itself. */
static void ttl_of_either_side_may_change(void **state)
{
	struct rig *r = *state;
	struct tcp_spec spec = {.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN, .ttl = 61};

	tcp_send(r, &spec);
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN,
				       .ack = CLIENT_ISN + 1,
				       .flags = TCP_SYN | TCP_ACK,
				       .ttl = 120});
	tcp_send(r, &spec);
	assert_false(ttl_changed(r));
	spec.ttl = 1;
	tcp_send(r, &spec);
	assert_true(ttl_changed(r));
	spec.ttl = 61;
	tcp_send(r, &spec);
	assert_true(ttl_changed(r));
}

static void hop_limit_is_the_ttl_of_ipv6(void **state)
{
	struct rig *r = *state;
	struct tcp_spec spec = {
	    .dir = 1, .seq = SERVER_ISN, .ack = 1, .flags = TCP_ACK, .ttl = 120};

	tcp6_send(r, &(struct tcp_spec){.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN, .ttl = 61});
	tcp6_send(r, &spec);
	tcp6_send(r, &spec);
	assert_false(ttl_changed(r));
	spec.ttl = 119;
	tcp6_send(r, &spec);
	assert_true(ttl_changed(r));
}

/* ---- UDP ---- */

static void udp_flow_starts_once_for_both_directions(void **state)
{
	struct rig *r = *state;
	const struct flow_counters *c;

	udp_send(r, 1, 10, SECOND);
	udp_send(r, 0, 100, SECOND + 1);
	udp_send(r, 1, 0, SECOND + 2);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_UDP), 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_UDP, 0)->reason, 0);
	assert_int_equal(rig_event_count(r, EVENT_PKT_UDP), 3);
	assert_int_equal(flow_client_port(the_flow(r)), 53); /* it spoke first */
	c = &((struct rig_record *)the_flow(r))->counters;
	assert_int_equal(c->packets[MBX_CLIENT], 2);
	assert_int_equal(c->packets[MBX_SERVER], 1);
	assert_int_equal(c->bytes[MBX_CLIENT], 42 + 10 + 42);
	assert_int_equal(c->bytes[MBX_SERVER], 142);
}

static void udp_flow_ends_when_it_was_idle(void **state)
{
	struct rig *r = *state;

	udp_send(r, 0, 10, SECOND);
	udp_send(r, 1, 10, 50 * SECOND);
	rig_tick(r, 100 * SECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_UDP), 1);
	rig_tick(r, 110 * SECOND + MILLISECOND);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_UDP), 2);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_UDP, 1)->reason, 1);
	assert_false(rig_event_find(r, EVENT_FLOW_UDP, 1)->has_packet);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_UDP, 1)->time, 110 * SECOND);
	assert_int_equal(r->counters.flows_idle, 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_END), 0);
	udp_send(r, 1, 10, 120 * SECOND);
	assert_int_equal(r->counters.flows_started, 2);
}

static void udp_and_tcp_on_the_same_ports_are_two_flows(void **state)
{
	struct rig *r = *state;
	struct frame f = frame_tcp4(0);
	struct rte_mbuf *m;

	frame_put16(&f, 36, 53);
	frame_checksum(&f, 6);
	m = rig_mbuf(pool, f.bytes, f.len, SECOND);
	rig_run(r, &m, 1, LINK_ETHERNET);
	udp_send(r, 0, 10, SECOND + 1);
	assert_int_equal(flow_table_live(r->stack.table), 2);
}

/* ---- IPv6 ---- */

static void ip6_connection_is_followed_from_syn_to_fin(void **state)
{
	struct rig *r = *state;
	struct tcp_spec t = {.seq = CLIENT_ISN, .flags = TCP_SYN};

	tcp6_send(r, &t);
	tcp6_send(
	    r, &(struct tcp_spec){
		   .dir = 1, .seq = SERVER_ISN, .ack = CLIENT_ISN + 1, .flags = TCP_SYN | TCP_ACK});
	t = (struct tcp_spec){.seq = CLIENT_ISN + 1,
			      .ack = SERVER_ISN + 1,
			      .flags = TCP_ACK | TCP_FIN,
			      .data = "over six",
			      .len = 8};
	tcp6_send(r, &t);
	assert_int_equal(flow_ip_version(the_flow(r)), 6);
	assert_int_equal(flow_client_ip(the_flow(r)).bytes[15], 1);
	tcp6_send(r, &(struct tcp_spec){.dir = 1,
					.seq = SERVER_ISN + 1,
					.ack = CLIENT_ISN + 10,
					.flags = TCP_ACK | TCP_FIN});
	t = (struct tcp_spec){.seq = CLIENT_ISN + 10, .ack = SERVER_ISN + 2, .flags = TCP_ACK};
	tcp6_send(r, &t);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_START), 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_ESTABLISHED), 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_FIN);
	assert_int_equal(r->flows[0].len[0], 8);
	assert_memory_equal(r->flows[0].stream[0], "over six", 8);
}

static void ip6_segment_with_a_wrong_checksum_is_nothing(void **state)
{
	struct rig *r = *state;
	struct tcp_spec t = {.seq = CLIENT_ISN, .flags = TCP_SYN};
	struct rte_mbuf *m = tcp6_frame(r, &t, tcp_clock);

	rte_pktmbuf_mtod(m, uint8_t *)[40] ^= 1; /* an address */
	rig_run(r, &m, 1, LINK_ETHERNET);
	assert_int_equal(r->counters.checksum_tcp, 1);
	assert_int_equal(r->counters.flows_started, 0);
}

/* ---- frames in several mbufs ---- */

static void cut_send(struct rig *r, uint32_t offset, const char *text, const uint32_t *cuts,
		     unsigned int count)
{
	struct tcp_spec t = {.seq = CLIENT_ISN + 1 + offset,
			     .ack = SERVER_ISN + 1,
			     .flags = TCP_ACK,
			     .data = text,
			     .len = (uint32_t)strlen(text)};
	struct rte_mbuf *m = frame_cut(pool, tcp_frame(r, &t, tcp_clock += 1000), cuts, count);

	rig_run(r, &m, 1, LINK_ETHERNET);
}

static void stream_is(const struct rig *r, const char *expected)
{
	assert_int_equal(r->flows[0].len[0], strlen(expected));
	assert_memory_equal(r->flows[0].stream[0], expected, strlen(expected));
}

static void data_is_contiguous_wherever_the_frame_is_cut(void **state)
{
	struct rig *r = *state;
	const uint32_t cuts[] = {56, 56, 59};

	tcp_open(r);
	cut_send(r, 0, "abcdefgh", cuts, 3); /* payload begins at 54 */
	stream_is(r, "abcdefgh");
	tcp_data(r, 8, "ij");
	stream_is(r, "abcdefghij");
}

static void header_cut_anywhere_is_read(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	for (uint32_t at = 1; at < 58; at++) {
		cut_send(r, (at - 1) * 4, "abcd", &at, 1);
		assert_int_equal(r->flows[0].len[0], at * 4);
	}
}

static void pieces_of_an_early_segment_are_held_and_put_together(void **state)
{
	struct rig *r = *state;
	const uint32_t cuts[] = {54, 57};

	tcp_open(r);
	cut_send(r, 4, "efgh", cuts, 2);
	assert_int_equal(rig_event_count(r, EVENT_DATA_TCP), 0);
	cut_send(r, 0, "abcdef", cuts, 2); /* overlaps with equal bytes */
	stream_is(r, "abcdefgh");
	assert_int_equal(rig_event_count(r, EVENT_FLOW_OVERLAP), 0);
}

static void repeated_piece_with_other_bytes_is_named(void **state)
{
	struct rig *r = *state;
	const uint32_t cut = 57;

	tcp_open(r);
	tcp_data(r, 0, "abcdefgh");
	cut_send(r, 0, "abcdeXgh", &cut, 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->offset, 5);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->length, 1);
	stream_is(r, "abcdefgh");
}

/* ---- frames that the capture cut ---- */

static void snap_send(struct rig *r, struct tcp_spec t, uint32_t kept)
{
	struct rte_mbuf *m = tcp_frame(r, &t, tcp_clock += 1000);
	uint32_t wire = rte_pktmbuf_pkt_len(m);

	rte_pktmbuf_trim(m, (uint16_t)(t.len - kept));
	packet_mbuf_set_wire_length(m, wire);
	rig_run(r, &m, 1, LINK_ETHERNET);
}

static void bytes_that_the_capture_cut_are_a_gap(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	snap_send(r,
		  (struct tcp_spec){.seq = CLIENT_ISN + 1,
				    .ack = SERVER_ISN + 1,
				    .flags = TCP_ACK,
				    .data = "abcdefgh",
				    .len = 8},
		  3);
	assert_int_equal(the_track(r)->side[0].next, CLIENT_ISN + 9);
	tcp_data(r, 8, "ij");
	assert_int_equal(rig_event_find(r, EVENT_FLOW_GAP, 0)->offset, 3);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_GAP, 0)->length, 5);
	assert_int_equal(r->flows[0].len[0], 10);
	assert_memory_equal(r->flows[0].stream[0], "abc\0\0\0\0\0ij", 10);
}

static void fin_of_a_segment_that_the_capture_cut_counts_at_its_place(void **state)
{
	struct rig *r = *state;

	tcp_open(r);
	snap_send(r,
		  (struct tcp_spec){.seq = CLIENT_ISN + 1,
				    .ack = SERVER_ISN + 1,
				    .flags = TCP_ACK | TCP_FIN,
				    .data = "abcdefgh",
				    .len = 8},
		  3);
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .seq = SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 10,
				       .flags = TCP_ACK | TCP_FIN});
	tcp_send(
	    r, &(struct tcp_spec){.seq = CLIENT_ISN + 10, .ack = SERVER_ISN + 2, .flags = TCP_ACK});
	assert_int_equal(rig_event_find(r, EVENT_FLOW_END, 0)->reason, FLOW_END_FIN);
	assert_int_equal(r->counters.tcp_ignored_ack, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(ttl_of_either_side_may_change),
	    CASE(hop_limit_is_the_ttl_of_ipv6),
	    CASE(udp_flow_starts_once_for_both_directions),
	    CASE(udp_flow_ends_when_it_was_idle),
	    CASE(udp_and_tcp_on_the_same_ports_are_two_flows),
	    CASE(ip6_connection_is_followed_from_syn_to_fin),
	    CASE(ip6_segment_with_a_wrong_checksum_is_nothing),
	    CASE(data_is_contiguous_wherever_the_frame_is_cut),
	    CASE(header_cut_anywhere_is_read),
	    CASE(pieces_of_an_early_segment_are_held_and_put_together),
	    CASE(repeated_piece_with_other_bytes_is_named),
	    CASE(bytes_that_the_capture_cut_are_a_gap),
	    CASE(fin_of_a_segment_that_the_capture_cut_counts_at_its_place),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
