/* The packet parser on arbitrary frames of every link type. The frame ends where
 * its memory ends, so that ASan sees a read past it; what the parser says has to
 * keep the promises of packet.h. */
#include <stddef.h>
#include <stdint.h>

#include "packet/layers.h"
#include "packet/packet.h"
#include "packet/write.h"
#include "support/frame.h"
#include "support/same_packet.h"

#define LINK_TYPES (LINK_NULL + 1)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(int holds)
{
	if (!holds)
		__builtin_trap();
}

static void check(const struct packet *p, uint32_t len)
{
	require(p->payload <= len && p->payload_len <= len - p->payload);
	require(p->l3 <= len && p->l4 <= p->payload);
	require(((p->flags & PACKET_MALFORMED) != 0) == (p->reason != MALFORMED_NONE));
	require(p->reason < MALFORMED_REASONS);
}

/* What is changed in a packet of a tunnel, and sent by one, keeps inside it too. */
static void write(struct packet *p)
{
	const struct mbx_ip ip = {.bytes = {1, 2, 3, 4}, .version = p->flags & PACKET_IP6 ? 6 : 4};
	const struct mbx_mac mac = {{1, 2, 3, 4, 5, 6}};

	(void)packet_write_eth_src(p, &mac);
	(void)packet_write_ip_src(p, &ip);
	(void)packet_write_ip_dst(p, &ip);
	(void)packet_write_ip_ttl(p, 1);
	(void)packet_write_tcp_sport(p, 1);
	(void)packet_write_udp_dport(p, 1);
	(void)packet_write_payload(p, p->payload_len / 2, "x", p->payload_len > 0);
}

static void check_inner(struct rte_mbuf *m, enum link_type link, uint8_t tunnels, bool verify)
{
	struct packet p = {0};
	uint32_t len = m->pkt_len;
	enum packet_tunnel_fault fault = packet_parse_inner(&p, m, link, tunnels, verify);

	check(&p, len);
	require((p.decap & ~tunnels) == 0);
	require(fault == TUNNEL_SOUND || (p.flags & PACKET_MALFORMED) == 0);
	(void)packet_checksum_verify(&p);
	if ((p.flags & PACKET_IP) && p.decap != 0) {
		struct packet_layers layers;

		(void)packet_layers_parse(m, link, tunnels, &layers);
		require(layers.count <= RTE_DIM(layers.layer));
	}
	write(&p);
	check(&p, len);
	(void)packet_prefix_renew(m, link, tunnels, p.l3, verify);
}

/* The first byte chooses the link type, the second the tunnels, the rest is the
 * frame. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct packet p = {0};
	struct rte_mbuf m;

	if (len < 2 || len > 2048)
		return 0;
	if (packet_dynfields.length_set == 0)
		dynfields_fake();
	m = mbuf_wrap(bytes + 2, (uint32_t)len - 2);
	require(ways_agree(&m, (enum link_type)(bytes[0] % LINK_TYPES)));
	packet_parse(&p, &m, (enum link_type)(bytes[0] % LINK_TYPES));
	check(&p, (uint32_t)len - 2);
	(void)packet_checksum_verify(&p);
	check_inner(&m, (enum link_type)(bytes[0] % LINK_TYPES), bytes[1] & 0x7f, bytes[1] >> 7);
	mbuf_unwrap(&m);
	return 0;
}
