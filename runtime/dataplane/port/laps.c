#include "laps.h"

#include <errno.h>
#include <rte_branch_prediction.h>
#include <rte_ip.h>
#include <rte_prefetch.h>
#include <stdlib.h>
#include <string.h>

#include "../packet/dynfield.h"
#include "../packet/packet.h"
#include "capture_mbuf.h"

#define ROOM_MAX 2048u
#define HOST_BITS 0x00ffffffu
#define LAP_GAP_NS 1000000ull /* between the last frame of a lap and the next one */
#define AHEAD 32	      /* frames: about a burst */

int laps_measure(const char *path, struct laps_size *size)
{
	struct capture_record record;
	struct capture_file file;
	uint64_t bytes = 0, frames = 0, mbufs;
	uint32_t longest = 1;
	int ret = capture_open(&file, path);

	if (ret < 0)
		return ret;
	while (capture_next(&file, &record) == 1) {
		longest = RTE_MAX(longest, record.captured);
		bytes += record.captured;
		frames++;
	}
	capture_close(&file);
	size->room = (uint16_t)RTE_MIN(RTE_ALIGN_CEIL(longest, 64u), ROOM_MAX);
	/* Each frame fills all its mbufs but the last. */
	mbufs = frames + bytes / size->room;
	if (longest <= size->room)
		mbufs = frames;
	if (mbufs > UINT32_MAX / 2)
		return -E2BIG;
	size->mbufs = (uint32_t)mbufs;
	return 0;
}

/* ---- who is the client ---- */

/* Two hosts, the lower address first; IPv4 addresses lie in the last 4 bytes. */
struct pair {
	uint8_t host[2][16];
	bool used;
	bool second; /* the higher one is the client */
};

struct pairs {
	struct pair *slots;
	uint32_t mask, used;
};

static uint64_t pair_hash(const struct pair *p)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < sizeof(p->host); i++)
		h = (h ^ ((const uint8_t *)p->host)[i]) * 0x100000001b3ull;
	return h ^ h >> 32;
}

static struct pair *pair_place(const struct pairs *t, const struct pair *p)
{
	uint32_t at = (uint32_t)pair_hash(p) & t->mask;

	while (t->slots[at].used && memcmp(t->slots[at].host, p->host, sizeof(p->host)) != 0)
		at = (at + 1) & t->mask;
	return &t->slots[at];
}

static int pairs_grow(struct pairs *t)
{
	struct pairs larger = {.mask = t->mask * 2 + 1, .used = t->used};

	larger.slots = calloc((size_t)larger.mask + 1, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; t->slots != NULL && i <= t->mask; i++)
		if (t->slots[i].used)
			*pair_place(&larger, &t->slots[i]) = t->slots[i];
	free(t->slots);
	*t = larger;
	return 0;
}

/* Whether a frame's source is the client of both hosts; -errno. */
static int source_is_client(struct pairs *t, const uint8_t *from, const uint8_t *to, size_t size)
{
	bool second = memcmp(from, to, size) > 0;
	struct pair p = {.used = true, .second = second}, *at;
	int ret;

	memcpy(p.host[second] + 16 - size, from, size);
	memcpy(p.host[!second] + 16 - size, to, size);
	if (t->slots == NULL || t->used > t->mask / 2) {
		ret = pairs_grow(t);
		if (ret < 0)
			return ret;
	}
	at = pair_place(t, &p);
	if (!at->used) {
		*at = p;
		t->used++;
	}
	return at->second == second;
}

/* ---- frames ---- */

static uint16_t load16(const struct rte_mbuf *m, uint16_t at)
{
	uint16_t value;

	memcpy(&value, rte_pktmbuf_mtod_offset(m, const uint8_t *, at), sizeof(value));
	return value;
}

static void store16(struct rte_mbuf *m, uint16_t at, uint16_t value)
{
	memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, at), &value, sizeof(value));
}

/* Offset of the first fragment's transport header, or 0. */
static uint16_t fragment_transport(const struct packet *p)
{
	const uint16_t more = RTE_BE16(0x2000);
	uint16_t word;

	if (p->flags & PACKET_IP4) {
		word = load16(p->mbuf, p->l3 + 6);
		return (word & ~more & RTE_BE16(0x3fff)) == 0 ? p->payload : 0;
	}
	if (p->payload < p->l3 + 48)
		return 0;
	word = load16(p->mbuf, p->payload - 6);
	return (word & RTE_BE16(0xfff8)) == 0 ? p->payload : 0;
}

