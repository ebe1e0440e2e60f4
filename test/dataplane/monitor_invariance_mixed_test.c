/* What monitor_invariance_test.c shows of TCP, of all that passes below it and beside
 * it: datagrams, ICMP and its errors, fragments in any order, tunnels, fragments of
 * tunnels and tunnels of fragments, in bursts of 1, 2, 32 and 256. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/icmp_frame.h"
#include "support/random.h"
#include "support/rig_compare.h"
#include "support/rig_finish.h"
#include "support/tunnel.h"

#define MIXED                                                                                      \
	.icmp = true, .icmp_errors = true, .decap = 0x7f, .match_addresses = true,                 \
	.idle_udp_ns = 8000000ull, .idle_icmp_ns = 6000000ull, .idle_unanswered_ns = 3000000ull

RIG_INSTANCE(hearing, RIG_FEATURES_FULL, MIXED, .checksum = CHECKSUM_TRUST)
RIG_INSTANCE(verifying, RIG_FEATURES_FULL, MIXED, .checksum = CHECKSUM_VERIFY)
RIG_INSTANCE(dropping, RIG_FEATURES_FULL, MIXED, .checksum = CHECKSUM_TRUST, .drops = true,
	     .drops_unread = true, .malformed_drop = true)

#define PACKETS 3000
#define PORTS 12
#define LATER 64 /* places by which a packet may be late */
#define PIECES 16

struct planned {
	struct frame frame;
	uint64_t time;
};

static struct rte_mempool *pool;
static uint64_t seed;

static uint32_t draw(uint32_t below)
{
	return (uint32_t)(test_random(&seed) >> 33) % below;
}

/* Sequence numbers that a connection of each port is at. */
static uint32_t cursor[PORTS][2];

static struct frame draw_tcp(void)
{
	static const uint8_t text[1400] = "The quick brown fox jumps over the lazy dog.";
	uint32_t port = draw(PORTS), kind = draw(100);
	struct tcp_spec t = {.dir = (int)draw(2),
			     .client_port = (uint16_t)(2000 + port),
			     .flags = TCP_ACK,
			     .data = text + draw(40),
			     .window = 60000};
	struct frame f = {.len = 0};

	t.seq = cursor[port][t.dir];
	t.ack = cursor[port][t.dir ^ 1];
	if (kind < 6) {
		t.dir = 0;
		t.flags = TCP_SYN;
		t.seq = cursor[port][0] += 100000;
	} else if (kind < 14) {
		t.dir = 1;
		t.flags = TCP_SYN | TCP_ACK;
		t.seq = cursor[port][1] += 1000;
		t.ack = ++cursor[port][0];
		cursor[port][1]++;
	} else if (kind < 60) {
		t.len = 1 + draw(draw(4) == 0 ? 1200 : 200);
		cursor[port][t.dir] += t.len;
	} else if (kind < 80) {
		t.len = 1 + draw(200);
		t.seq += draw(1000) - 400u;
	} else if (kind < 84) {
		t.flags |= TCP_FIN;
		cursor[port][t.dir]++;
	} else if (kind < 86) {
		t.flags |= TCP_RST;
	}
	f.len = tcp_frame_write(f.bytes, &t);
	return f;
}

static struct frame draw_udp(void)
{
	uint16_t port = (uint16_t)(3000 + draw(PORTS)), len = (uint16_t)(8 + draw(300));
	bool forth = draw(2) == 0;
	struct frame f = {.len = 0};

	frame_eth(&f, 0x0800);
	frame_ip4(&f, forth ? 1 : 2, forth ? 2 : 1, 17, len);
	frame_udp(&f, forth ? port : 53, forth ? 53 : port, len);
	frame_fill(&f, (uint8_t)draw(256), len - 8u);
	frame_checksum(&f, 17);
	return f;
}

static struct frame draw_echo(void)
{
	bool forth = draw(2) == 0;
	struct icmp_spec s = {.from = forth ? 1 : 2,
			      .to = forth ? 2 : 1,
			      .type = forth ? 8 : 0,
			      .word = (4000 + draw(PORTS)) << 16 | draw(8),
			      .wrong = draw(20) == 0};

