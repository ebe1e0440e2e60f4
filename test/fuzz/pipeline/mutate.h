/* Changes a capture packet by packet and puts its checksums right, so that what
 * comes out is looked at by more than the code that verifies them. */
#pragma once

#include <rte_ip.h>

#include "frames.h"
#include "packet/packet.h"

#define PCAP_HEADER 24
#define PCAP_RECORD 16
#define PCAP_OPTIONS 8 /* offset of the eight bytes that no reader looks at */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

struct mutation {
	struct frames frames;
	uint8_t options[8];
	uint64_t random;
};

static inline uint32_t mutation_draw(struct mutation *m, uint32_t below)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (uint32_t)(m->random >> 33) % below;
}

static inline struct captured_frame *mutation_frame(struct mutation *m)
{
	return &m->frames.frame[mutation_draw(m, m->frames.count)];
}

/* An mbuf of no pool over a frame. */
static inline struct rte_mbuf mutation_mbuf(const struct captured_frame *f)
{
	return (struct rte_mbuf){.buf_addr = f->data,
				 .buf_len = (uint16_t)f->len,
				 .data_len = (uint16_t)f->len,
				 .pkt_len = f->len,
				 .nb_segs = 1,
				 .refcnt = 1};
}

static inline bool mutation_parse(struct packet *p, struct rte_mbuf *m,
				  const struct captured_frame *f)
{
	*p = (struct packet){0};
	*m = mutation_mbuf(f);
	packet_parse(p, m, f->link);
	return (p->flags & PACKET_IP) && !(p->flags & PACKET_MALFORMED);
}

static inline uint16_t *frame_u16(const struct captured_frame *f, uint32_t at)
{
	return (uint16_t *)(void *)(f->data + at);
}

static inline void frame_put(const struct captured_frame *f, uint32_t at, uint32_t value,
			     unsigned int bytes)
{
	while (bytes-- > 0) {
		f->data[at + bytes] = (uint8_t)value;
		value >>= 8;
	}
}

/* Where a checksum lies of a transport header with `len` bytes; 0: none. */
static inline uint32_t checksum_place(const struct packet *p)
{
	if (p->flags & PACKET_TCP)
		return p->l4 + 16u;
	if (p->flags & PACKET_UDP)
		return p->l4 + 6u;
	return 0;
}

static inline void mutation_checksum(const struct captured_frame *f)
{
	struct rte_mbuf mbuf;
	struct packet p;
	uint32_t place;
	uint16_t sum = 0;

	if (!mutation_parse(&p, &mbuf, f))
		return;
	if (p.flags & PACKET_IP4) {
		memcpy(f->data + p.l3 + 10, &sum, 2);
		sum = (uint16_t)~rte_raw_cksum(f->data + p.l3, (f->data[p.l3] & 15u) * 4);
		memcpy(f->data + p.l3 + 10, &sum, 2);
	}
	place = checksum_place(&p);
	if (place == 0 || p.payload_missing != 0)
		return;
	sum = 0;
	memcpy(f->data + place, &sum, 2);
	if (p.flags & PACKET_IP4) {
		struct rte_ipv4_hdr ip;
		uint32_t len = p.payload + p.payload_len - p.l4;

		memcpy(&ip, f->data + p.l3, sizeof(ip));
		ip.total_length = rte_cpu_to_be_16((uint16_t)(20 + len));
		ip.version_ihl = 0x45;
		sum = rte_raw_cksum(f->data + p.l4, len);
		sum = (uint16_t)~__rte_raw_cksum_reduce(sum + rte_ipv4_phdr_cksum(&ip, 0));
	} else {
		struct rte_ipv6_hdr ip;
		uint32_t len = p.payload + p.payload_len - p.l4;

		memcpy(&ip, f->data + p.l3, sizeof(ip));
		ip.proto = p.proto;
		ip.payload_len = rte_cpu_to_be_16((uint16_t)len);
		sum = rte_raw_cksum(f->data + p.l4, len);
		sum = (uint16_t)~__rte_raw_cksum_reduce(sum + rte_ipv6_phdr_cksum(&ip, 0));
	}
	memcpy(f->data + place, &sum, 2);
}

