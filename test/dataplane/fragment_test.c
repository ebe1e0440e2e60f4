/* Reassembly of IP datagrams against a plain model of what Linux does: random
 * cuts, orders, duplicates, overlaps and lies; and what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fragment/table.h"
#include "support/fragment_model.h"
#include "support/random.h"

#define MBUFS 8192
#define MODELS 8

struct rig {
	struct fragment_table *table;
	struct timer_wheel wheel;
	struct counters counters;
	uint64_t now;
};

static void rig_open(struct rig *r, uint32_t datagrams)
{
	memset(r, 0, sizeof(*r));
	timer_wheel_init(&r->wheel, 0);
	r->now = SECOND;
	r->table =
	    fragment_table_create(&(struct fragment_config){.datagrams = datagrams, .seed = 5},
				  pool, &r->wheel, &r->counters);
	assert_non_null(r->table);
}

static void on_timer(struct wheel_timer *t, void *arg)
{
	fragment_expire(((struct rig *)arg)->table, t);
}

static void rig_close(struct rig *r)
{
	fragment_table_destroy(r->table);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static struct fragment_taken rig_take(struct rig *r, const struct piece *g)
{
	struct rte_mbuf *m = frame_of(g);
	struct fragment_taken taken;
	struct packet p;

	timer_wheel_advance(&r->wheel, r->now, on_timer, r);
	packet_parse(&p, m, LINK_ETHERNET);
	p.time = r->now;
	assert_true(p.flags & PACKET_FRAGMENT);
	taken = fragment_take(r->table, &p);
	rte_pktmbuf_free(m);
	return taken;
}

static void assert_whole(struct rte_mbuf *m, const struct piece *g, const uint8_t *bytes,
			 uint32_t len)
{
	uint32_t header = 14 + (g->ip6 ? 40 : 20);
	uint8_t *copy = malloc(len);
	struct packet p;

	packet_parse(&p, m, LINK_ETHERNET);
	assert_int_equal(rte_pktmbuf_pkt_len(m), header + len);
	assert_false(p.flags & PACKET_FRAGMENT);
	assert_int_equal(m->nb_segs, rte_pktmbuf_is_contiguous(m) ? 1 : m->nb_segs);
	assert_memory_equal(rte_pktmbuf_read(m, header, len, copy), bytes, len);
	if (!g->ip6)
		assert_int_not_equal(packet_checksum_check(&p), CHECKSUM_IP_WRONG);
	free(copy);
	rte_pktmbuf_free(m);
}

static uint32_t pick(uint64_t *seed, uint32_t below)
{
	return (uint32_t)(test_random(seed) % below);
}

static uint8_t source[SPACE];

/* A fragment of datagram `id`, of `whole` bytes: mostly one of a fixed cut, so
 * that datagrams become whole; sometimes anything at all. */
static struct piece piece_random(uint64_t *seed, uint32_t id, uint32_t whole, uint32_t step,
				 bool ip6)
{
	static const uint8_t protos[] = {6, 17, 253};
	struct piece g = {.id = id, .ip6 = ip6, .proto = protos[id % 3]};
	uint32_t count = (whole + step - 1) / step;
	uint32_t at = pick(seed, count);

	g.from = at * step;
	g.len = RTE_MIN(step, whole - g.from);
	g.more = g.from + g.len < whole;
	g.data = source + g.from;
	switch (pick(seed, 60)) {
	case 0: /* other bytes */
		g.data = source + pick(seed, 1000);
		break;
	case 1: /* a part of it */
		g.len = g.len > 8 ? pick(seed, g.len / 8 + 1) * 8 : g.len;
		g.more = true;
		break;
	case 2: /* more than it */
		g.len += 8 * pick(seed, 8);
		break;
	case 3: /* another length */
		g.len = pick(seed, step + 30);
		break;
	case 4:
		g.more = !g.more;
		break;
	case 5:
		g.ecn = (uint8_t)pick(seed, 4);
		break;
	case 6:
		g.from = pick(seed, 8192) * 8;
		g.len = pick(seed, 1400);
		break;
	default:
		break;
	}
	if (g.from == 0 && !g.more)
		g.more = true;
	return g;
}

