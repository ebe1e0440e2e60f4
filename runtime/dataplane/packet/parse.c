#include <rte_prefetch.h>

#include "parse.h"

#define PREFETCH_AHEAD 4

static __rte_always_inline void parse(struct packet *p, struct rte_mbuf *m, enum link_type link)
{
	struct packet_view v;

	packet_clear(p, m, link);
	view_init(&v, p, m);
	if (likely(link_parse(p, &v, link)))
		network_parse(p, &v);
	parse_end(p, &v);
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
