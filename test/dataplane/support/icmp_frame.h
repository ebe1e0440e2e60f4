/* ICMP messages between 10.0.0.<host> and their like of IPv6, and what they quote. */
#pragma once

#include "ip_frame.h"

struct icmp_spec {
	bool ip6;
	uint8_t from, to; /* hosts */
	uint8_t type, code;
	uint32_t word; /* behind the checksum */
	const uint8_t *body;
	uint16_t len;
	uint16_t vlan; /* 0: no tag */
	bool wrong;    /* checksum */
};

static inline struct frame icmp_frame(const struct icmp_spec *s)
{
	uint16_t type = s->ip6 ? 0x86dd : 0x0800, sum, len = (uint16_t)(8 + s->len);
	struct frame f = {.len = 0};
	uint32_t ip, at;

	frame_eth(&f, s->vlan != 0 ? 0x8100 : type);
	if (s->vlan != 0)
		frame_tag(&f, s->vlan, type);
	ip =
	    s->ip6 ? frame_ip6(&f, s->from, s->to, 58, len) : frame_ip4(&f, s->from, s->to, 1, len);
	at = f.len;
	frame_fill(&f, 0, 8);
	f.bytes[at] = s->type;
	f.bytes[at + 1] = s->code;
	frame_put32(&f, at + 4, s->word);
	if (s->len > 0)
		frame_add(&f, s->body, s->len);
	if (!s->ip6) {
		sum = rte_ipv4_cksum((struct rte_ipv4_hdr *)(f.bytes + ip));
		memcpy(f.bytes + ip + 10, &sum, 2);
		sum = (uint16_t)~rte_raw_cksum(f.bytes + at, len);
	} else {
		uint32_t all = rte_raw_cksum(f.bytes + at, len);

		all += rte_ipv6_phdr_cksum((struct rte_ipv6_hdr *)(f.bytes + ip), 0);
		sum = (uint16_t) ~(uint16_t)((all & 0xffff) + (all >> 16));
	}
	sum ^= s->wrong ? 0x1234 : 0;
	memcpy(f.bytes + at + 2, &sum, 2);
	return f;
}

static inline struct rte_mbuf *icmp_mbuf(struct rig *r, const struct icmp_spec *s, uint64_t time)
{
	struct frame f = icmp_frame(s);

	return rig_mbuf(r->pool, f.bytes, f.len, time);
}

static inline void icmp_send_at(struct rig *r, const struct icmp_spec *s, uint64_t time)
{
	struct rte_mbuf *m = icmp_mbuf(r, s, time);

	rig_run(r, &m, 1, LINK_ETHERNET);
}

static inline void icmp_send(struct rig *r, const struct icmp_spec *s)
{
	icmp_send_at(r, s, tcp_clock += 1000);
}

/* The beginning of an IP packet as an error quotes it. */
struct quote {
	uint8_t bytes[256];
	uint16_t len;
};

static inline struct quote quote_frame(const struct frame *f)
{
	struct quote q = {.len = (uint16_t)(f->len - 14)};

	memcpy(q.bytes, f->bytes + 14, q.len);
	return q;
}

/* A segment without options or data: 40 bytes over IPv4. */
static inline struct quote quote_tcp(const struct tcp_spec *t)
{
	struct frame f = {.len = 0};

	f.len = tcp_frame_write(f.bytes, t);
	return quote_frame(&f);
}

static inline struct quote quote_tcp6(const struct tcp_spec *t)
{
	uint8_t four[2048];
	struct frame f = {.len = 0};

	tcp_frame_write(four, t);
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, (uint8_t)(1 + t->dir), (uint8_t)(2 - t->dir), 6, 20);
	frame_add(&f, four + 34, 20);
	return quote_frame(&f);
}

static inline struct quote quote_udp(int dir)
{
	struct frame f = {.len = 0};

	frame_eth(&f, 0x0800);
	frame_ip4(&f, (uint8_t)(1 + dir), (uint8_t)(2 - dir), 17, 108);
	frame_udp(&f, dir == 0 ? 1234 : 53, dir == 0 ? 53 : 1234, 108);
	frame_fill(&f, 'x', 100);
	return quote_frame(&f);
}

static inline struct quote quote_icmp(const struct icmp_spec *s)
{
	struct frame f = icmp_frame(s);

	return quote_frame(&f);
}

/* The error of a router, 10.0.0.9, about a packet of host <to>. */
static inline struct icmp_spec icmp_error(const struct quote *q, uint8_t to, uint8_t type,
					  uint8_t code)
{
	return (struct icmp_spec){.ip6 = q->bytes[0] >> 4 == 6,
				  .from = 9,
				  .to = to,
				  .type = type,
				  .code = code,
				  .body = q->bytes,
				  .len = q->len};
}