	return icmp_frame(&s);
}

/* About a packet that may have passed, to its sender or to somebody else. */
static struct frame draw_error(void)
{
	struct frame about = draw(2) == 0 ? draw_udp() : draw_tcp();
	struct quote q = {.len = (uint16_t)RTE_MIN(about.len - 14, 28 + draw(60))};
	struct icmp_spec s;

	memcpy(q.bytes, about.bytes + 14, q.len);
	s = icmp_error(&q, draw(8) == 0 ? 7 : q.bytes[15], draw(2) == 0 ? 3 : 11, (uint8_t)draw(5));
	return icmp_frame(&s);
}

static struct frame draw_packet(void)
{
	uint32_t kind = draw(100);

	if (kind < 50)
		return draw_tcp();
	if (kind < 75)
		return draw_udp();
	return kind < 88 ? draw_echo() : draw_error();
}

static uint32_t ip_at(const struct frame *f)
{
	switch (f->bytes[12] << 8 | f->bytes[13]) {
	case 0x0800:
		return 14;
	case 0x8864:
		return 22;
	default: /* a tag, a label */
		return 18;
	}
}

/* The IP packet of `inner` in a header of another kind. */
static struct frame wrapped(const struct frame *inner)
{
	struct tunnel_frame t = {.lengths = 0};
	uint32_t ip = ip_at(inner);
	uint16_t sum;

	switch (draw(7)) {
	case 0:
		tunnel_eth(&t, 0x8100);
		frame_tag(&t.f, (uint16_t)(1 + draw(3)), 0x0800);
		break;
	case 1:
		tunnel_eth(&t, 0x0800);
		tunnel_ip4(&t, 50, 51, 4);
		break;
	case 2:
		tunnel_eth(&t, 0x0800);
		tunnel_ip4(&t, 50, 51, 47);
		tunnel_gre(&t, draw(2) == 0 ? 0x2000 : 0, draw(2), 0x0800);
		break;
	case 3:
		tunnel_eth(&t, 0x8847);
		tunnel_mpls(&t, 16 + draw(9), true);
		break;
	case 4:
		tunnel_eth(&t, 0x8864);
		tunnel_pppoe(&t, (uint16_t)draw(2), 0x0021, false);
		break;
	case 5:
		tunnel_eth(&t, 0x0800);
		tunnel_ip4(&t, 50, 51, 51);
		frame_u16(&t.f, 4 << 8 | 1); /* IPv4, 12 bytes */
		frame_fill(&t.f, 0x11, 10);
		break;
	default:
		tunnel_eth(&t, 0x0800);
		tunnel_ip4(&t, 50, 51, 17);
		tunnel_vxlan(&t, draw(2));
		tunnel_eth(&t, 0x0800);
		break;
	}
	frame_add(&t.f, inner->bytes + ip, inner->len - ip);
	tunnel_close(&t);
	if (t.f.bytes[12] == 0x08) {
		sum = rte_ipv4_cksum((const struct rte_ipv4_hdr *)(const void *)(t.f.bytes + 14));
		memcpy(t.f.bytes + 24, &sum, 2);
	}
	return t.f;
}

/* Bytes [from, to) of what the IPv4 header at 14 carries. */
static struct frame fragment_of(const struct frame *whole, uint16_t id, uint32_t from, uint32_t to)
{
	struct frame f = {.len = 0};
	uint16_t sum;

	frame_add(&f, whole->bytes, 34);
	frame_add(&f, whole->bytes + 34 + from, to - from);
	frame_put16(&f, 16, (uint16_t)(20 + to - from));
	frame_put16(&f, 18, id);
	frame_put16(&f, 20, (uint16_t)(from >> 3 | (34 + to < whole->len ? 0x2000 : 0)));
	frame_put16(&f, 24, 0);
	sum = rte_ipv4_cksum((const struct rte_ipv4_hdr *)(const void *)(f.bytes + 14));
	memcpy(f.bytes + 24, &sum, 2);
	return f;
}

