#include <rte_prefetch.h>

#include "parse.h"

#define PREFETCH_AHEAD 4

/* Nearly every frame: TCP in IPv4 without options, fragments and tags, in one
 * segment, whole. Gives what parse_general() would; false: it has to. */
static __rte_always_inline bool parse_usual(struct packet *p, struct rte_mbuf *m)
{
	const uint8_t *at = rte_pktmbuf_mtod(m, const uint8_t *);
	const uint8_t *tcp = at + ETH_HEADER_LEN + IP4_HEADER_LEN;
	const struct flow_zone zone = {0};
	struct packet_view v = {.bytes = at};
	uint32_t ports[2], total, header;

	if (m->nb_segs != 1 || m->data_len < ETH_HEADER_LEN + IP4_HEADER_LEN + TCP_HEADER_LEN ||
	    (m->ol_flags & packet_dynfields.length_set))
		return false;
	total = view_u16(&v, ETH_HEADER_LEN + 2);
	header = (tcp[12] >> 4) * 4u;
	/* Type and version at once; a fragment's offset and bit; protocol. */
	if (view_u32(&v, 12) >> 8 != (ETH_TYPE_IP4 << 8 | 0x45) ||
	    (view_u16(&v, ETH_HEADER_LEN + 6) & (IP4_MORE_FRAGMENTS | IP4_FRAGMENT_OFFSET)) != 0 ||
	    at[ETH_HEADER_LEN + 9] != IP_PROTO_TCP || header < TCP_HEADER_LEN ||
	    total < IP4_HEADER_LEN + header || total > m->data_len - (uint32_t)ETH_HEADER_LEN)
		return false;
	ports[0] = view_u16(&v, ETH_HEADER_LEN + IP4_HEADER_LEN);
	ports[1] = view_u16(&v, ETH_HEADER_LEN + IP4_HEADER_LEN + 2);
	/* Member by member, because clearing all first costs as much again. */
	p->mbuf = m;
	p->flags = PACKET_ETH | PACKET_IP4 | PACKET_TCP;
	p->l3 = ETH_HEADER_LEN;
	p->l4 = ETH_HEADER_LEN + IP4_HEADER_LEN;
	p->payload = (uint16_t)(ETH_HEADER_LEN + IP4_HEADER_LEN + header);
	p->payload_len = total - IP4_HEADER_LEN - header;
	p->payload_missing = 0;
	p->sport = (uint16_t)ports[0];
	p->dport = (uint16_t)ports[1];
	p->eth_type = ETH_TYPE_IP4;
	p->vlan = 0;
	p->proto = IP_PROTO_TCP;
	p->tcp_flags = tcp[13];
	p->reason = MALFORMED_NONE;
	p->seq = view_u32(&v, ETH_HEADER_LEN + IP4_HEADER_LEN + 4);
	p->ack = view_u32(&v, ETH_HEADER_LEN + IP4_HEADER_LEN + 8);
	p->window = (uint16_t)view_u16(&v, ETH_HEADER_LEN + IP4_HEADER_LEN + 14);
	p->urgent = (uint16_t)view_u16(&v, ETH_HEADER_LEN + IP4_HEADER_LEN + 18);
	p->l2 = 0;
	p->decap = 0;
	p->link = LINK_ETHERNET;
	p->hash = 0;
	memset(&p->key.word[FLOW_KEY_WORDS_IP4], 0,
	       sizeof(p->key) - FLOW_KEY_WORDS_IP4 * sizeof(p->key.word[0]));
	p->reversed =
	    flow_key_fill(&p->key, at + ETH_HEADER_LEN + 12, false, &zone, IP_PROTO_TCP, ports) > 0;
	return true;
}

static void parse_general(struct packet *p, struct rte_mbuf *m, enum link_type link)
{
	struct packet_view v;

	packet_clear(p, m, link);
	view_init(&v, p, m);
	if (likely(link_parse(p, &v, link)))
		network_parse(p, &v);
	parse_end(p, &v);
}

static __rte_always_inline void parse(struct packet *p, struct rte_mbuf *m, enum link_type link)
{
	if (link != LINK_ETHERNET || unlikely(!parse_usual(p, m)))
		parse_general(p, m, link);
}

void packet_parse(struct packet *p, struct rte_mbuf *m, enum link_type link)
{
	parse(p, m, link);
}

/* The first line of a frame is fetched PREFETCH_AHEAD frames early, its mbuf, in
 * which the address is, as long before that. */
static __rte_always_inline void parse_bulk(struct packet *packets, struct rte_mbuf **mbufs,
					   unsigned int count, enum link_type link)
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

/* The link is the same for all frames: for the usual one it is asked once. */
void packet_parse_bulk(struct packet *packets, struct rte_mbuf **mbufs, unsigned int count,
		       enum link_type link)
{
	if (likely(link == LINK_ETHERNET))
		parse_bulk(packets, mbufs, count, LINK_ETHERNET);
	else
		parse_bulk(packets, mbufs, count, link);
}

const uint8_t *packet_at_later(const struct packet *p, uint16_t offset)
{
	const struct rte_mbuf *m = p->mbuf;
	uint32_t at = offset;

	while (at >= m->data_len && m->next != NULL) {
		at -= m->data_len;
		m = m->next;
	}
	return rte_pktmbuf_mtod_offset(m, const uint8_t *, at);
}
