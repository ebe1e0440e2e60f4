#include <errno.h>
#include <rte_ip.h>

#include "checksum.h"
#include "layers.h"
#include "network.h"
#include "tunnel.h"
#include "write.h"

#define PACKET_TRANSPORT (PACKET_TCP | PACKET_UDP | PACKET_ICMP)

/* Bytes that others may look at: another holder of the mbuf, or of the buffer
 * that an indirect one or an external one points to. */
static bool segment_is_shared(const struct rte_mbuf *m)
{
	if (rte_mbuf_refcnt_read(m) > 1 || RTE_MBUF_CLONED(m))
		return true;
	return RTE_MBUF_HAS_EXTBUF(m) && rte_mbuf_ext_refcnt_read(m->shinfo) > 1;
}

bool packet_is_shared(const struct packet *p)
{
	for (const struct rte_mbuf *m = p->mbuf; m != NULL; m = m->next)
		if (segment_is_shared(m))
			return true;
	return false;
}

int packet_make_private(struct packet *p)
{
	struct rte_mbuf *copy;

	if (likely(!packet_is_shared(p)))
		return 0;
	copy = rte_pktmbuf_copy(p->mbuf, p->mbuf->pool, 0, UINT32_MAX);
	if (copy == NULL)
		return -ENOMEM;
	rte_pktmbuf_free(p->mbuf);
	p->mbuf = copy;
	if (unlikely(p->payload > copy->data_len)) { /* draws each header together again */
		struct packet again;

		packet_parse_inner(&again, copy, (enum link_type)p->link, p->decap, false);
	}
	return 0;
}

static uint8_t *write_at(struct packet *p, uint32_t offset)
{
	return (uint8_t *)(uintptr_t)packet_at(p, (uint16_t)offset);
}

static uint16_t load16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void store16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof(value));
}

/* The innermost checksum of a tunnel that covers what is written. Once it fits,
 * the bytes that it is of sum up as before, so those around it fit too. */
struct write_cover {
	uint16_t check;	 /* offset of the checksum; 0: none covers it */
	bool udp;	 /* else GRE's, of which 0 is a value */
	uint16_t from;	 /* where what it covers begins */
	uint32_t to;	 /* bytes from here on do not change */
	uint16_t before; /* sum from `from` to `to` */
};

static bool layer_has_checksum(struct packet *p, const struct packet_layer *layer, uint16_t *check)
{
	const uint8_t *at = packet_at(p, layer->at);

	if (layer->kind == LAYER_UDP && load16(at + 6) != 0)
		*check = (uint16_t)(layer->at + 6);
	else if (layer->kind == LAYER_GRE && (at[0] & GRE_CHECKSUM >> 8) != 0)
		*check = (uint16_t)(layer->at + 4);
	else
		return false;
	return true;
}

static __rte_noinline void cover_begin(struct packet *p, struct write_cover *cover, uint32_t to)
{
	struct packet_layers layers;

	packet_layers_parse(p->mbuf, (enum link_type)p->link, p->decap, &layers);
	for (unsigned int i = layers.count; i-- > 0 && cover->check == 0;) {
		/* What is inside of the packet, which the parser has not followed. */
		if (layers.layer[i].at >= RTE_MAX(p->l3, p->l2))
			continue;
		if (!layer_has_checksum(p, &layers.layer[i], &cover->check))
			continue;
		cover->udp = layers.layer[i].kind == LAYER_UDP;
		cover->from = layers.layer[i].at;
		cover->to = to;
		if (checksum_sum_mbuf(p->mbuf, cover->from, to - cover->from, &cover->before) != 0)
			cover->check = 0;
	}
}

static void cover_end(struct packet *p, const struct write_cover *cover)
{
	uint16_t after;
	uint8_t *check;

	if (likely(cover->check == 0) ||
	    checksum_sum_mbuf(p->mbuf, cover->from, cover->to - cover->from, &after) != 0)
		return;
	check = write_at(p, cover->check);
	if (cover->udp)
		store16(check, checksum_update_udp(load16(check), cover->before, after));
	else
		store16(check, checksum_update16(load16(check), cover->before, after));
}

/* Makes a write possible to a packet that has one of `flags`; what changes is
 * before `to`. */
static int write_begin_to(struct packet *p, uint16_t flags, uint32_t to, struct write_cover *cover)
{
	int error;

	*cover = (struct write_cover){.check = 0};
	if ((p->flags & flags) == 0)
		return -EINVAL;
	error = packet_make_private(p);
	if (error == 0 && unlikely(p->decap != 0))
		cover_begin(p, cover, to);
	return error;
}

