/* The frame of a whole datagram: ip_frag_reasm() and ip6_frag_reasm() of Linux. */
#include <rte_byteorder.h>
#include <rte_ip.h>
#include <string.h>

#include "../packet/network.h"
#include "table.h"

/* RFC 3168, section 5.3: fragments that can do ECN and fragments that cannot are
 * no datagram; one that was marked marks it. 0xff: refused. */
static uint8_t ecn_of(uint8_t seen)
{
	if (seen == 1 << 0)
		return 0;
	if (seen & 1 << 0)
		return 0xff;
	return seen & 1 << 3 && seen != 1 << 3 ? 3 : 0;
}

static void store_be16(uint8_t *at, uint32_t value)
{
	uint16_t word = rte_cpu_to_be_16((uint16_t)value);

	memcpy(at, &word, sizeof(word));
}

/* Bytes of the IP packet, as its length field counts them. */
static uint32_t length_of(const struct datagram *d)
{
	uint32_t header = d->head->data_len - d->place.l3;

	return d->length + (datagram_is_ip6(d) ? header - IP6_HEADER_LEN : header);
}

static void ip4_finish(uint8_t *ip, uint32_t header, uint32_t length, uint8_t ecn)
{
	uint16_t sum;

	ip[1] |= ecn;
	store_be16(ip + 2, length);
	ip[6] &= 0x40; /* of the flags, "do not fragment" */
	ip[7] = 0;
	memset(ip + 10, 0, 2);
	sum = (uint16_t)~rte_raw_cksum(ip, header);
	memcpy(ip + 10, &sum, sizeof(sum));
}

static void ip6_finish(const struct datagram *d, uint8_t *ip, uint32_t length, uint8_t ecn)
{
	store_be16(ip + 4, length);
	ip[1] |= (uint8_t)(ecn << 4);
	*rte_pktmbuf_mtod_offset(d->head, uint8_t *, d->next_header) = d->proto;
}

/* Headers have to be contiguous for the parser, wherever fragments ended. */
static struct rte_mbuf *head_fill(struct rte_mbuf *head, struct rte_mbuf *data)
{
	uint16_t len = RTE_MIN(rte_pktmbuf_tailroom(head), data->data_len);

	memcpy(rte_pktmbuf_mtod_offset(head, uint8_t *, head->data_len),
	       rte_pktmbuf_mtod(data, const uint8_t *), len);
	head->data_len = (uint16_t)(head->data_len + len);
	head->pkt_len = head->data_len;
	rte_pktmbuf_adj(data, len);
	if (data->data_len > 0)
		return data;
	head = data->next;
	if (head != NULL) {
		head->pkt_len = data->pkt_len;
		head->nb_segs = (uint16_t)(data->nb_segs - 1);
	}
	data->next = NULL;
	data->nb_segs = 1;
	rte_pktmbuf_free_seg(data);
	return head;
}

struct rte_mbuf *datagram_build(struct fragment_table *t, struct datagram *d)
{
	struct rte_mbuf *head = d->head, *data;
	uint8_t *ip = rte_pktmbuf_mtod_offset(head, uint8_t *, d->place.l3);
	uint32_t length = length_of(d);
	uint8_t ecn = ecn_of(d->ecn);

	if (ecn == 0xff || length > UINT16_MAX) {
		t->counters->fragments_malformed += ecn == 0xff;
		t->counters->fragments_too_long += ecn != 0xff;
		return NULL;
	}
	if (datagram_is_ip6(d))
		ip6_finish(d, ip, length, ecn);
	else
		ip4_finish(ip, head->data_len - d->place.l3, length, ecn);
	data = fragment_pages_take(&d->pages, d->length);
	data = head_fill(head, data);
	if (data != NULL)
		rte_pktmbuf_chain(head, data);
	d->head = NULL;
	return head;
}
