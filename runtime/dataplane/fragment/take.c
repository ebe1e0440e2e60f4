/* What the host does with each fragment: ip_frag_queue() and ip6_frag_queue() of
 * Linux 6.18, in their order, tried out on that kernel. A datagram that it
 * refuses is gone at once, and what comes after begins another with the same
 * identification: Linux does not wait as RFC 5722 would have it. */
#include <errno.h>
#include <rte_byteorder.h>
#include <string.h>

#include "../packet/field.h"
#include "../packet/network.h"
#include "table.h"

/* One fragment as its header has it. */
struct fragment {
	const struct packet *p;
	uint32_t from, to; /* of the datagram's data */
	bool more;
};

static uint16_t load_be16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return rte_be_to_cpu_16(value);
}

/* Where a fragment's IPv6 fragment header begins. */
static uint16_t fragment_header(const struct packet *p)
{
	return (uint16_t)(p->payload - 8);
}

/* IPv4 rounds what is not a multiple of 8 down. */
static struct fragment fragment_read(const struct packet *p)
{
	struct fragment g = {.p = p};

	if (p->flags & PACKET_IP4) {
		uint16_t word = load_be16(packet_at(p, (uint16_t)(p->l3 + 6)));

		g.from = (word & IP4_FRAGMENT_OFFSET) * FRAGMENT_UNIT;
		g.more = (word & IP4_MORE_FRAGMENTS) != 0;
		g.to = g.from + p->payload_len;
		if (g.more)
			g.to -= g.to % FRAGMENT_UNIT;
	} else {
		uint16_t word = load_be16(packet_at(p, (uint16_t)(fragment_header(p) + 2)));

		g.from = word & IP6_FRAGMENT_OFFSET;
		g.more = (word & IP6_MORE_FRAGMENTS) != 0;
		g.to = g.from + p->payload_len;
	}
	return g;
}

static void key_read(struct flow_key *key, const struct packet *p)
{
	struct flow_zone zone = flow_key_zone(&p->key);

	memset(key, 0, sizeof(*key));
	if (p->flags & PACKET_IP4) {
		key->word[0] = load_be16(packet_at(p, (uint16_t)(p->l3 + 4)));
		flow_key_set_zone(key, false, &zone, p->proto);
		memcpy(&key->word[2], packet_at(p, (uint16_t)(p->l3 + 12)), 8);
	} else {
		memcpy(&key->word[0], packet_at(p, (uint16_t)(fragment_header(p) + 4)), 4);
		flow_key_set_zone(key, true, &zone, 0);
		memcpy(&key->word[2], packet_at(p, (uint16_t)(p->l3 + 8)), 32);
	}
}

static uint32_t transport_least(uint8_t proto)
{
	switch (proto) {
	case IP_PROTO_TCP:
		return 20;
	case IP_PROTO_UDP:
	case IP_PROTO_ICMP6:
		return 8;
	default:
		return 1;
	}
}

/* RFC 8200, section 4.5: the first fragment has all headers up to and with the
 * transport's. What cannot be followed is let pass, as by ipv6_skip_exthdr() of Linux. */
static bool headers_are_cut(const struct packet *p)
{
	uint32_t at = 0;
	uint8_t type = p->proto;

	while (type != IP_PROTO_NONE) {
		uint8_t copy[8] = {0};
		const uint8_t *header;
		uint32_t len;

		if (!ip6_is_extension(type))
			return at + transport_least(type) > p->payload_len;
		if (at + 2 > p->payload_len)
			return false;
		header = rte_pktmbuf_read(p->mbuf, p->payload + at, 2, copy);
		if (header == NULL)
			return false;
		len = ip6_extension_len(type, header);
		type = header[0];
		at += len;
	}
	return false;
}

/* A fragment of which the capture misses bytes, and a first one that the host
 * does not look up. */
static bool fragment_is_cut(const struct fragment *g)
{
	if (g->p->payload_missing != 0)
		return true;
	return (g->p->flags & PACKET_IP6) && g->from == 0 && headers_are_cut(g->p);
}