/* Up to four of them; one may be missing, twice, or overlap the next. */
static unsigned int draw_fragments(struct frame *to, const struct frame *whole)
{
	uint32_t size = RTE_ALIGN_CEIL((whole->len - 34) / (2 + draw(2)) + 1, 8u);
	uint16_t id = (uint16_t)draw(40);
	unsigned int count = 0;

	for (uint32_t from = 0; from < whole->len - 34 && count < PIECES - 1; from += size) {
		uint32_t end = RTE_MIN(from + size, whole->len - 34);
		uint32_t kind = draw(40);

		if (kind == 0)
			continue;
		if (kind == 1 && from >= 8)
			from -= 8;
		to[count++] = fragment_of(whole, id, from, end);
		if (kind == 2)
			to[count++] = fragment_of(whole, id, from, end);
		if (from + size > end)
			break;
	}
	return count;
}

/* Before or behind what is there already, not too far away. */
static void plan_put(struct planned *plan, bool *taken, const struct frame *f, uint32_t near)
{
	uint32_t at = near + draw(LATER);

	while (at < PACKETS && taken[at])
		at++;
	if (at >= PACKETS)
		return;
	taken[at] = true;
	plan[at].frame = *f;
}

static void plan_frames(struct planned *plan, bool *taken)
{
	for (uint32_t i = 0; i < PACKETS; i++) {
		struct frame pieces[PIECES];
		unsigned int count = 0;

		if (taken[i])
			continue;
		taken[i] = true;
		plan[i].frame = draw_packet();
		for (uint32_t depth = draw(10) < 6 ? 0 : 1 + draw(2); depth > 0; depth--)
			plan[i].frame = wrapped(&plan[i].frame);
		if (draw(100) == 0)
			while (plan[i].frame.len < 1200)
				plan[i].frame = wrapped(&plan[i].frame);
		if (plan[i].frame.bytes[12] != 0x08 || draw(4) != 0)
			continue;
		count = draw_fragments(pieces, &plan[i].frame);
		/* Fragments in a tunnel, or in fragments. */
		for (unsigned int k = 0; k < count; k++) {
			if (draw(4) != 0)
				continue;
			pieces[k] = wrapped(&pieces[k]);
			if (draw(4) == 0 && pieces[k].bytes[12] == 0x08) {
				struct frame again[PIECES];
				unsigned int more = draw_fragments(again, &pieces[k]);

				for (unsigned int m = 0; m < more; m++)
					plan_put(plan, taken, &again[m], i);
			}
		}
		if (count > 0)
			plan[i].frame = pieces[--count];
		while (count > 0)
			plan_put(plan, taken, &pieces[--count], i);
	}
}

static void plan_draw(struct planned *plan, uint64_t first_seed)
{
	static bool taken[PACKETS];
	uint64_t time = 1000000000ull;

	seed = first_seed;
	memset(taken, 0, sizeof(taken));
	for (int i = 0; i < PORTS; i++) {
		cursor[i][0] = draw(2) != 0 ? 0xfffffff0u : 1000;
		cursor[i][1] = 5000;
	}
	plan_frames(plan, taken);
	for (int i = 0; i < PACKETS; i++) {
		time += draw(20) == 0 ? 3000000 : draw(2000);
		if (draw(500) == 0)
			time += 31000000000ull; /* fragments are not waited for so long */
		plan[i].time = time;
	}
}

static void plan_run(struct rig *r, const struct planned *plan, uint16_t limit)
{
	struct rte_mbuf *mbufs[BURST_MAX];
	uint16_t count = 0;

	for (int i = 0; i < PACKETS; i++) {
		if (count > 0 && (count == limit || plan[i].time / TIMER_TICK_NS !=
							plan[i - count].time / TIMER_TICK_NS)) {
			rig_run(r, mbufs, count, LINK_ETHERNET);
			count = 0;
		}
		mbufs[count++] =
		    rig_mbuf(pool, plan[i].frame.bytes, plan[i].frame.len, plan[i].time);
	}
	rig_run(r, mbufs, count, LINK_ETHERNET);
	rig_end(r, plan[PACKETS - 1].time);
	rig_assert_empty(r);
}