static int write_begin(struct packet *p, uint16_t flags, struct write_cover *cover)
{
	if ((p->flags & PACKET_MALFORMED) != 0)
		return -EINVAL;
	return write_begin_to(p, flags, p->payload, cover);
}

/* The transport checksum after words that summed to `from` sum to `to`. */
static void transport_checksum_update(struct packet *p, uint16_t from, uint16_t to)
{
	uint8_t *l4 = write_at(p, p->l4);

	if ((p->flags & PACKET_TCP) != 0)
		store16(l4 + 16, checksum_update16(load16(l4 + 16), from, to));
	else if ((p->flags & PACKET_UDP) != 0)
		store16(l4 + 6, checksum_update_udp(load16(l4 + 6), from, to));
	else if ((p->flags & PACKET_ICMP) != 0)
		store16(l4 + 2, checksum_update16(load16(l4 + 2), from, to));
}

/* Also of a frame whose IP cannot be parsed: its Ethernet header is whole. */
static int eth_write(struct packet *p, uint32_t offset, const struct mbx_mac *mac)
{
	struct write_cover cover;
	int error = write_begin_to(p, PACKET_ETH, p->l2 + 12u, &cover);

	if (error != 0)
		return error;
	memcpy(write_at(p, p->l2 + offset), mac->bytes, sizeof(mac->bytes));
	cover_end(p, &cover);
	return 0;
}

int packet_write_eth_dst(struct packet *p, const struct mbx_mac *mac)
{
	return eth_write(p, 0, mac);
}

int packet_write_eth_src(struct packet *p, const struct mbx_mac *mac)
{
	return eth_write(p, 6, mac);
}

/* Replaces the IPv4 header's word at `offset` of it. */
static void ip4_write16(struct packet *p, uint32_t offset, uint16_t value)
{
	uint8_t *ip = write_at(p, p->l3);

	store16(ip + 10, checksum_update16(load16(ip + 10), load16(ip + offset), value));
	store16(ip + offset, value);
}

static bool packet_is_routed(const struct packet *p)
{
	uint8_t next = *packet_at(p, (uint16_t)(p->l3 + 6));
	uint16_t at = (uint16_t)(p->l3 + IP6_HEADER_LEN);

	if (p->proto == IP_PROTO_ROUTING)
		return true;
	while (at < p->payload && ip6_is_extension(next)) {
		const uint8_t *header = packet_at(p, at);

		if (next == IP_PROTO_ROUTING && header[3] != 0)
			return true;
		at = (uint16_t)(at + ip6_extension_len(next, header));
		next = header[0];
	}
	return false;
}

/* The pseudo header is part of the checksum of TCP, UDP and ICMPv6, not of
 * ICMP's. */
static void address_replace(struct packet *p, uint32_t offset, const uint8_t *bytes, uint32_t len)
{
	uint8_t *address = write_at(p, offset);
	uint16_t from = rte_raw_cksum(address, len);
	uint16_t to = rte_raw_cksum(bytes, len);

	if ((p->flags & PACKET_IP4) != 0) {
		uint8_t *check = write_at(p, p->l3 + 10u);

		store16(check, checksum_update16(load16(check), from, to));
	}
	if ((p->flags & (PACKET_TCP | PACKET_UDP)) != 0 || (p->flags & PACKET_IP6) != 0)
		transport_checksum_update(p, from, to);
	memcpy(address, bytes, len);
}

/* The address lies `offset4` or `offset6` bytes into the header. */
static int address_write(struct packet *p, uint32_t offset4, uint32_t offset6,
			 const struct mbx_ip *ip)
{
	bool is_ip6 = (p->flags & PACKET_IP6) != 0;
	struct write_cover cover;
	int error;

	if ((p->flags & PACKET_IP) == 0 || ip->version != (is_ip6 ? 6 : 4) ||
	    (p->flags & PACKET_FRAGMENT) != 0)
		return -EINVAL;
	error = write_begin(p, PACKET_IP, &cover);
	if (error != 0)
		return error;
	address_replace(p, p->l3 + (is_ip6 ? offset6 : offset4), ip->bytes, is_ip6 ? 16 : 4);
	cover_end(p, &cover);
	return 0;
}

int packet_write_ip_src(struct packet *p, const struct mbx_ip *ip)
{
	return address_write(p, 12, 8, ip);
}