/* IPv6 answers these with a parameter problem, and leaves their datagram alone. */
static uint64_t *fragment_problem(struct counters *c, const struct fragment *g)
{
	if (g->p->flags & PACKET_IP4)
		return NULL;
	if (g->to > UINT16_MAX)
		return &c->fragments_too_long;
	return g->more && g->to % FRAGMENT_UNIT != 0 ? &c->fragments_malformed : NULL;
}

/* The end of the datagram, or how far it reaches; false: it contradicts. */
static bool datagram_reach(struct datagram *d, const struct fragment *g)
{
	if (!g->more) {
		if (g->to < d->length || ((d->flags & DATAGRAM_LAST) && g->to != d->length))
			return false;
		d->flags |= DATAGRAM_LAST;
		d->length = g->to;
	} else if (g->to > d->length) {
		if (d->flags & DATAGRAM_LAST)
			return false;
		d->length = g->to;
	}
	return g->to > g->from;
}

/* Where the header that names the fragment header does so, in IPv6. */
static uint16_t next_header_at(const struct packet *p)
{
	uint16_t named = (uint16_t)(p->l3 + 6), at = (uint16_t)(p->l3 + IP6_HEADER_LEN);

	while (at < fragment_header(p)) {
		uint32_t len = ip6_extension_len(*packet_at(p, named), packet_at(p, at));

		named = at;
		at = (uint16_t)(at + len);
	}
	return named;
}

/* Keeps what lies before the data of the first fragment: of the fragments with
 * offset 0 only one is ever put. */
static int head_keep(struct fragment_table *t, struct datagram *d, const struct packet *p)
{
	bool ip6 = (p->flags & PACKET_IP6) != 0;
	uint16_t len = ip6 ? fragment_header(p) : p->payload;
	struct rte_mbuf *m = rte_pktmbuf_alloc(t->mbufs);
	const uint8_t *from;
	uint8_t *to;

	if (m == NULL)
		return -ENOMEM;
	m->data_off = 0;
	if (rte_pktmbuf_tailroom(m) < len) {
		rte_pktmbuf_free(m);
		return -ENOMEM;
	}
	to = (uint8_t *)rte_pktmbuf_append(m, len);
	from = rte_pktmbuf_read(p->mbuf, 0, len, to);
	if (from != to)
		memcpy(to, from, len);
	d->head = m;
	d->place = packet_place(p);
	d->proto = p->proto;
	d->next_header = ip6 ? next_header_at(p) : 0;
	d->flags |= DATAGRAM_FIRST;
	return 0;
}

/* Puts a fragment of which nothing is there. False: its datagram had to go. */
static bool datagram_put(struct fragment_table *t, struct datagram *d, const struct fragment *g)
{
	uint32_t need = fragment_pages_missing(&d->pages, g->from, g->to) + (g->from == 0);
	bool joins = d->present > 0 && g->to > d->tail && g->from == d->tail;

	if (!datagram_charge(t, d, need))
		return false;
	if ((g->from == 0 && head_keep(t, d, g->p) < 0) ||
	    fragment_pages_put(&d->pages, t->mbufs, g->from, g->to, !joins, g->p) < 0) {
		t->counters->fragments_evicted++;
		datagram_forget(t, d, VERDICT_DROP_FRAGMENT_EVICTED);
		return false;
	}
	d->tail = RTE_MAX(d->tail, g->to);
	d->present += g->to - g->from;
	d->ecn |= (uint8_t)(1u << (packet_ip_tos(g->p) & 3));
	return true;
}

static struct fragment_taken refused(enum verdict cause)
{
	return (struct fragment_taken){.result = FRAGMENT_REFUSED, .cause = cause};
}

static struct fragment_taken datagram_refuse(struct fragment_table *t, struct datagram *d,
					     uint64_t *counter)
{
	(*counter)++;
	datagram_forget(t, d, VERDICT_DROP_FRAGMENT_REFUSED);
	return refused(VERDICT_DROP_FRAGMENT_REFUSED);
}