typedef struct rig *(*rig_maker)(struct rte_mempool *pool, uint32_t flows, size_t buffer);

struct room {
	uint32_t flows, datagrams;
	size_t buffer;
};

static const struct room ample = {.flows = 512, .datagrams = RIG_DATAGRAMS, .buffer = 1 << 20};

/* The plan has what it is for. */
static void assert_mixed(const struct rig *r, const struct room *room, rig_maker make)
{
	const struct counters *c = &r->counters;

	if (room->datagrams == ample.datagrams) {
		assert_true(c->fragments_completed > 50 && c->fragments_nested > 0);
		assert_true(c->fragments_overlapping > 0 && c->fragments_duplicate > 0);
	} else {
		assert_true(c->fragments_completed > 0 && c->fragments_evicted > 20);
	}
	assert_true(c->decap_packets > PACKETS / 8 && c->decap_deep > 0);
	assert_true(c->icmp_errors > 0 && c->icmp_errors_no_flow > 0);
	assert_true(rig_event_count(r, EVENT_FLOW_UDP) > 50);
	assert_true(rig_event_count(r, EVENT_FLOW_ICMP) > 20);
	assert_true(rig_event_count(r, EVENT_DATA_TCP) > 100);
	assert_true(room->flows == ample.flows || c->flows_evicted > 100);
	assert_true((make == dropping_open) ==
		    (memchr(r->verdicts, VERDICT_DROP_UNREAD, r->verdict_count) != NULL));
}

static void invariance_check(rig_maker make, const struct room *room, uint64_t first_seed)
{
	static struct planned plan[PACKETS];
	static const uint16_t bursts[] = {1, 2, 32, 256};
	struct rig *reference = NULL;

	plan_draw(plan, first_seed);
	for (size_t i = 0; i < RTE_DIM(bursts); i++) {
		struct rig *r = make(pool, 1024, room->buffer);

		r->stack.flows_max = room->flows;
		r->stack.fragments->limit = room->datagrams;
		/* Hardly room for one packet, then ample. */
		r->burst.log.stack_limit = i % 2 == 0 ? 2048 : STACK_SLOTS_PER_PACKET + 8;
		plan_run(r, plan, bursts[i]);
		if (reference == NULL) {
			reference = r;
			assert_mixed(r, room, make);
			continue;
		}
		rigs_equal(reference, r, bursts[i]);
		rig_close(r);
	}
	rig_close(reference);
}

static void bursts_change_no_event(void **state)
{
	(void)state;
	for (uint64_t s = 1; s <= 3; s++) {
		invariance_check(hearing_open, &ample, s * 7919);
		invariance_check(verifying_open, &ample, s * 7927);
	}
}

static void bursts_change_no_verdict(void **state)
{
	(void)state;
	for (uint64_t s = 1; s <= 3; s++)
		invariance_check(dropping_open, &ample, s * 104729);
}

static void bursts_change_no_event_when_tables_are_full(void **state)
{
	static const uint32_t flows[] = {1, 2, 8};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(flows); i++) {
		struct room room = ample;

		room.flows = flows[i];
		room.datagrams = 1 + flows[i] / 2;
		invariance_check(hearing_open, &room, (i + 1) * 15485863);
		invariance_check(dropping_open, &room, (i + 1) * 15485867);
	}
}

static void bursts_change_no_event_when_the_buffer_is_full(void **state)
{
	struct room room = ample;

	(void)state;
	room.buffer = 64 * sizeof(struct chunk);
	for (uint64_t s = 1; s <= 2; s++) {
		invariance_check(hearing_open, &room, s * 32452843);
		invariance_check(dropping_open, &room, s * 32452867);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bursts_change_no_event),
	    cmocka_unit_test(bursts_change_no_verdict),
	    cmocka_unit_test(bursts_change_no_event_when_tables_are_full),
	    cmocka_unit_test(bursts_change_no_event_when_the_buffer_is_full),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 4096);
	return cmocka_run_group_tests_name("mixed traffic", tests, NULL, NULL);
}
