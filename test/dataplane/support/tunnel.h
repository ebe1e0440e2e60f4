/* Headers of tunnels, after those of support/frame.h. Lengths of what carries a
 * tunnel are filled in by frame_close_all(). */
#pragma once

#include "frame.h"

struct tunnel_frame {
	struct frame f;
	/* Fields that say how much follows, and what they count from. */
	struct {
		uint32_t at, from;
	} length[16];
	unsigned int lengths;
};

static inline void tunnel_length(struct tunnel_frame *t, uint32_t at, uint32_t from)
{
	t->length[t->lengths].at = at;
	t->length[t->lengths++].from = from;
}

static inline void tunnel_eth(struct tunnel_frame *t, uint16_t type)
{
	frame_eth(&t->f, type);
}

static inline void tunnel_ip4(struct tunnel_frame *t, uint8_t from, uint8_t to, uint8_t proto)
{
	uint32_t at = frame_ip4(&t->f, from, to, proto, 0);

	tunnel_length(t, at + 2, at);
}

static inline void tunnel_ip6(struct tunnel_frame *t, uint8_t from, uint8_t to, uint8_t next)
{
	uint32_t at = frame_ip6(&t->f, from, to, next, 0);

	tunnel_length(t, at + 4, at + 40);
}

static inline void tunnel_udp(struct tunnel_frame *t, uint16_t sport, uint16_t dport)
{
	uint32_t at = frame_udp(&t->f, sport, dport, 0);

	tunnel_length(t, at + 4, at);
}

static inline void tunnel_vxlan(struct tunnel_frame *t, uint32_t vni)
{
	tunnel_udp(t, 50000, 4789);
	frame_add(&t->f, "\x08\0\0\0", 4);
	frame_put32(&t->f, t->f.len, vni << 8);
	t->f.len += 4;
}

static inline void tunnel_geneve(struct tunnel_frame *t, uint32_t vni, uint16_t type,
				 unsigned int option_words)
{
	tunnel_udp(t, 50000, 6081);
	frame_fill(&t->f, (uint8_t)option_words, 1);
	frame_fill(&t->f, 0, 1);
	frame_u16(&t->f, type);
	frame_put32(&t->f, t->f.len, vni << 8);
	t->f.len += 4;
	frame_fill(&t->f, 0xab, option_words * 4);
}

/* `flags` as in the header: 0x8000 checksum, 0x2000 key, 0x1000 sequence. */
static inline void tunnel_gre(struct tunnel_frame *t, uint16_t flags, uint32_t key, uint16_t type)
{
	frame_u16(&t->f, flags);
	frame_u16(&t->f, type);
	if (flags & 0x8000)
		frame_fill(&t->f, 0, 4);
	if (flags & 0x2000) {
		frame_put32(&t->f, t->f.len, key);
		t->f.len += 4;
	}
	if (flags & 0x1000)
		frame_fill(&t->f, 0, 4);
}

static inline void tunnel_mpls(struct tunnel_frame *t, uint32_t label, bool bottom)
{
	frame_put32(&t->f, t->f.len, label << 12 | (bottom ? 0x100u : 0) | 64);
	t->f.len += 4;
}

/* `protocol` below 256 is compressed to one byte. */
static inline void tunnel_pppoe(struct tunnel_frame *t, uint16_t session, uint16_t protocol,
				bool compressed)
{
	frame_add(&t->f, "\x11\0", 2);
	frame_u16(&t->f, session);
	tunnel_length(t, t->f.len, t->f.len + 2);
	frame_u16(&t->f, 0);
	if (compressed)
		frame_fill(&t->f, (uint8_t)protocol, 1);
	else
		frame_u16(&t->f, protocol);
}

/* The frame as it is, with the lengths that it has. */
static inline void tunnel_close(struct tunnel_frame *t)
{
	for (unsigned int i = 0; i < t->lengths; i++)
		frame_put16(&t->f, t->length[i].at, (uint16_t)(t->f.len - t->length[i].from));
}

/* The innermost packet: IPv4 and TCP 1234 to 80 from host `from` to host `to`. */
static inline void tunnel_tcp4(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t payload)
{
	tunnel_ip4(t, from, to, 6);
	frame_tcp(&t->f, from < to ? 1234 : 80, from < to ? 80 : 1234);
	frame_fill(&t->f, 'x', payload);
	tunnel_close(t);
}

static inline void tunnel_tcp6(struct tunnel_frame *t, uint8_t from, uint8_t to, uint16_t payload)
{
	tunnel_ip6(t, from, to, 6);
	frame_tcp(&t->f, from < to ? 1234 : 80, from < to ? 80 : 1234);
	frame_fill(&t->f, 'x', payload);
	tunnel_close(t);
}
