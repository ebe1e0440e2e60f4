/* Internet checksums: verified whole, updated by what changed. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "packet.h"

enum packet_checksum {
	CHECKSUM_RIGHT = 0, /* or there is none */
	CHECKSUM_IP_WRONG,
	CHECKSUM_TCP_WRONG,
	CHECKSUM_UDP_WRONG,
	CHECKSUM_ICMP_WRONG,
};

/* As packet_checksum_verify(), and says which one is wrong. */
enum packet_checksum packet_checksum_check(const struct packet *p);

/* As packet_checksum_check(), but believes the device where it has verified or
 * vouches for a checksum (ol_flags), so that no byte is read. */
enum packet_checksum packet_checksum_check_device(const struct packet *p);

/* Sums of a checksum are over 16-bit words as they lie in memory: the one's
 * complement sum does not depend on byte order (RFC 1071, section 2), so
 * nothing here swaps bytes. Pass and store fields as they are in the frame. */

static inline uint16_t checksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

/* In a sum of words that starts one byte early each byte is in the other half of
 * its word, which swaps the halves of the sum (RFC 1071, section 2, B). */
static inline uint16_t checksum_sum_at(uint16_t sum, uint32_t offset)
{
	return (offset & 1) != 0 ? rte_bswap16(sum) : sum;
}

static inline uint64_t checksum_load(const uint8_t *at, unsigned int len)
{
	uint64_t word = 0;

	memcpy(&word, at, len);
	return word;
}

/* 32-bit words are added in 64 bits, where no carry is lost: of 16 GB at least. */
static inline uint64_t checksum_halves(uint64_t word)
{
	return (word & UINT32_MAX) + (word >> 32);
}

/* The sum over `len` bytes, a multiple of 64, for checksum_fold64(). */
uint64_t checksum_sum_lines(const uint8_t *at, uint32_t len);

/* The sum over `len` bytes, for checksum_fold64(). */
static inline uint64_t checksum_sum(const uint8_t *at, uint32_t len)
{
	uint64_t sum = 0;

	if (len >= 64) {
		uint32_t done = len & ~63u;

		sum = checksum_sum_lines(at, done);
		at += done;
		len -= done;
	}
	for (; len >= 8; at += 8, len -= 8)
		sum += checksum_halves(checksum_load(at, 8));
	if (len >= 4) {
		sum += checksum_load(at, 4);
		at += 4;
		len -= 4;
	}
	if (len >= 2) {
		sum += checksum_load(at, 2);
		at += 2;
		len -= 2;
	}
	return len == 0 ? sum : sum + checksum_load(at, 1);
}

static inline uint16_t checksum_fold64(uint64_t sum)
{
	sum = checksum_halves(sum);
	return checksum_fold((uint32_t)checksum_halves(sum));
}

/* One's complement in 64 bits: what is carried out comes in again. As 2^64 - 1 is a
 * multiple of 0xffff, the sum is what 16-bit words give, modulo 0xffff. */
static inline uint64_t checksum_add64(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

/* Whether a sum that covers its own checksum is right: a multiple of 0xffff. A sum of
 * headers is never 0. By the inverse of 0xffff, modulo 2^64: it takes multiples to what
 * they are multiples by, and nothing else to a number as small. (Asked for two sums at
 * once, gcc computes both remainders.) */
static inline bool checksum_is_whole(uint64_t sum)
{
	return sum * 0xfffefffefffeffffull <= UINT64_MAX / 0xffff;
}

/* The sum over `len` bytes, 8 at least, for checksum_is_whole(): what is left behind
 * the last word is read with bytes before it, and these are shifted out. */
static inline uint64_t checksum_sum_short(const uint8_t *at, uint32_t len)
{
	const uint8_t *end = at + len;
	uint32_t rest = len % 8;
	uint64_t sum = 0;

	for (; len >= 8; at += 8, len -= 8)
		sum = checksum_add64(sum, checksum_load(at, 8));
	return rest == 0 ? sum : checksum_add64(sum, checksum_load(end - 8, 8) >> (64 - 8 * rest));
}

#define CHECKSUM_SHORT 128 /* bytes from which on lanes are faster */

/* Whether both checksums of nearly every packet are right: whole TCP behind an IPv4
 * header without options, in one segment. False: packet_checksum_check() has to say. */
static __rte_always_inline bool packet_checksum_usual(const struct packet *p)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(p->mbuf, const uint8_t *, p->l3);
	uint32_t len = p->payload - p->l4 + p->payload_len;
	uint64_t header, addresses, sum;

	if ((p->flags & (PACKET_IP4 | PACKET_TCP)) != (PACKET_IP4 | PACKET_TCP) ||
	    p->mbuf->nb_segs != 1 || p->l4 - p->l3 != 20 || p->payload_missing != 0 ||
	    p->l4 + len > p->mbuf->data_len)
		return false;
	addresses = checksum_load(ip + 12, 8);
	header = checksum_add64(checksum_load(ip, 8), checksum_load(ip + 8, 4));
	header = checksum_add64(header, addresses);
	sum = len <= CHECKSUM_SHORT ? checksum_sum_short(ip + 20, len) : checksum_sum(ip + 20, len);
	sum = checksum_add64(sum, addresses);
	sum = checksum_add64(sum, rte_cpu_to_be_32(len));
	sum = checksum_add64(sum, rte_cpu_to_be_32(6));
	return checksum_is_whole(header) && checksum_is_whole(sum);
}

/* The sum over `len` bytes from `offset` on, across segments; -EINVAL when the
 * frame has not so many. DPDK 22.11's rte_raw_cksum_mbuf() loses carries after a
 * segment of odd length. */
int checksum_sum_mbuf(const struct rte_mbuf *m, uint32_t offset, uint32_t len, uint16_t *sum);

/* The checksum after the words that summed to `from` sum to `to`:
 * HC' = ~(~HC + ~m + m') (RFC 1624, equation 3). */
static inline uint16_t checksum_update16(uint16_t check, uint16_t from, uint16_t to)
{
	return (uint16_t)~checksum_fold((uint32_t)(uint16_t)~check + (uint16_t)~from + to);
}

static inline uint16_t checksum_update32(uint16_t check, uint32_t from, uint32_t to)
{
	return checksum_update16(check, checksum_fold(from), checksum_fold(to));
}

/* UDP says "no checksum" by 0, so a checksum of 0 is sent as all ones (RFC 768);
 * one that is not there stays so. */
static inline uint16_t checksum_update_udp(uint16_t check, uint16_t from, uint16_t to)
{
	uint16_t updated;

	if (check == 0)
		return 0;
	updated = checksum_update16(check, from, to);
	return updated == 0 ? 0xffff : updated;
}