static uint16_t transport_checksum_at(const struct packet *p)
{
	uint16_t l4 = p->flags & PACKET_FRAGMENT ? fragment_transport(p) : p->l4;
	uint16_t at = 0;

	if (l4 == 0)
		return 0;
	if (p->proto == 6)
		at = l4 + 16;
	else if (p->proto == 17)
		at = l4 + 6;
	else if (p->proto == 58 && (p->flags & PACKET_IP6))
		at = l4 + 2;
	if (at == 0 || at + 2u > p->mbuf->data_len)
		return 0;
	return p->proto == 17 && load16(p->mbuf, at) == 0 ? 0 : at;
}

/* Finds the client's address in a frame. 0 or -errno. */
static int frame_describe(struct lap_frame *f, const struct packet *p, struct pairs *pairs)
{
	const uint8_t *ip;
	bool four;
	int source;

	four = (p->flags & PACKET_IP4) != 0;
	if (!(p->flags & PACKET_IP) || p->l3 + (four ? 20u : 40u) > f->mbuf->data_len)
		return 0;
	ip = rte_pktmbuf_mtod_offset(f->mbuf, const uint8_t *, p->l3);
	source = four ? source_is_client(pairs, ip + 12, ip + 16, 4)
		      : source_is_client(pairs, ip + 8, ip + 24, 16);
	if (source < 0)
		return source;
	if (four)
		f->client_at = p->l3 + (source ? 12 : 16);
	else
		f->client_at = p->l3 + (source ? 20 : 36);
	memcpy(&f->client, rte_pktmbuf_mtod_offset(f->mbuf, const uint8_t *, f->client_at), 4);
	if (four) {
		f->header_at = p->l3 + 10;
		f->header = load16(f->mbuf, f->header_at);
	}
	f->transport_at = transport_checksum_at(p);
	if (f->transport_at != 0)
		f->transport = load16(f->mbuf, f->transport_at);
	f->udp = p->proto == 17;
	return 0;
}

static int frames_grow(struct laps *l, uint32_t *room)
{
	uint32_t more = *room == 0 ? 1024 : *room * 2;
	struct lap_frame *frames = realloc(l->frames, (size_t)more * sizeof(*frames));

	if (frames == NULL)
		return -ENOMEM;
	l->frames = frames;
	*room = more;
	return 0;
}

/* The client, and the bits in which others differ from it. */
static void client_note(struct laps *l, const struct lap_frame *f)
{
	if (f->client_at == 0)
		return;
	if (!l->has_client)
		l->client = f->client;
	l->has_client = true;
	l->differ |= l->client ^ f->client;
}

static int frame_load(struct laps *l, const struct capture_record *record, struct pairs *pairs,
		      uint32_t *room, const struct laps_part *part)
{
	struct lap_frame *f;
	struct packet p;
	int ret = l->count == *room ? frames_grow(l, room) : 0;

	if (ret < 0)
		return ret;
	l->last = RTE_MAX(record->time, l->last);
	if (l->first == 0)
		l->first = l->last;
	f = &l->frames[l->count];
	*f = (struct lap_frame){
	    .time = l->last, .link = (uint8_t)record->link, .mbuf = capture_mbuf(l->mbufs, record)};
	if (f->mbuf == NULL)
		return -ENOMEM;
	packet_parse(&p, f->mbuf, record->link);
	ret = frame_describe(f, &p, pairs);
	client_note(l, f);
	if (ret == 0 && part != NULL && !part->has(part, &p))
		rte_pktmbuf_free(f->mbuf);
	else
		l->count++;
	return ret;
}

int laps_load(struct laps *l, struct capture_file *file, struct rte_mempool *mbufs, uint32_t laps,
	      bool stamps, const struct laps_part *part)
{
	struct capture_record record;
	struct pairs pairs = {0};
	uint32_t room = 0;
	int ret = 0;

	*l = (struct laps){.mbufs = mbufs, .laps = laps, .stamps = stamps};
	while (ret == 0 && capture_next(file, &record) == 1) {
		ret = frame_load(l, &record, &pairs, &room, part);
		l->link_number = record.link_number;
	}
	free(pairs.slots);
	if (ret < 0) {
		laps_unload(l);
		return ret;
	}
	l->free_bits = HOST_BITS & ~rte_be_to_cpu_32(l->differ);
	l->period = l->last - l->first + LAP_GAP_NS;
	return 0;
}

void laps_unload(struct laps *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		rte_pktmbuf_free(l->frames[i].mbuf);
	free(l->frames);
	*l = (struct laps){0};
}

/* ---- laps ---- */

