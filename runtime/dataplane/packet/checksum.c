#include <errno.h>
#include <rte_ip.h>

#include "checksum.h"
#include "network.h"

/* Two words of 64 bits. Of wider ones, where the CPU has none, gcc keeps sums in memory. */
typedef uint64_t checksum_lanes __attribute__((vector_size(16)));

static inline checksum_lanes lanes_at(const uint8_t *at)
{
	checksum_lanes words;

	memcpy(&words, at, sizeof(words));
	return (words & UINT32_MAX) + (words >> 32);
}

uint64_t checksum_sum_lines(const uint8_t *at, uint32_t len)
{
	checksum_lanes even = {0}, odd = {0};

	for (const uint8_t *end = at + len; at < end; at += 64) {
		even += lanes_at(at) + lanes_at(at + 16);
		odd += lanes_at(at + 32) + lanes_at(at + 48);
	}
	even += odd;
	return even[0] + even[1];
}

int checksum_sum_mbuf(const struct rte_mbuf *m, uint32_t offset, uint32_t len, uint16_t *sum)
{
	uint32_t total = 0, done = 0;

	if (offset > m->pkt_len || len > m->pkt_len - offset)
		return -EINVAL;
	*sum = 0;
	if (len == 0)
		return 0;
	for (;; m = m->next) {
		uint32_t here;

		if (offset >= m->data_len) {
			offset -= m->data_len;
			continue;
		}
		here = RTE_MIN(len - done, m->data_len - offset);
		total +=
		    checksum_sum_at(checksum_fold64(checksum_sum(
					rte_pktmbuf_mtod_offset(m, const uint8_t *, offset), here)),
				    done);
		done += here;
		if (done == len)
			break;
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

/* The sum over the pseudo header. */
static uint64_t pseudo_sum(const struct packet *p, uint32_t len)
{
	uint64_t sum = (uint64_t)rte_cpu_to_be_32(len) + rte_cpu_to_be_32(p->proto);

	if (likely((p->flags & PACKET_IP4) != 0))
		return sum + checksum_sum(packet_at(p, (uint16_t)(p->l3 + 12)), 8);
	return sum + checksum_sum(packet_at(p, (uint16_t)(p->l3 + 8)), 32);
}

static bool ip4_checksum_right(const struct packet *p)
{
	const uint8_t *ip = packet_at(p, p->l3);
	uint32_t len = (ip[0] & 0x0fu) * 4;

	if (likely(len == IP4_HEADER_LEN))
		return checksum_fold64(checksum_sum(ip, IP4_HEADER_LEN)) == 0xffff;
	return checksum_fold64(checksum_sum(ip, len)) == 0xffff;
}

/* A capture that misses bytes cannot be verified, and is believed. */
static bool transport_checksum_right(const struct packet *p)
{
	/* ICMP over IPv4 is alone without a pseudo header (RFC 792; RFC 4443, 2.3). */
	bool bare = (p->flags & PACKET_ICMP) != 0 && (p->flags & PACKET_IP4) != 0;
	uint32_t len = transport_len(p);
	uint64_t sum;

	if (unlikely(p->payload_missing != 0))
		return true;
	if (likely(p->mbuf->nb_segs == 1)) {
		if (unlikely(p->l4 + len > p->mbuf->data_len))
			return false;
		sum = checksum_sum(rte_pktmbuf_mtod_offset(p->mbuf, const uint8_t *, p->l4), len);
	} else {
		uint16_t data;

		if (checksum_sum_mbuf(p->mbuf, p->l4, len, &data) != 0)
			return false;
		sum = data;
	}
	return checksum_fold64((bare ? 0 : pseudo_sum(p, len)) + sum) == 0xffff;
}

static enum packet_checksum transport_checksum_check(const struct packet *p)
{
	static const uint8_t none[2];

	if ((p->flags & PACKET_TCP) != 0)
		return transport_checksum_right(p) ? CHECKSUM_RIGHT : CHECKSUM_TCP_WRONG;
	if ((p->flags & PACKET_ICMP) != 0)
		return transport_checksum_right(p) ? CHECKSUM_RIGHT : CHECKSUM_ICMP_WRONG;
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