int packet_write_ip_dst(struct packet *p, const struct mbx_ip *ip)
{
	if ((p->flags & PACKET_IP6) != 0 && packet_is_routed(p))
		return -EINVAL;
	return address_write(p, 16, 24, ip);
}

int packet_write_ip_ttl(struct packet *p, uint8_t ttl)
{
	struct write_cover cover;
	int error = write_begin(p, PACKET_IP, &cover);
	uint8_t word[2];

	if (error != 0)
		return error;
	if ((p->flags & PACKET_IP6) != 0) {
		*write_at(p, p->l3 + 7u) = ttl;
	} else {
		word[0] = ttl;
		word[1] = *write_at(p, p->l3 + 9u);
		ip4_write16(p, 8, load16(word));
	}
	cover_end(p, &cover);
	return 0;
}

/* The traffic class of IPv6 is the middle of its first two bytes. */
int packet_write_ip_tos(struct packet *p, uint8_t tos)
{
	struct write_cover cover;
	int error = write_begin(p, PACKET_IP, &cover);
	uint8_t *ip;
	uint8_t word[2];

	if (error != 0)
		return error;
	ip = write_at(p, p->l3);
	if ((p->flags & PACKET_IP6) != 0) {
		ip[0] = (uint8_t)((ip[0] & 0xf0) | tos >> 4);
		ip[1] = (uint8_t)(tos << 4 | (ip[1] & 0x0f));
	} else {
		word[0] = ip[0];
		word[1] = tos;
		ip4_write16(p, 0, load16(word));
	}
	cover_end(p, &cover);
	return 0;
}

/* Replaces the transport header's word at `offset` of it; `value` in host order. */
static int transport_write16(struct packet *p, uint16_t flag, uint32_t offset, uint16_t value,
			     uint16_t *field)
{
	struct write_cover cover;
	int error = write_begin(p, flag, &cover);
	uint16_t wire = rte_cpu_to_be_16(value);
	uint8_t *at;

	if (error != 0)
		return error;
	at = write_at(p, p->l4 + offset);
	transport_checksum_update(p, load16(at), wire);
	store16(at, wire);
	cover_end(p, &cover);
	*field = value;
	return 0;
}

int packet_write_tcp_sport(struct packet *p, uint16_t port)
{
	return transport_write16(p, PACKET_TCP, 0, port, &p->sport);
}

int packet_write_tcp_dport(struct packet *p, uint16_t port)
{
	return transport_write16(p, PACKET_TCP, 2, port, &p->dport);
}

int packet_write_tcp_window(struct packet *p, uint16_t window)
{
	return transport_write16(p, PACKET_TCP, 14, window, &p->window);
}

int packet_write_udp_sport(struct packet *p, uint16_t port)
{
	return transport_write16(p, PACKET_UDP, 0, port, &p->sport);
}

int packet_write_udp_dport(struct packet *p, uint16_t port)
{
	return transport_write16(p, PACKET_UDP, 2, port, &p->dport);
}

/* Copies over a frame from `offset` on, across its segments. */
static void frame_overwrite(struct rte_mbuf *m, uint32_t offset, const uint8_t *bytes, uint32_t len)
{
	for (; len > 0; m = m->next) {
		uint32_t here;

		if (offset >= m->data_len) {
			offset -= m->data_len;
			continue;
		}
		here = RTE_MIN(len, m->data_len - offset);
		memmove(rte_pktmbuf_mtod_offset(m, uint8_t *, offset), bytes, here);
		bytes += here;
		len -= here;
		offset = 0;
	}
}

int packet_write_payload(struct packet *p, uint32_t offset, const void *bytes, uint32_t len)
{
	uint32_t at = p->payload + offset;
	struct write_cover cover;
	uint16_t from, to;
	int error;

	if (offset > p->payload_len || len > p->payload_len - offset ||
	    (p->flags & PACKET_MALFORMED) != 0)
		return -EINVAL;
	error = write_begin_to(p, PACKET_TRANSPORT, at + len, &cover);
	if (error != 0)
		return error;
	if (checksum_sum_mbuf(p->mbuf, at, len, &from) != 0)
		return -EINVAL;
	to = rte_raw_cksum(bytes, len);
	frame_overwrite(p->mbuf, at, bytes, len);
	transport_checksum_update(p, checksum_sum_at(from, at - p->l4),
				  checksum_sum_at(to, at - p->l4));
	cover_end(p, &cover);
	return 0;
}