/* Sets the length that the IP header says. */
static inline void mutation_ip_length(const struct captured_frame *f, const struct packet *p,
				      uint32_t end)
{
	if (p->flags & PACKET_IP4)
		frame_put(f, p->l3 + 2u, end - p->l3, 2);
	else
		frame_put(f, p->l3 + 4u, end - p->l3 - 40, 2);
	if (p->flags & PACKET_UDP)
		frame_put(f, p->l4 + 4u, end - p->l4, 2);
}

/* ---- operations: on the order of packets ---- */

static inline void mutate_insert(struct mutation *m, unsigned int at, struct captured_frame f)
{
	struct frames *all = &m->frames;

	if (all->count == FRAMES_MAX) {
		free(f.data);
		return;
	}
	memmove(&all->frame[at + 1], &all->frame[at], (all->count - at) * sizeof(f));
	all->frame[at] = f;
	all->count++;
}

static inline void mutate_duplicate(struct mutation *m)
{
	struct captured_frame f = *mutation_frame(m);

	f.data = frame_copy(f.data, f.len);
	mutate_insert(m, mutation_draw(m, m->frames.count + 1), f);
}

static inline void mutate_swap(struct mutation *m)
{
	struct captured_frame *a = mutation_frame(m), *b = mutation_frame(m), f = *a;

	*a = *b;
	*b = f;
}

static inline void mutate_remove(struct mutation *m)
{
	struct captured_frame *f = mutation_frame(m);
	unsigned int at = (unsigned int)(f - m->frames.frame);

	if (m->frames.count == 1)
		return;
	free(f->data);
	memmove(f, f + 1, (m->frames.count - at - 1) * sizeof(*f));
	m->frames.count--;
}

static inline void mutate_time(struct mutation *m)
{
	static const uint64_t steps[] = {1000, 900000, 1100000, 1000000000ull, 90000000000ull};
	unsigned int from = mutation_draw(m, m->frames.count);
	uint64_t step = steps[mutation_draw(m, 5)];

	for (unsigned int i = from; i < m->frames.count; i++)
		m->frames.frame[i].time += step;
}

/* ---- on one packet ---- */

/* Cuts the capture short, or the datagram with its length. */
static inline void mutate_cut(struct mutation *m)
{
	struct captured_frame *f = mutation_frame(m);
	struct rte_mbuf mbuf;
	struct packet p;

	if (f->len == 0)
		return;
	if (mutation_parse(&p, &mbuf, f) && p.payload_len > 0 && mutation_draw(m, 3) != 0) {
		f->len = p.payload + mutation_draw(m, p.payload_len);
		f->wire = f->len;
		mutation_ip_length(f, &p, f->len);
		return;
	}
	f->len = mutation_draw(m, f->len) + 1;
}

/* A segment in two, the second of which may overlap the first. */
static inline void mutate_split(struct mutation *m)
{
	struct captured_frame *f = mutation_frame(m), tail = *f;
	struct rte_mbuf mbuf;
	struct packet p;
	uint32_t first, second;

	if (!mutation_parse(&p, &mbuf, f) || !(p.flags & PACKET_TCP) || p.payload_len < 2)
		return;
	first = 1 + mutation_draw(m, p.payload_len - 1);
	second = mutation_draw(m, 2) ? first : mutation_draw(m, first + 1);
	tail.data = frame_copy(f->data, f->len);
	memmove(tail.data + p.payload, tail.data + p.payload + second, p.payload_len - second);
	tail.len = p.payload + p.payload_len - second;
	tail.wire = tail.len;
	frame_put(&tail, p.l4 + 4u, p.seq + second, 4);
	mutation_ip_length(&tail, &p, tail.len);
	mutation_checksum(&tail);
	f->len = p.payload + first;
	f->wire = f->len;
	mutation_ip_length(f, &p, f->len);
	mutation_checksum(f);
	mutate_insert(m, (unsigned int)(f - m->frames.frame) + mutation_draw(m, 2), tail);
}

