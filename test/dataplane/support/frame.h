/* Frames put together header by header, and wrapped as mbufs whose memory ends
 * where the frame ends, so that ASan sees a read past it. */
#pragma once

#include <rte_ip.h>
#include <rte_mbuf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct frame {
	uint8_t bytes[4096];
	uint32_t len;
};

static inline void frame_add(struct frame *f, const void *bytes, uint32_t len)
{
	memcpy(f->bytes + f->len, bytes, len);
	f->len += len;
}

static inline void frame_fill(struct frame *f, uint8_t value, uint32_t len)
{
	memset(f->bytes + f->len, value, len);
	f->len += len;
}

static inline void frame_put16(struct frame *f, uint32_t at, uint16_t value)
{
	f->bytes[at] = (uint8_t)(value >> 8);
	f->bytes[at + 1] = (uint8_t)value;
}

static inline void frame_put32(struct frame *f, uint32_t at, uint32_t value)
{
	frame_put16(f, at, (uint16_t)(value >> 16));
	frame_put16(f, at + 2, (uint16_t)value);
}

static inline void frame_u16(struct frame *f, uint16_t value)
{
	frame_put16(f, f->len, value);
	f->len += 2;
}

static inline void frame_eth(struct frame *f, uint16_t type)
{
	frame_add(f, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
	frame_u16(f, type);
}

/* After a type that says "tag": its id, and the next type. */
static inline void frame_tag(struct frame *f, uint16_t id, uint16_t type)
{
	frame_u16(f, id);
	frame_u16(f, type);
}

/* From 10.0.0.<from> to 10.0.0.<to>; `payload` bytes will follow. */
static inline uint32_t frame_ip4(struct frame *f, uint8_t from, uint8_t to, uint8_t proto,
				 uint16_t payload)
{
	uint32_t at = f->len;

	frame_fill(f, 0, 20);
	f->bytes[at] = 0x45;
	frame_put16(f, at + 2, (uint16_t)(20 + payload));
	f->bytes[at + 8] = 64;
	f->bytes[at + 9] = proto;
	frame_put32(f, at + 12, 0x0a000000u | from);
	frame_put32(f, at + 16, 0x0a000000u | to);
	return at;
}

/* From fd00::<from> to fd00::<to>. */
static inline uint32_t frame_ip6(struct frame *f, uint8_t from, uint8_t to, uint8_t next,
				 uint16_t payload)
{
	uint32_t at = f->len;

	frame_fill(f, 0, 40);
	f->bytes[at] = 0x60;
	frame_put16(f, at + 4, payload);
	f->bytes[at + 6] = next;
	f->bytes[at + 7] = 64;
	f->bytes[at + 8] = f->bytes[at + 24] = 0xfd;
	f->bytes[at + 23] = from;
	f->bytes[at + 39] = to;
	return at;
}

/* An extension header of eight bytes. */
static inline uint32_t frame_extension(struct frame *f, uint8_t next)
{
	uint32_t at = f->len;

	frame_fill(f, 0, 8);
	f->bytes[at] = next;
	return at;
}

static inline uint32_t frame_tcp(struct frame *f, uint16_t sport, uint16_t dport)
{
	uint32_t at = f->len;

	frame_fill(f, 0, 20);
	frame_put16(f, at, sport);
	frame_put16(f, at + 2, dport);
	frame_put32(f, at + 4, 0x01020304);
	frame_put32(f, at + 8, 0x05060708);
	f->bytes[at + 12] = 0x50;
	f->bytes[at + 13] = 0x18; /* ACK, PSH */
	frame_put16(f, at + 14, 4096);
	return at;
}

/* `len` bytes with the header, as the header says. */
static inline uint32_t frame_udp(struct frame *f, uint16_t sport, uint16_t dport, uint16_t len)
{
	uint32_t at = f->len;

	frame_u16(f, sport);
	frame_u16(f, dport);
	frame_u16(f, len);
	frame_u16(f, 0);
	return at;
}

/* Ethernet, IPv4, TCP 1234 to 80 and `payload` bytes of 'x'. */
static inline struct frame frame_tcp4(uint16_t payload)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x0800);
	frame_ip4(&f, 1, 2, 6, (uint16_t)(20 + payload));
	frame_tcp(&f, 1234, 80);
	frame_fill(&f, 'x', payload);
	return f;
}

static inline struct frame frame_udp4(uint16_t payload)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x0800);
	frame_ip4(&f, 1, 2, 17, (uint16_t)(8 + payload));
	frame_udp(&f, 1234, 53, (uint16_t)(8 + payload));
	frame_fill(&f, 'x', payload);
	return f;
}

static inline struct frame frame_tcp6(uint16_t payload)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, 6, (uint16_t)(20 + payload));
	frame_tcp(&f, 1234, 80);
	frame_fill(&f, 'x', payload);
	return f;
}

static inline struct frame frame_udp6(uint16_t payload)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, 17, (uint16_t)(8 + payload));
	frame_udp(&f, 1234, 53, (uint16_t)(8 + payload));
	frame_fill(&f, 'x', payload);
	return f;
}

/* Computes the checksums of a frame with one Ethernet header and no IPv6
 * extensions; `proto` is that of its transport header. */
static inline void frame_checksum(struct frame *f, uint8_t proto)
{
	void *ip = f->bytes + 14;
	void *l4 = f->bytes + (f->bytes[14] >> 4 == 4 ? 34 : 54);
	uint8_t *field = (uint8_t *)l4 + (proto == 6 ? 16 : 6);
	uint16_t sum;

	memset(field, 0, 2);
	if (f->bytes[14] >> 4 == 4) {
		memset(f->bytes + 24, 0, 2);
		sum = rte_ipv4_cksum(ip);
		memcpy(f->bytes + 24, &sum, 2);
		sum = rte_ipv4_udptcp_cksum(ip, l4);
	} else {
		sum = rte_ipv6_udptcp_cksum(ip, l4);
	}
	memcpy(field, &sum, 2);
}

/* An mbuf of no pool over a copy of `len` bytes in memory of exactly that size,
 * which mbuf_unwrap() frees. */
static inline struct rte_mbuf mbuf_wrap(const uint8_t *bytes, uint32_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, len);
	return (struct rte_mbuf){
	    .buf_addr = len != 0 ? copy : copy + 1,
	    .buf_len = (uint16_t)len,
	    .data_len = (uint16_t)len,
	    .pkt_len = len,
	    .nb_segs = 1,
	    .refcnt = 1,
	};
}

static inline void mbuf_unwrap(struct rte_mbuf *m)
{
	free(m->pkt_len != 0 ? m->buf_addr : (uint8_t *)m->buf_addr - 1);
}