static void random_fragments_give_what_the_model_gives(void **state)
{
	static struct model models[MODELS];
	static const enum said said_of[] = {
	    [FRAGMENT_KEPT] = SAID_KEPT,
	    [FRAGMENT_COMPLETES] = SAID_COMPLETE,
	    [FRAGMENT_IGNORED] = SAID_IGNORED,
	    [FRAGMENT_REFUSED] = SAID_REFUSED,
	};
	uint32_t whole[MODELS], step[MODELS];
	unsigned int complete = 0, refused = 0, alone = 0;
	uint64_t seed = 11;
	struct rig r;

	(void)state;
	rig_open(&r, 64);
	for (unsigned int i = 0; i < MODELS; i++) {
		whole[i] = 100 + 100 * i;
		step[i] = 24;
	}
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t id = pick(&seed, MODELS);
		struct piece g = piece_random(&seed, id, whole[id], step[id], id & 1);
		struct fragment_taken taken;
		enum said said;

		/* Long enough alone that others are too far behind. */
		if (alone == 0 && pick(&seed, 2000) == 0)
			alone = 100;
		if (alone > 0 && alone-- > 0)
			g = piece_random(&seed, id = 2, whole[2], step[2], false);
		if (pick(&seed, 400) == 0)
			r.now += pick(&seed, 20) * SECOND;
		r.now += 1000000;
		said = model_take(&models[id], &g, r.now);
		taken = rig_take(&r, &g);
		if (said != said_of[taken.result])
			print_message("fragment %u of %u: %u..%u more %d ip6 %d: model %d\n", i, id,
				      g.from, g.from + g.len, g.more, g.ip6, (int)said);
		assert_int_equal(said_of[taken.result], said);
		if (said == SAID_COMPLETE)
			assert_whole(taken.whole, &g, models[id].bytes, models[id].length);
		complete += said == SAID_COMPLETE;
		refused += said == SAID_REFUSED;
		if (models[id].live)
			continue;
		whole[id] = 9 + pick(&seed, pick(&seed, 20) == 0 ? 65500 : 1500);
		step[id] = RTE_MAX(8 * (1 + pick(&seed, 40)), whole[id] / 60 / 8 * 8 + 8);
	}
	print_message("%u datagrams whole, %u refused\n", complete, refused);
	assert_true(complete > 1000 && refused > 1000);
	assert_true(r.counters.fragments_too_far > 10 && r.counters.fragments_expired > 10);
	rig_close(&r);
}

static void fragments_that_never_finish_leave_no_trace(void **state)
{
	struct piece g = {.len = 8, .more = true, .proto = 17, .data = source};
	unsigned int most = 0;
	struct rig r;

	(void)state;
	rig_open(&r, 1024);
	for (uint32_t i = 0; i < 1000000; i++) {
		g.id = i * 2654435761u;
		g.ip6 = i & 1;
		g.from = 8 * (i % 8192);
		assert_int_not_equal(rig_take(&r, &g).result, FRAGMENT_COMPLETES);
		if (i % 1000 == 0)
			most = RTE_MAX(most, rte_mempool_in_use_count(pool));
	}
	print_message("most buffers at one time: %u of %u\n", most, r.table->quota);
	assert_true(most <= r.table->quota);
	assert_true(r.counters.fragments_evicted >= 900000);
	rig_close(&r);
}

static void one_datagram_of_64_kb_in_8_byte_fragments_is_put_together(void **state)
{
	struct fragment_taken taken = {0};
	struct rig r;

	(void)state;
	rig_open(&r, 1);
	for (uint32_t i = 0; i < 8189; i++) {
		struct piece g = {.from = 8 * i, .len = 8, .more = i < 8188, .proto = 17};

		g.data = source + g.from;
		taken = rig_take(&r, &g);
		assert_int_equal(taken.result, i < 8188 ? FRAGMENT_KEPT : FRAGMENT_COMPLETES);
	}
	assert_whole(taken.whole, &(struct piece){0}, source, 8189 * 8);
	rig_close(&r);
}

static void an_empty_pool_costs_the_datagram_and_nothing_else(void **state)
{
	struct piece g = {.id = 1, .len = 16, .more = true, .proto = 17, .data = source};
	struct rte_mbuf *taken[MBUFS], *m = frame_of(&g);
	unsigned int count = 0;
	struct packet p;
	struct rig r;

	(void)state;
	rig_open(&r, 16);
	packet_parse(&p, m, LINK_ETHERNET);
	p.time = r.now;
	while ((taken[count] = rte_pktmbuf_alloc(pool)) != NULL)
		count++;
	assert_int_equal(fragment_take(r.table, &p).result, FRAGMENT_REFUSED);
	assert_int_equal(r.counters.fragments_evicted, 1);
	assert_int_equal(r.table->charged, 0);
	for (unsigned int i = 0; i < count; i++)
		rte_pktmbuf_free(taken[i]);
	rte_pktmbuf_free(m);
	rig_close(&r);
}

static void the_oldest_datagram_makes_room(void **state)
{
	struct piece g = {.len = 16, .more = true, .proto = 17, .data = source};
	struct rig r;

	(void)state;
	rig_open(&r, 4);
	for (g.id = 1; g.id <= 5; g.id++)
		rig_take(&r, &g);
	assert_int_equal(r.counters.fragments_evicted, 1);
	g = (struct piece){.from = 16, .len = 16, .proto = 17, .data = source};
	for (g.id = 1; g.id <= 5; g.id++) {
		struct fragment_taken taken = rig_take(&r, &g);

		assert_int_equal(taken.result, g.id <= 1 ? FRAGMENT_KEPT : FRAGMENT_COMPLETES);
		rte_pktmbuf_free(taken.whole);
		if (g.id == 1) /* which pushed out the second */
			g.id = 2;
	}
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_fragments_give_what_the_model_gives),
	    cmocka_unit_test(fragments_that_never_finish_leave_no_trace),
	    cmocka_unit_test(one_datagram_of_64_kb_in_8_byte_fragments_is_put_together),
	    cmocka_unit_test(an_empty_pool_costs_the_datagram_and_nothing_else),
	    cmocka_unit_test(the_oldest_datagram_makes_room),
	};
	uint64_t seed = 3;

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", MBUFS, 2048);
	for (size_t i = 0; i < sizeof(source); i++)
		source[i] = (uint8_t)test_random(&seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
