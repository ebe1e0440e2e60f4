#include "quote.h"

#include <string.h>

#include "network.h"
#include "zone.h"

#define QUOTED_TRANSPORT_LEN 8
#define QUOTE_MAX 1280 /* no error is longer (RFC 4443, section 2.4) */

/* The quoted datagram as far as it is known. */
struct quoted {
	const uint8_t *ip;
	uint32_t len;	    /* bytes that the error has of it */
	uint32_t transport; /* offset */
	uint8_t proto;
	bool authenticated;
};

static uint16_t quoted_u16(const struct quoted *d, uint32_t offset)
{
	return (uint16_t)(d->ip[offset] << 8 | d->ip[offset + 1]);
}

/* False where it is cut, or of no valid length. */
static bool quoted_authentication(struct quoted *d)
{
	const uint8_t *at = d->ip + d->transport;

	if (d->transport + AUTHENTICATION_LEN_MIN > d->len ||
	    authentication_len(at) < AUTHENTICATION_LEN_MIN)
		return false;
	d->transport += authentication_len(at);
	d->proto = at[0];
	d->authenticated = true;
	return true;
}

static bool quoted_ip4(struct quoted *d)
{
	if (d->len < IP4_HEADER_LEN || d->ip[0] >> 4 != 4)
		return false;
	if (quoted_u16(d, 6) & IP4_FRAGMENT_OFFSET)
		return false;
	d->transport = (d->ip[0] & 0x0fu) * 4;
	d->proto = d->ip[9];
	if (d->transport < IP4_HEADER_LEN)
		return false;
	while (d->proto == IP_PROTO_AUTHENTICATION)
		if (!quoted_authentication(d))
			return false;
	return true;
}

static bool quoted_ip6(struct quoted *d)
{
	if (d->len < IP6_HEADER_LEN || d->ip[0] >> 4 != 6)
		return false;
	d->transport = IP6_HEADER_LEN;
	d->proto = d->ip[6];
	while (ip6_is_extension(d->proto)) {
		const uint8_t *at = d->ip + d->transport;

		if (d->proto == IP_PROTO_AUTHENTICATION) {
			if (!quoted_authentication(d))
				return false;
			continue;
		}
		if (d->transport + 8 > d->len)
			return false;
		if (d->proto == IP_PROTO_FRAGMENT &&
		    (quoted_u16(d, d->transport + 2) & IP6_FRAGMENT_OFFSET))
			return false;
		d->transport += ip6_extension_len(d->proto, at);
		d->proto = at[0];
	}
	return true;
}

/* Ports, or the identifier of a query twice; false for what has no flows. */
static bool quoted_ports(const struct quoted *d, bool ip6, uint32_t ports[2], bool *reply)
{
	enum icmp_class class;

	if (d->proto == IP_PROTO_TCP || d->proto == IP_PROTO_UDP) {
		ports[0] = quoted_u16(d, d->transport);
		ports[1] = quoted_u16(d, d->transport + 2);
		return true;
	}
	if (d->proto != (ip6 ? IP_PROTO_ICMP6 : IP_PROTO_ICMP))
		return false;
	class = ip6 ? icmp6_class(d->ip[d->transport]) : icmp4_class(d->ip[d->transport]);
	ports[0] = ports[1] = quoted_u16(d, d->transport + 4);
	*reply = class == ICMP_CLASS_REPLY;
	return class == ICMP_CLASS_REQUEST || class == ICMP_CLASS_REPLY;
}

static enum icmp_kind kind_of(const struct packet *p)
{
	static const uint8_t kinds6[] = {0, ICMP_KIND_UNREACHABLE, ICMP_KIND_TOO_BIG,
					 ICMP_KIND_TIME_EXCEEDED, ICMP_KIND_PARAMETER_PROBLEM};
	uint8_t type = (uint8_t)(p->sport >> 8);

	if ((p->flags & PACKET_IP6) != 0)
		return (enum icmp_kind)kinds6[type];
	switch (type) {
	case 3:
		return (p->sport & 0xff) == 4 ? ICMP_KIND_TOO_BIG : ICMP_KIND_UNREACHABLE;
	case 4:
		return ICMP_KIND_SOURCE_QUENCH;
	case 5:
		return ICMP_KIND_REDIRECT;
	case 11:
		return ICMP_KIND_TIME_EXCEEDED;
	default:
		return ICMP_KIND_PARAMETER_PROBLEM;
	}
}

/* RFC 1191, section 4: the lower half of the word; RFC 4443, section 3.2: all. */
static uint32_t icmp_mtu(const struct packet *p)
{
	uint32_t word;

	memcpy(&word, packet_at(p, (uint16_t)(p->l4 + 4)), sizeof(word));
	word = rte_be_to_cpu_32(word);
	return (p->flags & PACKET_IP6) != 0 ? word : word & 0xffff;
}

bool packet_icmp_quote(const struct packet *p, struct icmp_quote *q)
{
	uint8_t room[QUOTE_MAX]; /* where the frame is in pieces */
	struct quoted d = {.len = RTE_MIN(p->payload_len, (uint32_t)QUOTE_MAX)};
	bool ip6 = (p->flags & PACKET_IP6) != 0;
	uint32_t source = ip6 ? 8 : 12, address = ip6 ? 16 : 4;
	uint32_t ports[2];
	struct flow_zone zone = flow_key_zone(&p->key);
	bool reply = false;
	int order;

	memset(q, 0, sizeof(*q));
	d.ip = rte_pktmbuf_read(p->mbuf, p->payload, d.len, room);
	if (d.ip == NULL)
		return false;
	if (!(ip6 ? quoted_ip6(&d) : quoted_ip4(&d)))
		return false;
	if (d.len < d.transport + QUOTED_TRANSPORT_LEN || !quoted_ports(&d, ip6, ports, &reply))
		return false;
	if (d.authenticated)
		zone_add_authentication(&zone);
	order = flow_key_fill(&q->key, d.ip + source, ip6, &zone, d.proto, ports);
	q->reversed = order > 0 || (order == 0 && reply);
	q->proto = d.proto;
	q->to_sender =
	    memcmp(d.ip + source, packet_at(p, (uint16_t)(p->l3 + source + address)), address) == 0;
	q->kind = (uint8_t)kind_of(p);
	if (q->kind == ICMP_KIND_TOO_BIG)
		q->mtu = icmp_mtu(p);
	if (d.proto == IP_PROTO_TCP)
		q->seq = (uint32_t)quoted_u16(&d, d.transport + 4) << 16 |
			 quoted_u16(&d, d.transport + 6);
	return true;
}
