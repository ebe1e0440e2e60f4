/* One TCP segment: sequence arithmetic, options as far as they decide what a
 * host does, and the segments that the stack itself sends. */
#pragma once

#include <rte_byteorder.h>
#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "../packet/packet.h"

/* Sequence numbers wrap (RFC 9293, section 3.4). */
static inline bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
	return seq_after(a, b) ? a : b;
}

enum tcp_option {
	TCP_OPTION_TIMESTAMP = 1 << 0, /* RFC 7323 */
	TCP_OPTION_SCALE = 1 << 1,     /* RFC 7323 */
	TCP_OPTION_SACK_OK = 1 << 2,   /* RFC 2018 */
	TCP_OPTION_MD5 = 1 << 3,       /* RFC 2385 */
	TCP_OPTION_FASTOPEN = 1 << 4,  /* RFC 7413 */
	TCP_OPTION_BROKEN = 1 << 5,    /* no option: where a signature could be, none can be read */
};

struct tcp_segment {
	uint32_t seq;
	uint32_t ack;
	uint32_t len;	 /* payload bytes on the wire, SYN and FIN not counted */
	uint16_t window; /* not scaled */
	uint8_t flags;	 /* enum tcp_flag */
	uint8_t options; /* enum tcp_option */
	uint8_t scale;	 /* of the option, at most 14 */
	uint32_t tsval, tsecr;
};

/* Reads `len` bytes of options; stops at the first malformed one, as hosts do. */
void tcp_options_parse(struct tcp_segment *seg, const uint8_t *options, unsigned int len);

/* Both SYN and FIN take a sequence number (RFC 9293, section 3.4). */
static inline uint32_t tcp_segment_end(const struct tcp_segment *seg)
{
	return seg->seq + seg->len + ((seg->flags & TCP_SYN) != 0) + ((seg->flags & TCP_FIN) != 0);
}

/* From a packet with PACKET_TCP, with no options or the common ones, two NOPs and a
 * timestamp. False: it has others, which are left out. */
static __rte_always_inline bool tcp_segment_read_usual(struct tcp_segment *seg,
						       const struct packet *p)
{
	unsigned int options = (unsigned int)(p->payload - p->l4) - 20;
	const uint8_t *at = packet_at(p, p->l4) + 20;
	unaligned_uint32_t word;

	*seg = (struct tcp_segment){
	    .seq = p->seq,
	    .ack = p->ack,
	    .len = p->payload_len + p->payload_missing,
	    .window = p->window,
	    .flags = p->tcp_flags,
	};
	if (options == 0)
		return true;
	memcpy(&word, at, 4);
	if (options != 12 || word != RTE_BE32(0x0101080a))
		return false;
	seg->options = TCP_OPTION_TIMESTAMP;
	memcpy(&word, at + 4, 4);
	seg->tsval = rte_be_to_cpu_32(word);
	memcpy(&word, at + 8, 4);
	seg->tsecr = rte_be_to_cpu_32(word);
	return true;
}

/* The same with any options. */
static __rte_always_inline void tcp_segment_read(struct tcp_segment *seg, const struct packet *p)
{
	if (!tcp_segment_read_usual(seg, p))
		tcp_options_parse(seg, packet_at(p, p->l4) + 20,
				  (unsigned int)(p->payload - p->l4) - 20);
}

/* What a segment that the stack sends is made of. Ports, numbers and lengths in
 * host order; addresses as in the frame, 4 or 16 bytes by `version`. */
struct tcp_reply {
	const uint8_t *l2; /* header to put before the IP header */
	uint16_t l2_len;
	uint8_t version;
	uint8_t flags; /* enum tcp_flag */
	const uint8_t *src, *dst;
	uint16_t sport, dport;
	uint32_t seq, ack;
};

/* A segment without options and payload, with all checksums. NULL when the pool
 * is empty. */
struct rte_mbuf *tcp_segment_build(struct rte_mempool *pool, const struct tcp_reply *reply);

/* Resets the connection towards `dst`: RST at `seq`, the next byte that it
 * expects (RFC 5961, section 3.2), with ACK of `ack`. */
struct rte_mbuf *tcp_reset_build(struct rte_mempool *pool, const uint8_t *l2, uint16_t l2_len,
				 uint8_t version, const uint8_t *src, const uint8_t *dst,
				 uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack);
