#include "peer.h"

#include <arpa/inet.h>
#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, URG = 32 };
enum { OPTION_MSS = 2, OPTION_SCALE, OPTION_SACK_OK, OPTION_TIMESTAMP = 8, OPTION_FASTOPEN = 34 };

#define MSS 1400
#define OPTIONS_MAX 40
#define CLOCK_STEP 16 /* of our timestamps a segment */

uint8_t peer_byte(int32_t position, uint8_t copy)
{
	uint32_t at = (uint32_t)position % 26;

	return copy == 0  ? (uint8_t)('a' + at)
	       : copy < 8 ? (uint8_t)('A' + (at + copy - 1u) % 26)
			  : (uint8_t)('0' + (at + copy) % 10);
}

void peer_begin(struct peer *p, const struct scenario *s, uint16_t port, uint16_t host_port)
{
	uint8_t cookie_len = p->cookie_len, cookie[COOKIE_MAX];

	memcpy(cookie, p->cookie, COOKIE_MAX);
	*p = (struct peer){
	    .scenario = s,
	    .port = port,
	    .host_port = host_port,
	    .isn = s->isn,
	    .clock = 100000,
	    .cookie_len = cookie_len,
	};
	memcpy(p->cookie, cookie, COOKIE_MAX);
}

void peer_renew(struct peer *p, uint32_t isn_more)
{
	p->isn += isn_more;
	p->known = false;
	p->host_timestamps = p->host_scaled = false;
	p->host_scale = 0;
	p->host_isn = p->host_next = p->expects = p->edge = 0;
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static void hear_options(struct peer *p, const uint8_t *at, const uint8_t *end, bool syn)
{
	while (at < end && *at != 0) {
		if (*at == 1) {
			at++;
			continue;
		}
		if (at + 2 > end || at[1] < 2 || at + at[1] > end)
			return;
		if (*at == OPTION_TIMESTAMP) {
			p->host_clock = get32(at + 2);
			p->host_timestamps = p->host_timestamps || syn;
		} else if (*at == OPTION_SCALE && syn) {
			p->host_scale = at[2];
			p->host_scaled = true;
		} else if (*at == OPTION_FASTOPEN && at[1] > 2 && at[1] - 2 <= COOKIE_MAX) {
			p->cookie_len = (uint8_t)(at[1] - 2);
			memcpy(p->cookie, at + 2, p->cookie_len);
		}
		at += at[1];
	}
}

void peer_hear(struct peer *p, const uint8_t *frame, uint32_t len)
{
	const uint8_t *ip = frame + 14, *tcp = ip + (ip[0] & 15) * 4;
	uint32_t header = (tcp[12] >> 4) * 4u;
	uint32_t payload = (uint32_t)(ip[2] << 8 | ip[3]) - (uint32_t)(ip[0] & 15) * 4 - header;
	uint32_t seq = get32(tcp + 4), next = seq + payload;
	bool syn = (tcp[13] & SYN) != 0, scales;

	if ((uint32_t)(tcp - frame) + header > len || (tcp[13] & RST))
		return;
	p->host_port = (uint16_t)(tcp[0] << 8 | tcp[1]);
	hear_options(p, tcp + 20, tcp + header, syn);
	next += syn + ((tcp[13] & FIN) != 0);
	if (syn && (!p->known || p->host_isn != seq)) {
		p->known = true;
		p->host_isn = seq;
		p->host_next = next;
	}
	if ((int32_t)(next - p->host_next) > 0)
		p->host_next = next;
	if (!(tcp[13] & ACK))
		return;
	scales = !syn && p->scenario->scaled && p->host_scaled;
	p->expects = get32(tcp + 8);
	p->edge = p->expects + ((uint32_t)(tcp[14] << 8 | tcp[15]) << (scales ? p->host_scale : 0));
}

/* ---- segments ---- */

static uint16_t sum(const uint8_t *at, uint32_t len, uint32_t more)
{
	for (uint32_t i = 0; i < len; i++)
		more += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
	while (more >> 16)
		more = (more & 0xffff) + (more >> 16);
	return (uint16_t)~more;
}

static uint32_t timestamp_value(struct peer *p, const struct segment_spec *g)
{
	switch (g->timestamp) {
	case TIMESTAMP_OLD:
		return p->clock - 50000;
	case TIMESTAMP_ZERO:
		return 0;
	case TIMESTAMP_AHEAD:
		return p->clock + 1000000;
	default:
		return p->clock;
	}
}

static uint8_t *write_cookie(const struct peer *p, const struct segment_spec *g, uint8_t *at)
{
	uint8_t len = g->cookie == COOKIE_ASK ? 0 : p->cookie_len == 0 ? 8 : p->cookie_len;

	if (g->cookie == COOKIE_NONE)
		return at;
	at[0] = OPTION_FASTOPEN;
	at[1] = (uint8_t)(len + 2);
	memcpy(at + 2, p->cookie, len);
	if (g->cookie == COOKIE_WRONG)
		at[2] ^= 0x55;
	return at + 2 + len;
}

static uint8_t *write_options(struct peer *p, const struct segment_spec *g, uint8_t *at)
{
	const struct scenario *s = p->scenario;
	const uint8_t *begin = at;
	bool syn = (g->flags & SYN) != 0;
	bool offers = !(g->damage & DAMAGE_BARE);

	if (syn && offers) {
		at[0] = OPTION_MSS;
		at[1] = 4;
		put16(at + 2, MSS);
		at += 4;
		if (s->scaled) {
			memcpy(at, (uint8_t[]){OPTION_SCALE, 3, s->scale}, 3);
			at += 3;
		}
		if (s->sack) {
			memcpy(at, (uint8_t[]){OPTION_SACK_OK, 2}, 2);
			at += 2;
		}
	}
	if (offers && g->timestamp != TIMESTAMP_NONE && s->timestamps &&
	    (syn || p->host_timestamps)) {
		memcpy(at, (uint8_t[]){1, 1, OPTION_TIMESTAMP, 10}, 4);
		put32(at + 4, timestamp_value(p, g));
		put32(at + 8, g->flags & ACK ? p->host_clock : 0);
		at += 12;
	}
	if (g->damage & DAMAGE_MD5 && at - begin + 18 <= OPTIONS_MAX) {
		memset(at, 0x42, 18);
		memcpy(at, (uint8_t[]){19, 18}, 2);
		at += 18;
	}
	if (at - begin + 2 + COOKIE_MAX <= OPTIONS_MAX)
		at = write_cookie(p, g, at);
	if (at - begin + g->option_len <= OPTIONS_MAX) {
		memcpy(at, g->option, g->option_len);
		at += g->option_len;
	}
	while ((at - begin) % 4 != 0)
		*at++ = 1;
	return at;
}

static uint32_t spec_seq(const struct peer *p, const struct segment_spec *g)
{
	uint32_t base = p->isn + 1;

	if (g->seq_base == FROM_NEXT && p->expects != 0)
		base = p->expects;
	else if (g->seq_base == FROM_EDGE && p->expects != 0)
		base = p->edge;
	return base + (uint32_t)g->seq;
}

static uint32_t spec_ack(const struct peer *p, const struct segment_spec *g)
{
	if (!(g->flags & ACK))
		return 0;
	return (g->ack_base == FROM_START ? p->host_isn + 1 : p->host_next) + (uint32_t)g->ack;
}

static uint8_t *write_tcp(struct peer *p, const struct segment_spec *g, uint8_t *tcp)
{
	uint32_t seq = spec_seq(p, g);
	int32_t position = (int32_t)(seq + ((g->flags & SYN) != 0) - p->isn - 1);
	uint8_t *at = write_options(p, g, tcp + 20);
	uint32_t header = (uint32_t)(at - tcp), total;
	uint32_t pseudo =
	    (WIRE_HOST >> 16) + (WIRE_HOST & 0xffff) + (WIRE_PEER >> 16) + (WIRE_PEER & 0xffff) + 6;

	memset(tcp, 0, 20);
	put16(tcp, p->port);
	put16(tcp + 2, p->host_port);
	put32(tcp + 4, seq);
	put32(tcp + 8, spec_ack(p, g));
	tcp[12] = (uint8_t)((g->offset != 0 ? g->offset : header / 4) << 4);
	if (g->damage & DAMAGE_RESERVED)
		tcp[12] |= 0x0e;
	tcp[13] = g->flags;
	put16(tcp + 14, g->window);
	put16(tcp + 18, g->urgent);
	for (uint16_t i = 0; i < g->len; i++)
		*at++ = peer_byte((int32_t)((uint32_t)position + i), g->copy);
	total = (uint32_t)(at - tcp);
	put16(tcp + 16,
	      sum(tcp, total, pseudo + total) ^ (g->damage & DAMAGE_TCP_SUM ? 0x0101 : 0));
	p->clock += CLOCK_STEP;
	return at;
}

uint32_t peer_speak(struct peer *p, const struct segment_spec *g, uint8_t frame[WIRE_FRAME_MAX])
{
	uint8_t *ip = frame + 14;
	uint32_t ip_header = g->damage & DAMAGE_IP_OPTIONS ? 24 : 20;
	uint8_t *end;

	memcpy(frame, wire_host_mac, 6);
	memcpy(frame + 6, wire_peer_mac, 6);
	put16(frame + 12, 0x0800);
	memset(ip, 0, 20);
	memset(ip + 20, 1, 4); /* no-operations, if they are options */
	end = write_tcp(p, g, ip + ip_header);
	ip[0] = (uint8_t)(0x40 | ip_header / 4);
	put16(ip + 2, (uint32_t)(end - ip) + (uint32_t)g->ip_more);
	ip[8] = g->ttl == 0 ? 64 : g->ttl;
	ip[9] = 6;
	put32(ip + 12, WIRE_PEER);
	put32(ip + 16, WIRE_HOST);
	put16(ip + 10, sum(ip, ip_header, 0) ^ (g->damage & DAMAGE_IP_SUM ? 0x0101 : 0));
	memset(end, 'P', g->pad);
	return (uint32_t)(end - frame) + g->pad;
}
