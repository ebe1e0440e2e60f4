#include <errno.h>
#include <rte_ip.h>

#include "checksum.h"
#include "network.h"

int checksum_sum_mbuf(const struct rte_mbuf *m, uint32_t offset, uint32_t len, uint16_t *sum)
{
	uint32_t total = 0, done = 0;

	if (offset > m->pkt_len || len > m->pkt_len - offset)
		return -EINVAL;
	for (; done < len; m = m->next) {
		uint32_t here;

		if (offset >= m->data_len) {
			offset -= m->data_len;
			continue;
		}
		here = RTE_MIN(len - done, m->data_len - offset);
		total += checksum_sum_at(
		    rte_raw_cksum(rte_pktmbuf_mtod_offset(m, const uint8_t *, offset), here), done);
		done += here;
		offset = 0;
	}
	*sum = checksum_fold(total);
	return 0;
}

/* Bytes from the transport header to the end of its datagram. */
static uint32_t transport_len(const struct packet *p)
{
	return p->payload - p->l4 + p->payload_len;
}

/* The destination of the pseudo header is the last one (RFC 8200, section 8.1):
 * under way it is in the routing header. NULL where that cannot be told. */
static const uint8_t *ip6_final_destination(const struct packet *p)
{
	const uint8_t *destination = packet_at(p, (uint16_t)(p->l3 + 24));
	uint8_t next = *packet_at(p, (uint16_t)(p->l3 + 6));
	uint16_t at = (uint16_t)(p->l3 + IP6_HEADER_LEN);

	while (at < p->l4) {
		const uint8_t *header = packet_at(p, at);
		uint32_t len = ip6_extension_len(next, header);

		if (next == IP_PROTO_ROUTING && header[3] != 0) {
			if (header[2] == 4 && len >= 24) /* segment list, last first (RFC 8754) */
				destination = header + 8;
			else if ((header[2] == 0 || header[2] == 2) && len >= 24)
				destination = header + len - 16;
			else
				return NULL;
		}
		next = header[0];
		at = (uint16_t)(at + len);
	}
	return destination;
}

/* The sum over the pseudo header; false where it cannot be told. */
static bool pseudo_sum(const struct packet *p, uint32_t *sum)
{
	uint32_t tail[2] = {rte_cpu_to_be_32(transport_len(p)), rte_cpu_to_be_32(p->proto)};

	if ((p->flags & PACKET_IP4) != 0) {
		*sum = rte_raw_cksum(packet_at(p, (uint16_t)(p->l3 + 12)), 8);
	} else {
		const uint8_t *destination = ip6_final_destination(p);

		if (destination == NULL)
			return false;
		*sum = rte_raw_cksum(packet_at(p, (uint16_t)(p->l3 + 8)), 16);
		*sum += rte_raw_cksum(destination, 16);
	}
	*sum += rte_raw_cksum(tail, sizeof(tail));
	return true;
}

static bool ip4_checksum_right(const struct packet *p)
{
	const uint8_t *ip = packet_at(p, p->l3);

	return rte_raw_cksum(ip, (ip[0] & 0x0fu) * 4) == 0xffff;
}

/* A capture that misses bytes cannot be verified, and is believed. */
static bool transport_checksum_right(const struct packet *p)
{
	uint16_t data;
	uint32_t sum;

	if (p->payload_missing != 0 || !pseudo_sum(p, &sum))
		return true;
	if (checksum_sum_mbuf(p->mbuf, p->l4, transport_len(p), &data) != 0)
		return false;
	return checksum_fold(sum + data) == 0xffff;
}

static enum packet_checksum transport_checksum_check(const struct packet *p)
{
	static const uint8_t none[2];

	if ((p->flags & PACKET_TCP) != 0)
		return transport_checksum_right(p) ? CHECKSUM_RIGHT : CHECKSUM_TCP_WRONG;
	if ((p->flags & PACKET_UDP) == 0)
		return CHECKSUM_RIGHT;
	/* Over IPv6 a UDP checksum of 0 is an error (RFC 8200, section 8.1). */
	if (memcmp(packet_at(p, (uint16_t)(p->l4 + 6)), none, sizeof(none)) == 0)
		return (p->flags & PACKET_IP4) != 0 ? CHECKSUM_RIGHT : CHECKSUM_UDP_WRONG;
	return transport_checksum_right(p) ? CHECKSUM_RIGHT : CHECKSUM_UDP_WRONG;
}

enum packet_checksum packet_checksum_check(const struct packet *p)
{
	if ((p->flags & PACKET_IP4) != 0 && !ip4_checksum_right(p))
		return CHECKSUM_IP_WRONG;
	return transport_checksum_check(p);
}

/* A device that says "none" of the transport checksum says that the bytes are
 * whole and the field is not filled: a local sender's, on a virtual device. What
 * it calls bad is computed again, as devices differ on padding and options. */
enum packet_checksum packet_checksum_check_device(const struct packet *p)
{
	uint64_t ip = p->mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
	uint64_t l4 = p->mbuf->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

	if ((p->flags & PACKET_IP4) != 0 && ip != RTE_MBUF_F_RX_IP_CKSUM_GOOD &&
	    !ip4_checksum_right(p))
		return CHECKSUM_IP_WRONG;
	if (l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD || l4 == RTE_MBUF_F_RX_L4_CKSUM_NONE)
		return CHECKSUM_RIGHT;
	return transport_checksum_check(p);
}

bool packet_checksum_verify(const struct packet *p)
{
	return packet_checksum_check(p) == CHECKSUM_RIGHT;
}
