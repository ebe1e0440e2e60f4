/* Fragments, and a plain model of what Linux does with them: lists of runs, and all
 * bytes at their places. */
#pragma once

#include "packet/checksum.h"
#include "packet/dynfield.h"
#include "support/eal.h"

#define SPACE 131072 /* where fragments of 64 KB at the last offset end */
#define RUNS_MAX 512
#define SECOND 1000000000ull

/* Where frames come from; the test makes it. */
static struct rte_mempool *pool;

struct piece {
	uint32_t id, from;
	uint32_t len;
	bool more, ip6;
	uint8_t ecn, proto;
	const uint8_t *data;
};

static inline struct rte_mbuf *frame_of(const struct piece *g)
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

static inline enum said model_die(struct model *m)
{
	m->live = false;
	return SAID_REFUSED;
}

static inline bool model_ecn_right(const struct model *m)
{
	return !(m->ecn & 1) || m->ecn == 1;
}

static uint32_t model_sent; /* IPv4 fragments */

/* Linux's text, line by line: net/ipv4/ip_fragment.c, net/ipv6/reassembly.c,
 * net/ipv4/inet_fragment.c. */
static inline enum said model_take(struct model *m, const struct piece *g, uint64_t now)
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
