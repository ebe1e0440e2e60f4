/* What carries more than is looked into: where a function may drop it does not pass,
 * elsewhere it does, and both are counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "event/drop.h"
#include "stack/l3.h"
#include "support/monitor_rig.h"
#include "support/rig_finish.h"
#include "support/tunnel.h"

#define FEATURES                                                                                   \
	RIG_FEATURES_FULL, .decap = TUNNEL_IPIP, .match_addresses = true, .checksum = CHECKSUM_TRUST

RIG_INSTANCE(hearing, FEATURES)
RIG_INSTANCE(dropping, FEATURES, .drops_unread = true)

static const struct stack_features l3_features = {
    .packet_events = true, .decap = TUNNEL_IPIP, .drops_unread = true, .checksum = CHECKSUM_TRUST};

static void l3_run(struct stack *s, struct burst *b)
{
	l3_run_tmpl(s, b, l3_features, &rig_hooks);
}

static struct rte_mempool *pool;

static bool match_tcp(const struct packet *p)
{
	return (p->flags & PACKET_TCP) != 0;
}

static void tcp_run(struct stack *s, struct burst *b)
{
	struct stack_features f = dropping_features;
	struct stack_hooks h = rig_hooks;

	f.match_addresses = false;
	h.match = match_tcp;
	monitor_run_tmpl(s, b, f, &h);
}

static struct rte_mbuf *mbuf_of(const struct frame *f, uint64_t time)
{
	return rig_mbuf(pool, f->bytes, f->len, time);
}

/* TCP in so many tunnels. */
static struct frame deep(unsigned int depth)
{
	struct tunnel_frame t = {.lengths = 0};

	tunnel_eth(&t, 0x0800);
	for (unsigned int i = 0; i < depth; i++)
		tunnel_ip4(&t, 50, 51, 4);
	tunnel_tcp4(&t, 1, 2, 5);
	return t.f;
}

/* Half `which` of a datagram whose data is a fragment of a packet from host 1. */
static struct frame nested(unsigned int which)
{
	struct tunnel_frame t = {.lengths = 0};
	struct frame f = {.len = 0};

	tunnel_ip4(&t, 1, 2, 6);
	frame_fill(&t.f, 'x', 44);
	tunnel_close(&t);
	frame_put16(&t.f, 6, 0x2000);
	frame_eth(&f, 0x0800);
	frame_ip4(&f, 50, 51, 4, 32);
	frame_put16(&f, 14 + 4, 7);
	frame_put16(&f, 14 + 6, which == 0 ? 0x2000 : 4);
	frame_add(&f, t.f.bytes + which * 32, 32);
	return f;
}

static void run(struct rig *r, const struct frame *f, uint64_t time)
{
	struct rte_mbuf *m = mbuf_of(f, time);

	rig_run(r, &m, 1, LINK_ETHERNET);
}

static void run_nested(struct rig *r)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct frame f = nested(i);

		run(r, &f, 1000000000);
	}
}

static void ninth_tunnel_does_not_pass_who_drops(void **state)
{
	rig_entry runs[] = {dropping_run, l3_run, tcp_run};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(runs); i++) {
		struct rig *r = dropping_open(pool, 64, 1 << 16);
		struct frame eight = deep(8), nine = deep(9);

		r->run = runs[i];
		run(r, &eight, 1000000000);
		run(r, &nine, 1000000000);
		assert_int_equal(r->verdicts[0], VERDICT_FORWARD);
		assert_int_equal(r->verdicts[1], VERDICT_DROP_UNREAD);
		assert_int_equal(r->counters.decap_deep, 1);
		assert_ptr_equal(verdict_counter(&r->counters, VERDICT_DROP_UNREAD),
				 &r->counters.drop_unread);
		assert_int_equal(rig_event_count(r, EVENT_PKT_IP), runs[i] != tcp_run);
		rig_finish(r, 1000000000);
	}
}

static void ninth_tunnel_passes_and_is_counted_where_nobody_drops(void **state)
{
	struct rig *r = hearing_open(pool, 64, 1 << 16);
	struct frame f = deep(9);

	(void)state;
	run(r, &f, 1000000000);
	assert_int_equal(r->verdicts[0], VERDICT_FORWARD);
	assert_int_equal(r->counters.decap_deep, 1);
	assert_int_equal(rig_event_count(r, EVENT_PKT_IP), 1);
	rig_finish(r, 1000000000);
}

static void fragment_in_a_datagram_does_not_pass_who_drops(void **state)
{
	rig_entry runs[] = {dropping_run, tcp_run};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(runs); i++) {
		struct rig *r = dropping_open(pool, 64, 1 << 16);

		r->run = runs[i];
		run_nested(r);
		assert_int_equal(r->verdicts[1], VERDICT_DROP_UNREAD);
		assert_int_equal(r->counters.fragments_completed, 1);
		assert_int_equal(r->counters.fragments_nested, 1);
		rig_finish(r, 1000000000);
	}
}

static void fragment_in_a_datagram_passes_and_is_counted_where_nobody_drops(void **state)
{
	struct rig *r = hearing_open(pool, 64, 1 << 16);

	(void)state;
	run_nested(r);
	assert_int_equal(r->verdicts[1], VERDICT_FORWARD);
	assert_int_equal(r->counters.fragments_nested, 1);
	assert_int_equal(rig_event_count(r, EVENT_PKT_IP), 2);
	rig_finish(r, 1000000000);
}

/* The next chain gets what an earlier one has put together: it is no fragment of
 * its own. */
static void what_was_put_together_is_not_taken_for_a_fragment_again(void **state)
{
	struct packet p = {.flags = PACKET_IP4 | PACKET_FRAGMENT | PACKET_REASSEMBLED};
	struct rig *r = dropping_open(pool, 64, 1 << 16);

	(void)state;
	assert_false(stack_is_fragment(&r->stack, &p, dropping_features));
	p.flags = PACKET_IP4 | PACKET_FRAGMENT;
	assert_true(stack_is_fragment(&r->stack, &p, dropping_features));
	rig_finish(r, 1000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ninth_tunnel_does_not_pass_who_drops),
	    cmocka_unit_test(ninth_tunnel_passes_and_is_counted_where_nobody_drops),
	    cmocka_unit_test(fragment_in_a_datagram_does_not_pass_who_drops),
	    cmocka_unit_test(fragment_in_a_datagram_passes_and_is_counted_where_nobody_drops),
	    cmocka_unit_test(what_was_put_together_is_not_taken_for_a_fragment_again),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 1023, 4096);
	return cmocka_run_group_tests_name("unread", tests, NULL, NULL);
}
