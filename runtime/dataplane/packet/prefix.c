/* Headers that one packet had, for another that the stack itself sends. */
#include <rte_ip.h>

#include "layers.h"
#include "tunnel.h"

#define PREFIX_TTL 64

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
	uint8_t kept[16];

	memcpy(kept, a, len);
	memcpy(a, b, len);
	memcpy(b, kept, len);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Before the checksum: that comes once all that it covers is final. */
static bool layer_renew(const struct packet_layer *layer, uint8_t *at, uint32_t len, bool turned)
{
	switch ((enum packet_layer_kind)layer->kind) {
	case LAYER_ETH:
		if (turned)
			swap(at, at + 6, 6);
		return true;
	case LAYER_IP4:
		put16(at + 2, len);
		put16(at + 4, 0);
		at[8] = PREFIX_TTL;
		if (turned)
			swap(at + 12, at + 16, 4);
		return true;
	case LAYER_IP6:
		put16(at + 4, len - IP6_HEADER_LEN);
		at[7] = PREFIX_TTL;
		if (turned)
			swap(at + 8, at + 24, 16);
		return true;
	case LAYER_UDP:
		put16(at + 4, len);
		return true;
	case LAYER_PPPOE:
		put16(at + 4, len - PPPOE_HEADER_LEN);
		return true;
	case LAYER_GRE:
		return !(at[0] & GRE_SEQUENCE >> 8);
	case LAYER_MPLS:
		return !turned;
	case LAYER_ERSPAN:
		return false;
	}
	return false;
}

/* Over both addresses, protocol, length and datagram, whatever extension headers lie
 * between (RFC 768; RFC 8200, section 8.1). `ip` is the layer before UDP, which ends
 * with the frame. One that had no checksum has none. */
static void udp_checksum_renew(uint8_t *udp, uint32_t len, const struct packet_layer *ip,
			       const uint8_t *frame)
{
	bool is_ip4 = ip->kind == LAYER_IP4;
	const uint8_t *addresses = frame + ip->at + (is_ip4 ? 12 : 8);
	uint16_t stored;
	uint32_t sum;

	if (udp[6] == 0 && udp[7] == 0)
		return;
	put16(udp + 6, 0);
	sum = rte_raw_cksum(addresses, is_ip4 ? 8 : 32);
	sum += rte_cpu_to_be_16(IPPROTO_UDP);
	sum += rte_cpu_to_be_16((uint16_t)len);
	sum += rte_raw_cksum(udp, len);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	stored = (uint16_t)~sum;
	if (stored == 0)
		stored = 0xffff;
	memcpy(udp + 6, &stored, sizeof(stored));
}

static void gre_checksum_renew(uint8_t *gre, uint32_t len)
{
	uint16_t sum = 0;

	if (!(gre[0] & GRE_CHECKSUM >> 8))
		return;
	memcpy(gre + 4, &sum, sizeof(sum));
	sum = (uint16_t)~rte_raw_cksum(gre, len);
	memcpy(gre + 4, &sum, sizeof(sum));
}

static void ip4_checksum_renew(uint8_t *ip)
{
	uint16_t sum = 0;

	memcpy(ip + 10, &sum, sizeof(sum));
	sum = (uint16_t)~rte_raw_cksum(ip, (ip[0] & 0x0fu) * 4);
	memcpy(ip + 10, &sum, sizeof(sum));
}

/* From the innermost: an outer checksum covers the inner ones. */
static void checksums_renew(const struct packet_layers *layers, uint8_t *frame, uint32_t len)
{
	for (unsigned int i = layers->count; i-- > 0;) {
		const struct packet_layer *layer = &layers->layer[i];
		uint8_t *at = frame + layer->at;

		if (layer->kind == LAYER_UDP && i > 0)
			udp_checksum_renew(at, len - layer->at, layer - 1, frame);
		else if (layer->kind == LAYER_GRE)
			gre_checksum_renew(at, len - layer->at);
		else if (layer->kind == LAYER_IP4)
			ip4_checksum_renew(at);
	}
}

bool packet_prefix_renew(struct rte_mbuf *m, enum link_type link, uint8_t tunnels, uint32_t len,
			 bool turned)
{
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);
	struct packet_layers layers;

	if (!packet_layers_parse(m, link, tunnels, &layers) || layers.l3 != len)
		return false;
	for (unsigned int i = 0; i < layers.count; i++) {
		const struct packet_layer *layer = &layers.layer[i];

		if (!layer_renew(layer, frame + layer->at, m->pkt_len - layer->at, turned))
			return false;
	}
	checksums_renew(&layers, frame, m->pkt_len);
	return true;
}
