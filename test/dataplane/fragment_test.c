/* Reassembly of IP datagrams against a plain model of what Linux does: random
 * cuts, orders, duplicates, overlaps and lies; and what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fragment/table.h"
#include "packet/checksum.h"
#include "packet/dynfield.h"
#include "support/eal.h"
#include "support/random.h"

#define MBUFS 8192
#define SPACE 131072 /* where fragments of 64 KB at the last offset end */
#define RUNS_MAX 512
#define MODELS 8
#define SECOND 1000000000ull

static struct rte_mempool *pool;

/* ---- frames ---- */

struct piece {
	uint32_t id, from;
	uint32_t len;
	bool more, ip6;
	uint8_t ecn, proto;
	const uint8_t *data;
};

static struct rte_mbuf *frame_of(const struct piece *g)
{
	static uint8_t frame[70000];
	uint32_t header = g->ip6 ? 48 : 20, total = 14 + header + g->len, done = 0;
	uint8_t *ip = frame + 14;
	struct rte_mbuf *head = NULL;

	memset(frame, 0, 14 + header);
	frame[12] = g->ip6 ? 0x86 : 0x08;
	frame[13] = g->ip6 ? 0xdd : 0x00;
	if (g->ip6) {
		uint16_t word = rte_cpu_to_be_16((uint16_t)(g->from | g->more));
		uint16_t len = rte_cpu_to_be_16((uint16_t)(8 + g->len));
		uint32_t id = rte_cpu_to_be_32(g->id);

		ip[0] = 0x60;
		ip[1] = (uint8_t)(g->ecn << 4);
		memcpy(ip + 4, &len, 2);
		ip[6] = 44;
		ip[7] = 64;
		ip[23] = 1;
		ip[39] = 2;
		ip[40] = g->proto;
		memcpy(ip + 42, &word, 2);
		memcpy(ip + 44, &id, 4);
	} else {
		uint16_t word = rte_cpu_to_be_16((uint16_t)(g->from / 8 | (g->more ? 0x2000 : 0)));
		uint16_t len = rte_cpu_to_be_16((uint16_t)(20 + g->len));
		uint16_t id = rte_cpu_to_be_16((uint16_t)g->id);

		ip[0] = 0x45;
		ip[1] = g->ecn;
		memcpy(ip + 2, &len, 2);
		memcpy(ip + 4, &id, 2);
		memcpy(ip + 6, &word, 2);
		ip[8] = 64;
		ip[9] = g->proto;
		ip[15] = 1;
		ip[19] = 2;
	}
	memcpy(frame + 14 + header, g->data, g->len);
	do {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
		uint16_t some;

		assert_non_null(m);
		some = (uint16_t)RTE_MIN(total - done, (uint32_t)rte_pktmbuf_tailroom(m));
		memcpy(rte_pktmbuf_append(m, some), frame + done, some);
		done += some;
		if (head == NULL)
			head = m;
		else
			assert_int_equal(rte_pktmbuf_chain(head, m), 0);
	} while (done < total);
	return head;
}

/* ---- the model: lists of runs, and all bytes at their places ---- */

struct run {
	uint32_t from, to;
};

struct model {
	bool live, first, last;
	uint32_t length, present, tail_end;
	int tail_run;
	struct run runs[RUNS_MAX];
	int run_count;
	uint64_t since;
	uint32_t distance; /* IPv4: where the sender's count stood */
	uint8_t ecn;
	uint8_t bytes[SPACE];
};

enum said { SAID_KEPT, SAID_COMPLETE, SAID_IGNORED, SAID_REFUSED };

static enum said model_die(struct model *m)
{
	m->live = false;
	return SAID_REFUSED;
}

static bool model_ecn_right(const struct model *m)
{
	return !(m->ecn & 1) || m->ecn == 1;
}

static uint32_t model_sent; /* IPv4 fragments */

/* Linux's text, line by line: net/ipv4/ip_fragment.c, net/ipv6/reassembly.c,
 * net/ipv4/inet_fragment.c. */
static enum said model_take(struct model *m, const struct piece *g, uint64_t now)
{
	uint32_t least = g->proto == 6 ? 20 : g->proto == 17 ? 8 : 1;
	uint32_t end = g->from + g->len;

	if (m->live && now >= m->since + (g->ip6 ? 60 : 30) * SECOND)
		m->live = false;
	if (g->ip6 && g->from == 0 && g->len < least)
		return SAID_IGNORED;
	if (m->live && !g->ip6 && model_sent + 1 - m->distance > 64 && m->tail_run >= 0)
		m->live = false;
	if (!m->live)
		*m = (struct model){.live = true, .since = now, .tail_run = -1};
	if (!g->ip6)
		m->distance = ++model_sent;
	if (g->ip6 && end > 65535)
		return SAID_IGNORED;
	if (g->ip6 && g->more && end % 8 != 0)
		return SAID_IGNORED;
	if (!g->more) {
		if (end < m->length || (m->last && end != m->length))
			return model_die(m);
		m->last = true;
		m->length = end;
	} else {
		end = end / 8 * 8;
		if (end > m->length) {
			if (m->last)
				return model_die(m);
			m->length = end;
		}
	}
	if (end <= g->from)
		return model_die(m);
	if (m->tail_run >= 0 && m->tail_end >= end) {
		for (int i = 0; i < m->run_count; i++) {
			if (end <= m->runs[i].from || g->from >= m->runs[i].to)
				continue;
			if (g->from >= m->runs[i].from && end <= m->runs[i].to)
				return SAID_KEPT;
			return model_die(m);
		}
		m->runs[m->run_count++] = (struct run){g->from, end};
	} else {
		if (m->tail_run >= 0 && g->from < m->tail_end)
			return model_die(m);
		if (m->tail_run >= 0 && g->from == m->tail_end) {
			m->runs[m->tail_run].to = end;
		} else {
			m->tail_run = m->run_count;
			m->runs[m->run_count++] = (struct run){g->from, end};
		}
		m->tail_end = end;
	}
	assert_true(m->run_count < RUNS_MAX);
	memcpy(m->bytes + g->from, g->data, end - g->from);
	m->present += end - g->from;
	m->first = m->first || g->from == 0;
	m->ecn |= (uint8_t)(1 << g->ecn);
	if (!m->first || !m->last || m->present != m->length)
		return SAID_KEPT;
	m->live = false;
	if (!model_ecn_right(m) || m->length + (g->ip6 ? 0 : 20) > 65535)
		return SAID_REFUSED;
	return SAID_COMPLETE;
}

/* ---- one side by side with the other ---- */

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

/* ---- what it costs ---- */

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