/* The bits of a lap's number, put where `into` has ones. */
static uint32_t bits_deposit(uint32_t value, uint32_t into)
{
	uint32_t out = 0;

	for (; into != 0 && value != 0; into &= into - 1, value >>= 1)
		if (value & 1)
			out |= into & -into;
	return out;
}

static inline void laps_advance(struct laps *l)
{
	if (likely(++l->next < l->count) || l->lap + 1 == l->laps)
		return;
	l->next = 0;
	l->lap++;
	l->later += l->period;
	l->change = rte_cpu_to_be_32(bits_deposit(l->lap, l->free_bits));
}

/* RFC 1624, equation 3, for two words at once. */
static inline uint16_t sum_follow(uint16_t sum, uint32_t difference)
{
	uint32_t s = (uint16_t)~sum + difference;

	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static inline void frame_change(const struct lap_frame *f, struct rte_mbuf *m, uint32_t change)
{
	uint32_t now = f->client ^ change;
	uint32_t difference =
	    (~f->client & 0xffff) + (~f->client >> 16) + (now & 0xffff) + (now >> 16);

	if (unlikely(f->client_at == 0))
		return;
	memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, f->client_at), &now, sizeof(now));
	if (f->header_at != 0)
		store16(m, f->header_at, sum_follow(f->header, difference));
	if (f->transport_at != 0) {
		uint16_t sum = sum_follow(f->transport, difference);

		store16(m, f->transport_at, sum == 0 && f->udp ? 0xffff : sum);
	}
}

/* Whoever has had the frame in the lap before still holds it. Its second cache line
 * is not looked at: nothing else needs it of a frame in one segment. */
static inline bool frame_is_out(const struct rte_mbuf *m)
{
	if (likely(m->nb_segs == 1))
		return rte_mbuf_refcnt_read(m) != 1;
	for (; m != NULL; m = m->next)
		if (rte_mbuf_refcnt_read(m) != 1)
			return true;
	return false;
}

static inline void frame_lend(struct rte_mbuf *m)
{
	rte_mbuf_refcnt_set(m, 2);
	if (likely(m->nb_segs == 1))
		return;
	for (m = m->next; m != NULL; m = m->next)
		rte_mbuf_refcnt_set(m, 2);
}

static inline struct rte_mbuf *frame_take(struct laps *l, const struct lap_frame *f)
{
	struct rte_mbuf *m = f->mbuf;

	if (unlikely(frame_is_out(m))) {
		m = rte_pktmbuf_copy(m, l->mbufs, 0, UINT32_MAX);
		if (m == NULL)
			return NULL;
	} else {
		frame_lend(m);
	}
	frame_change(f, m, l->change);
	if (l->stamps)
		packet_mbuf_set_time(m, f->time + l->later);
	return m;
}

/* Descriptor and first bytes, whose place is known without reading the descriptor. What
 * says where they are comes as long before: it is taken in runs, which no CPU foresees. */
static inline void fetch_ahead(const struct laps *l)
{
	struct rte_mbuf *m;

	if (unlikely(l->next + 2 * AHEAD >= l->count))
		return;
	rte_prefetch0(&l->frames[l->next + 2 * AHEAD]);
	m = l->frames[l->next + AHEAD].mbuf;
	rte_prefetch0(m);
	rte_prefetch0(RTE_PTR_ADD(m, sizeof(*m) + RTE_PKTMBUF_HEADROOM));
}

uint16_t laps_take(struct laps *l, struct rte_mbuf **into, uint16_t max, uint64_t end)
{
	uint8_t link = l->frames[l->next].link;
	uint16_t count = 0;

	max = RTE_MIN(max, (uint16_t)LAPS_TAKE_MAX);
	while (count < max && !laps_ended(l)) {
		const struct lap_frame *f = &l->frames[l->next];
		struct rte_mbuf *m;

		if (f->time + l->later >= end || f->link != link)
			break;
		fetch_ahead(l);
		m = frame_take(l, f);
		if (m == NULL)
			break;
		l->times[count] = f->time + l->later;
		into[count++] = m;
		laps_advance(l);
	}
	return count;
}

uint32_t laps_discard(struct laps *l)
{
	uint32_t bytes = rte_pktmbuf_pkt_len(l->frames[l->next].mbuf);

	laps_advance(l);
	return bytes;
}

void laps_return(struct rte_mbuf **mbufs, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		struct rte_mbuf *m = mbufs[i];

		/* One lcore has all references: none is given back meanwhile. */
		if (likely(m->nb_segs == 1 && rte_mbuf_refcnt_read(m) == 2))
			rte_mbuf_refcnt_set(m, 1);
		else
			rte_pktmbuf_free(m);
	}
}