/* A datagram in two fragments (RFC 791; RFC 8200 has another form). */
static inline void mutate_fragment(struct mutation *m)
{
	struct captured_frame *f = mutation_frame(m), tail = *f;
	struct rte_mbuf mbuf;
	uint32_t data, cut;
	struct packet p;

	if (!mutation_parse(&p, &mbuf, f) || !(p.flags & PACKET_IP4) || (p.flags & PACKET_FRAGMENT))
		return;
	data = p.l3 + (f->data[p.l3] & 15u) * 4;
	if (f->len < data + 16)
		return;
	cut = 8 * (1 + mutation_draw(m, (f->len - data) / 8 - 1));
	tail.data = frame_copy(f->data, f->len);
	memmove(tail.data + data, tail.data + data + cut, f->len - data - cut);
	tail.len = f->len - cut;
	tail.wire = tail.len;
	frame_put(&tail, p.l3 + 2u, tail.len - p.l3, 2);
	frame_put(&tail, p.l3 + 6u, cut / 8 - (mutation_draw(m, 8) == 0), 2);
	mutation_checksum(&tail);
	f->len = data + cut;
	f->wire = f->len;
	frame_put(f, p.l3 + 2u, f->len - p.l3, 2);
	frame_put(f, p.l3 + 6u, 0x2000, 2);
	mutation_checksum(f);
	mutate_insert(m, (unsigned int)(f - m->frames.frame) + mutation_draw(m, 2), tail);
}

/* One field of a TCP header. */
static inline void mutate_tcp(struct mutation *m, const struct captured_frame *f,
			      const struct packet *p)
{
	uint32_t step = mutation_draw(m, 4) == 0 ? mutation_draw(m, 1u << 31) * 2u
						 : mutation_draw(m, 4000) - 2000u;

	switch (mutation_draw(m, 7)) {
	case 0:
	case 1:
		frame_put(f, p->l4 + 4u, p->seq + step, 4);
		break;
	case 2:
		frame_put(f, p->l4 + 8u, p->ack + step, 4);
		break;
	case 3:
		f->data[p->l4 + 13] ^= (uint8_t)(1u << mutation_draw(m, 8));
		break;
	case 4:
		frame_put(f, p->l4 + 14u, mutation_draw(m, 3) ? step : 0, 2);
		break;
	case 5:
		f->data[p->l4 + 13] |= TCP_URG;
		frame_put(f, p->l4 + 18u, mutation_draw(m, 64), 2);
		break;
	default:
		if (p->payload > p->l4 + 20)
			f->data[p->l4 + 20 + mutation_draw(m, p->payload - p->l4 - 20u)] =
			    (uint8_t)mutation_draw(m, 256);
		break;
	}
}

static inline void mutate_header(struct mutation *m)
{
	struct captured_frame *f = mutation_frame(m);
	struct rte_mbuf mbuf;
	struct packet p;

	if (f->len == 0)
		return;
	if (!mutation_parse(&p, &mbuf, f) || mutation_draw(m, 8) == 0) {
		f->data[mutation_draw(m, RTE_MIN(f->len, 80u))] ^=
		    (uint8_t)(1u << mutation_draw(m, 8));
	} else if (p.payload_len > 0 && mutation_draw(m, 4) == 0) {
		f->data[p.payload + mutation_draw(m, p.payload_len)] ^= 1;
	} else if (p.flags & PACKET_TCP) {
		mutate_tcp(m, f, &p);
	} else {
		f->data[p.l3 + mutation_draw(m, f->len - p.l3)] = (uint8_t)mutation_draw(m, 256);
	}
	if (mutation_draw(m, 16) != 0)
		mutation_checksum(f);
}

static inline void mutate_once(struct mutation *m)
{
	switch (mutation_draw(m, 12)) {
	case 0:
		mutate_duplicate(m);
		break;
	case 1:
		mutate_swap(m);
		break;
	case 2:
		mutate_remove(m);
		break;
	case 3:
		mutate_time(m);
		break;
	case 4:
		mutate_cut(m);
		break;
	case 5:
	case 6:
		mutate_split(m);
		break;
	case 7:
		mutate_fragment(m);
		break;
	case 8:
		m->options[mutation_draw(m, 8)] = (uint8_t)mutation_draw(m, 256);
		break;
	default:
		mutate_header(m);
		break;
	}
}

