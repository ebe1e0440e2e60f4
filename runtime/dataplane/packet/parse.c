#include <rte_prefetch.h>

#include "dynfield.h"
#include "packet.h"
#include "transport.h"

#define PULL_MAX 256 /* bytes of a frame in which headers are looked for */
#define PREFETCH_AHEAD 4

static inline uint32_t address_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static inline uint64_t address_be64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return rte_be_to_cpu_64(value);
}

/* Which end is the smaller: -1 the source, 1 the destination, 0 equal. */
static inline int compare_ip4(const uint8_t *source)
{
	uint32_t from = rte_be_to_cpu_32(address_u32(source));
	uint32_t to = rte_be_to_cpu_32(address_u32(source + 4));

	return (from > to) - (from < to);
}

static inline int compare_ip6(const uint8_t *source)
{
	uint64_t from = address_be64(source);
	uint64_t to = address_be64(source + 16);

	if (from == to) {
		from = address_be64(source + 8);
		to = address_be64(source + 24);
	}
	return (from > to) - (from < to);
}

/* The larger of the ends is the second; both addresses, of `len` bytes each, lie
 * side by side. `len` is constant in each caller, so that the copies are moves. */
static __rte_always_inline void key_fill(struct packet *p, const uint8_t *source, unsigned int len,
					 int order, uint32_t ports[2])
{
	uint32_t *address = &p->key.word[2];

	if (unlikely(order == 0))
		order = (ports[0] > ports[1]) - (ports[0] < ports[1]);
	if (order > 0) {
		p->reversed = 1;
		p->key.word[0] = ports[1] << 16 | ports[0];
		memcpy(address, source + len, len);
		memcpy(address + len / 4, source, len);
	} else {
		p->key.word[0] = ports[0] << 16 | ports[1];
		memcpy(address, source, 2 * len);
	}
}

/* Where there are no ports nothing but the addresses tells directions apart; an
 * echo's identifier, in dport, stands for both. */
static inline void key_parse(struct packet *p, const struct packet_view *v)
{
	bool has_ports = (p->flags & (PACKET_TCP | PACKET_UDP)) != 0;
	uint32_t ports[2] = {has_ports ? p->sport : p->dport, p->dport};
	const uint8_t *ip = v->bytes + p->l3;
	uint32_t word = (uint32_t)v->zone << 16 | p->proto;

	if (likely((p->flags & PACKET_IP4) != 0)) {
		p->key.word[1] = word | 4u << 8;
		key_fill(p, ip + 12, 4, compare_ip4(ip + 12), ports);
	} else {
		p->key.word[1] = word | 6u << 8;
		key_fill(p, ip + 8, 16, compare_ip6(ip + 8), ports);
	}
}

static __rte_always_inline bool headers_parse(struct packet *p, struct packet_view *v,
					      enum link_type link)
{
	if (!link_parse(p, v, link))
		return false;
	if (likely(p->eth_type == ETH_TYPE_IP4)) {
		if (!ip4_parse(p, v))
			return false;
	} else if (p->eth_type == ETH_TYPE_IP6) {
		if (!ip6_parse(p, v))
			return false;
	} else {
		return true;
	}
	if (unlikely((p->flags & PACKET_FRAGMENT) != 0))
		return true;
	return transport_parse(p, v);
}

static bool segment_is_private(const struct rte_mbuf *m)
{
	return RTE_MBUF_DIRECT(m) && rte_mbuf_refcnt_read(m) == 1;
}

/* Moves bytes of the following segments into the first one until it has `want`,
 * its room is used up or a segment is shared. Emptied segments are freed. */
static __rte_noinline void segments_pull(struct rte_mbuf *m, uint32_t want)
{
	while (m->data_len < want && m->next != NULL) {
		struct rte_mbuf *next = m->next;
		uint32_t len = RTE_MIN(want - m->data_len, (uint32_t)next->data_len);

		len = RTE_MIN(len, (uint32_t)rte_pktmbuf_tailroom(m));
		if (!segment_is_private(m) || rte_mbuf_refcnt_read(next) != 1)
			return;
		if (len == 0 && next->data_len != 0)
			return;
		memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len),
		       rte_pktmbuf_mtod(next, const uint8_t *), len);
		m->data_len = (uint16_t)(m->data_len + len);
		next->data_off = (uint16_t)(next->data_off + len);
		next->data_len = (uint16_t)(next->data_len - len);
		if (next->data_len == 0) {
			m->next = next->next;
			m->nb_segs--;
			next->next = NULL;
			next->nb_segs = 1;
			rte_pktmbuf_free_seg(next);
		}
	}
}

/* In two parts: compilers make of each a few wide stores, but of the whole a
 * "rep stos", which takes a third of the time of a parse. */
static inline void packet_clear(struct packet *p, struct rte_mbuf *m)
{
	p->mbuf = m;
	memset(&p->flags, 0, offsetof(struct packet, key) - offsetof(struct packet, flags));
	memset(&p->key, 0, sizeof(p->key));
}

static inline void view_init(struct packet_view *v, struct packet *p, struct rte_mbuf *m)
{
	uint32_t wire = packet_mbuf_wire_length(m);

	if (unlikely(m->next != NULL && m->data_len < PULL_MAX))
		segments_pull(m, RTE_MIN(m->pkt_len, (uint32_t)PULL_MAX));
	*v = (struct packet_view){
	    .bytes = rte_pktmbuf_mtod(m, const uint8_t *),
	    .contiguous = m->data_len,
	    .end = m->pkt_len,
	};
	if (unlikely(wire > m->pkt_len)) {
		p->flags |= PACKET_TRUNCATED;
		v->missing = wire - m->pkt_len;
	}
}

static __rte_always_inline void parse(struct packet *p, struct rte_mbuf *m, enum link_type link)
{
	struct packet_view v;

	packet_clear(p, m);
	view_init(&v, p, m);
	headers_parse(p, &v, link);
	if (unlikely((p->flags & PACKET_IP) == 0)) {
		p->l3 = 0;
		return;
	}
	p->payload_len = v.end - p->payload;
	p->payload_missing = v.missing;
	key_parse(p, &v);
}

void packet_parse(struct packet *p, struct rte_mbuf *m, enum link_type link)
{
	parse(p, m, link);
}

/* The first line of a frame is fetched PREFETCH_AHEAD frames early, its mbuf, in
 * which the address is, as long before that. */
void packet_parse_bulk(struct packet *packets, struct rte_mbuf **mbufs, unsigned int count,
		       enum link_type link)
{
	for (unsigned int i = 0; i < count && i < 2 * PREFETCH_AHEAD; i++)
		rte_prefetch0(mbufs[i]);
	for (unsigned int i = 0; i < count && i < PREFETCH_AHEAD; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], const void *));
	for (unsigned int i = 0; i < count; i++) {
		if (i + 2 * PREFETCH_AHEAD < count)
			rte_prefetch0(mbufs[i + 2 * PREFETCH_AHEAD]);
		if (i + PREFETCH_AHEAD < count)
			rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + PREFETCH_AHEAD], const void *));
		parse(&packets[i], mbufs[i], link);
	}
}