static struct fragment_taken datagram_finish(struct fragment_table *t, struct datagram *d,
					     const struct packet *p)
{
	struct fragment_taken taken = {
	    .result = FRAGMENT_COMPLETES, .hold = d->hold, .place = d->place};

	taken.whole = datagram_build(t, d);
	if (taken.whole == NULL) {
		datagram_forget(t, d, VERDICT_DROP_FRAGMENT_REFUSED);
		return refused(VERDICT_DROP_FRAGMENT_REFUSED);
	}
	if (d->hold != NULL)
		hold_complete(d->hold, p->mbuf);
	datagram_forget(t, d, VERDICT_FORWARD);
	return taken;
}

/* In line the fragment itself is kept, whatever its bytes are. */
static bool datagram_hold(struct fragment_table *t, struct datagram *d, const struct packet *p)
{
	if (!t->holds)
		return true;
	if (d->hold == NULL) { /* bursts on their way have all of them */
		t->counters->fragments_evicted++;
		datagram_forget(t, d, VERDICT_DROP_FRAGMENT_EVICTED);
		return false;
	}
	if (!datagram_charge(t, d, p->mbuf->nb_segs))
		return false;
	d->hold->mbufs += p->mbuf->nb_segs;
	return true;
}

static uint64_t expiry_of(const struct packet *p)
{
	return p->time +
	       ((p->flags & PACKET_IP4) ? FRAGMENT_TIMEOUT_IP4_NS : FRAGMENT_TIMEOUT_IP6_NS);
}

/* IPv4: what came too long ago may be another datagram's. */
static void datagram_recall(struct fragment_table *t, struct datagram *d, const struct packet *p)
{
	uint32_t before = d->peer_seen;

	if (d->peer == PEER_NONE)
		return;
	d->peer_seen = peer_count(&t->peers, d->peer);
	if (d->present == 0 || d->peer_seen - before <= FRAGMENT_DISTANCE_MAX)
		return;
	t->counters->fragments_too_far++;
	datagram_restart(t, d, expiry_of(p));
}

/* A range within one run is a duplicate, whatever its bytes are: the first ones
 * stay. Anything else that touches what is there ends the datagram (RFC 5722,
 * section 4, for both versions). */
static struct fragment_taken datagram_add(struct fragment_table *t, struct datagram *d,
					  const struct fragment *g)
{
	struct counters *c = t->counters;
	enum fragment_fit fit;

	datagram_recall(t, d, g->p);
	if (!datagram_reach(d, g))
		return datagram_refuse(t, d, &c->fragments_malformed);
	fit = fragment_pages_fit(&d->pages, g->from, g->to);
	if (fit == FRAGMENT_ACROSS)
		return datagram_refuse(t, d, &c->fragments_overlapping);
	if (!datagram_hold(t, d, g->p))
		return refused(VERDICT_DROP_FRAGMENT_EVICTED);
	c->fragments_duplicate += fit == FRAGMENT_WITHIN;
	if (fit == FRAGMENT_FREE && !datagram_put(t, d, g))
		return refused(VERDICT_DROP_FRAGMENT_EVICTED);
	if (fit == FRAGMENT_FREE && d->flags == (DATAGRAM_FIRST | DATAGRAM_LAST) &&
	    d->present == d->length)
		return datagram_finish(t, d, g->p);
	return (struct fragment_taken){.result = FRAGMENT_KEPT, .hold = d->hold};
}

static struct datagram *datagram_of(struct fragment_table *t, const struct packet *p)
{
	struct flow_key key;
	struct datagram *d;
	uint32_t hash;

	key_read(&key, p);
	hash = flow_hash(&t->secret, &key);
	d = datagram_find(t, &key, hash);
	return d != NULL ? d : datagram_new(t, &key, hash, expiry_of(p));
}

struct fragment_taken fragment_take(struct fragment_table *t, const struct packet *p)
{
	struct fragment_taken ignored = {.result = FRAGMENT_IGNORED,
					 .cause = VERDICT_DROP_FRAGMENT_REFUSED};
	struct fragment g = fragment_read(p);
	struct datagram *d;
	uint64_t *problem;

	if (fragment_is_cut(&g)) {
		t->counters->fragments_malformed++;
		return ignored;
	}
	d = datagram_of(t, p);
	problem = fragment_problem(t->counters, &g);
	if (problem != NULL) {
		(*problem)++;
		return ignored;
	}
	return datagram_add(t, d, &g);
}