/* ---- a capture again ---- */

static inline uint32_t link_number(enum link_type link)
{
	static const uint32_t numbers[] = {[LINK_ETHERNET] = 1,
					   [LINK_RAW_IP] = 101,
					   [LINK_COOKED] = 113,
					   [LINK_COOKED2] = 276,
					   [LINK_NULL] = 0};

	return numbers[link];
}

/* As pcap with nanoseconds; frames of the first one's link type, as far as there
 * is room. */
static inline size_t mutation_write(const struct mutation *m, uint8_t *to, size_t room)
{
	const struct captured_frame *f = m->frames.frame;
	uint32_t header[] = {0xa1b23c4du, 4u << 16 | 2, 0, 0, 262144, link_number(f->link)};
	enum link_type link = f->link;
	size_t len = PCAP_HEADER;

	if (room < PCAP_HEADER)
		return 0;
	memcpy(to, header, PCAP_HEADER);
	memcpy(to + PCAP_OPTIONS, m->options, sizeof(m->options));
	for (; f < m->frames.frame + m->frames.count; f++) {
		uint32_t record[] = {(uint32_t)(f->time / 1000000000),
				     (uint32_t)(f->time % 1000000000), f->len,
				     RTE_MAX(f->wire, f->len)};

		if (f->link != link || len + PCAP_RECORD + f->len > room)
			continue;
		memcpy(to + len, record, PCAP_RECORD);
		memcpy(to + len + PCAP_RECORD, f->data, f->len);
		len += PCAP_RECORD + f->len;
	}
	return len;
}

static inline void mutation_load(struct mutation *m, const uint8_t *data, size_t size,
				 unsigned int seed)
{
	frames_load(&m->frames, data, size);
	memset(m->options, 0, sizeof(m->options));
	if (size >= PCAP_HEADER)
		memcpy(m->options, data + PCAP_OPTIONS, sizeof(m->options));
	m->random = seed * 0x9e3779b97f4a7c15ull + 1;
}

/* Some changes; one in sixteen is left to libFuzzer, for the file's own format. */
static inline size_t mutate_capture(uint8_t *data, size_t size, size_t room, unsigned int seed)
{
	static struct mutation m;
	size_t len;

	mutation_load(&m, data, size, seed);
	if (m.frames.count == 0 || mutation_draw(&m, 16) == 0) {
		frames_free(&m.frames);
		return LLVMFuzzerMutate(data, size, room);
	}
	for (uint32_t times = 1 + mutation_draw(&m, 4); times > 0; times--)
		mutate_once(&m);
	len = mutation_write(&m, data, room);
	frames_free(&m.frames);
	return len;
}

/* Packets of two captures of one link type, in turns or one behind the other. */
static inline size_t cross_captures(const uint8_t *a, size_t a_size, const uint8_t *b,
				    size_t b_size, uint8_t *out, size_t room, unsigned int seed)
{
	static struct mutation first, second;
	unsigned int at;
	size_t len = 0;

	mutation_load(&first, a, a_size, seed);
	mutation_load(&second, b, b_size, seed);
	at = first.frames.count == 0 ? 0 : mutation_draw(&first, first.frames.count + 1);
	for (unsigned int i = 0; i < second.frames.count && first.frames.count > 0; i++) {
		struct captured_frame f = second.frames.frame[i];

		f.data = frame_copy(f.data, f.len);
		f.time = first.frames.frame[at == 0 ? 0 : at - 1].time;
		mutate_insert(&first, at, f);
		at = RTE_MIN(at + 1 + mutation_draw(&first, 2), first.frames.count);
	}
	if (first.frames.count > 0)
		len = mutation_write(&first, out, room);
	frames_free(&first.frames);
	frames_free(&second.frames);
	return len;
}
