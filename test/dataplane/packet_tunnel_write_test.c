/* What is written in a tunnel, and what is sent by one: every header around it fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packet/checksum.h"
#include "packet/dynfield.h"
#include "packet/field.h"
#include "packet/layers.h"
#include "packet/write.h"
#include "support/eal.h"
#include "support/tunnel_cases.h"
#include "tcp/segment.h"

static struct rte_mempool *pool;

static int nothing_is_left(void **state)
{
	(void)state;
	return rte_mempool_in_use_count(pool) == 0 ? 0 : -1;
}

static uint16_t udp_sum(const uint8_t *ip, const uint8_t *udp)
{
	return ip[0] >> 4 == 4 ? rte_ipv4_udptcp_cksum((const void *)ip, udp)
			       : rte_ipv6_udptcp_cksum((const void *)ip, udp);
}

/* Computes all checksums of a frame as a sender does, from the innermost. Tunnels in
 * UDP and GRE get one when `outer`. */
static void checksums_set(struct frame *f, uint8_t tunnels, bool outer)
{
	struct rte_mbuf m = mbuf_wrap(f->bytes, f->len);
	struct packet_layers layers;
	struct packet p;
	uint16_t sum;

	packet_parse_inner(&p, &m, LINK_ETHERNET, tunnels, false);
	packet_layers_parse(&m, LINK_ETHERNET, tunnels, &layers);
	mbuf_unwrap(&m);
	layers.layer[layers.count++] =
	    (struct packet_layer){p.flags & PACKET_IP4 ? LAYER_IP4 : LAYER_IP6, p.l3};
	memset(f->bytes + p.l4 + 16, 0, 2);
	sum = udp_sum(f->bytes + p.l3, f->bytes + p.l4);
	memcpy(f->bytes + p.l4 + 16, &sum, 2);
	for (unsigned int i = layers.count; i-- > 0;) {
		uint8_t *at = f->bytes + layers.layer[i].at;

		switch (layers.layer[i].kind) {
		case LAYER_IP4:
			memset(at + 10, 0, 2);
			sum = rte_ipv4_cksum((const void *)at);
			memcpy(at + 10, &sum, 2);
			break;
		case LAYER_UDP:
			memset(at + 6, 0, 2);
			sum = outer ? udp_sum(f->bytes + layers.layer[i - 1].at, at) : 0;
			memcpy(at + 6, &sum, 2);
			break;
		case LAYER_GRE:
			if (!(at[0] & 0x80))
				break;
			memset(at + 4, 0, 2);
			sum = (uint16_t)~rte_raw_cksum(at, f->len - layers.layer[i].at);
			memcpy(at + 4, &sum, 2);
			break;
		default:
			break;
		}
	}
}

static struct rte_mbuf *mbuf_of(const struct frame *f)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	memcpy(rte_pktmbuf_append(m, (uint16_t)f->len), f->bytes, f->len);
	return m;
}

static struct packet parsed(const struct tunnel_case *c, struct rte_mbuf *m)
{
	struct packet p = {.time = 1};

	if (packet_parse_inner(&p, m, LINK_ETHERNET, c->tunnel, true) != TUNNEL_SOUND)
		fail_msg("%s: a checksum around it is wrong", c->name);
	if (!packet_checksum_verify(&p))
		fail_msg("%s: its own checksum is wrong", c->name);
	return p;
}

static void write_all(struct packet *p)
{
	const struct mbx_mac mac = {{2, 3, 4, 5, 6, 7}};
	struct mbx_ip ip = packet_ip_src(p);

	assert_int_equal(packet_write_eth_src(p, &mac), 0);
	assert_int_equal(packet_write_eth_dst(p, &mac), 0);
	ip.bytes[3] ^= 0x5a;
	assert_int_equal(packet_write_ip_src(p, &ip), 0);
	ip.bytes[2] ^= 0xa5;
	assert_int_equal(packet_write_ip_dst(p, &ip), 0);
	assert_int_equal(packet_write_ip_ttl(p, 3), 0);
	assert_int_equal(packet_write_ip_tos(p, 0x48), 0);
	assert_int_equal(packet_write_tcp_sport(p, 7777), 0);
	assert_int_equal(packet_write_tcp_dport(p, 8888), 0);
	assert_int_equal(packet_write_tcp_window(p, 9), 0);
	assert_int_equal(packet_write_payload(p, 1, "YZ", 2), 0);
	assert_int_equal(packet_write_payload(p, 0, "ABCDE", 5), 0);
}

/* Each write alone would do; all of them leave no difference to hide behind. */
static void writes_in_a_tunnel_keep_the_checksums_around_them(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		for (int outer = 0; outer < 2; outer++) {
			struct frame f = built(c, 1, 2, 3);
			struct rte_mbuf *m;
			struct packet p, again;

			checksums_set(&f, c->tunnel, outer != 0);
			m = mbuf_of(&f);
			p = parsed(c, m);
			write_all(&p);
			again = parsed(c, m);
			assert_int_equal(again.sport, 7777);
			assert_int_equal(again.window, 9);
			assert_int_equal(packet_ip_ttl(&again), 3);
			assert_memory_equal(packet_at(&again, again.payload), "ABCDE", 5);
			/* The outermost IP header is not what is written. */
			assert_memory_equal(rte_pktmbuf_mtod_offset(m, uint8_t *, 14), f.bytes + 14,
					    c->tunnel == TUNNEL_PPPOE ? 2 : 4);
			rte_pktmbuf_free(m);
		}
	}
}

static void rfc768_tunnel_without_udp_checksum_stays_without(void **state)
{
	static const uint8_t none[2];
	const struct tunnel_case *c = &cases[20];
	struct frame f = built(c, 1, 2, 3);
	struct rte_mbuf *m;
	struct packet p;

	(void)state;
	assert_string_equal(c->name, "VXLAN");
	checksums_set(&f, c->tunnel, false);
	m = mbuf_of(&f);
	p = parsed(c, m);
	write_all(&p);
	assert_memory_equal(rte_pktmbuf_mtod_offset(m, uint8_t *, 40), none, 2);
	rte_pktmbuf_free(m);
}

static void write_in_a_tunnel_keeps_a_wrong_checksum_wrong(void **state)
{
	const struct tunnel_case *c = &cases[20];
	struct frame f = built(c, 1, 2, 3);
	struct rte_mbuf *m;
	struct packet p = {0};

	(void)state;
	checksums_set(&f, c->tunnel, true);
	f.bytes[40] ^= 1;
	m = mbuf_of(&f);
	assert_int_equal(packet_parse_inner(&p, m, LINK_ETHERNET, c->tunnel, false), TUNNEL_SOUND);
	write_all(&p);
	assert_int_equal(packet_parse_inner(&p, m, LINK_ETHERNET, c->tunnel, true),
			 TUNNEL_CHECKSUM);
	rte_pktmbuf_free(m);
}

/* ---- frames of the stack's own with the headers of others ---- */

static struct rte_mbuf *reset_like(const struct packet *p, bool turned)
{
	uint8_t prefix[512];
	struct mbx_ip src = packet_ip_src(p), dst = packet_ip_dst(p);

	packet_copy_prefix(p, prefix);
	return tcp_reset_build(pool, prefix, p->l3, src.version, turned ? dst.bytes : src.bytes,
			       turned ? src.bytes : dst.bytes, turned ? p->dport : p->sport,
			       turned ? p->sport : p->dport, 77, 99);
}

static bool has_labels(const struct tunnel_case *c)
{
	return (c->tunnel & TUNNEL_MPLS) != 0;
}

static bool has_sequence(const struct tunnel_case *c)
{
	return strcmp(c->name, "GRE with checksum, key and sequence") == 0;
}

static void reset_is_in_the_flows_own_tunnel(void **state)
{
	(void)state;
	for (const struct tunnel_case *c = cases; c < cases + RTE_DIM(cases); c++) {
		for (int turned = 0; turned < 2; turned++) {
			struct frame f = built(c, 1, 2, 3);
			bool possible = c->tunnel != TUNNEL_ERSPAN && !has_sequence(c) &&
					!(has_labels(c) && turned);
			struct rte_mbuf *m, *reset;
			struct packet p, r;

			checksums_set(&f, c->tunnel, true);
			m = mbuf_of(&f);
			p = parsed(c, m);
			reset = reset_like(&p, turned != 0);
			assert_non_null(reset);
			if (packet_prefix_renew(reset, LINK_ETHERNET, c->tunnel, p.l3,
						turned != 0) != possible)
				fail_msg("%s, turned %d: %s", c->name, turned,
					 possible ? "cannot be built" : "was built");
			if (possible) {
				r = parsed(c, reset);
				assert_int_equal(r.tcp_flags, TCP_RST | TCP_ACK);
				assert_int_equal(r.payload_len, 0);
				assert_int_equal(r.reversed, turned);
				assert_memory_equal(&r.key, &p.key, sizeof(r.key));
				assert_int_equal(packet_eth_src(&r).bytes[5], turned ? 1 : 2);
				assert_int_equal(packet_at(&r, 0)[5], turned ? 2 : 1);
			}
			rte_pktmbuf_free(reset);
			rte_pktmbuf_free(m);
		}
	}
}

static void reset_with_a_checksum_that_the_flow_had(void **state)
{
	struct tunnel_frame t = {.lengths = 0};
	const struct tunnel_case c = {.name = "GRE with checksum", .tunnel = TUNNEL_GRE};
	struct rte_mbuf *m, *reset;
	struct packet p;

	(void)state;
	tunnel_eth(&t, 0x0800);
	tunnel_ip4(&t, 50, 51, 47);
	tunnel_gre(&t, 0xa000, 5, 0x0800);
	tunnel_tcp4(&t, 1, 2, 5);
	checksums_set(&t.f, TUNNEL_GRE, true);
	m = mbuf_of(&t.f);
	p = parsed(&c, m);
	write_all(&p);
	p = parsed(&c, m);
	reset = reset_like(&p, true);
	assert_true(packet_prefix_renew(reset, LINK_ETHERNET, TUNNEL_GRE, p.l3, true));
	parsed(&c, reset);
	rte_pktmbuf_free(reset);
	rte_pktmbuf_free(m);
}

/* RFC 1071, word by word. */
static uint32_t words_sum(const uint8_t *at, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
	return sum;
}

/* RFC 8200, section 8.1: the pseudo-header has UDP and its length, not what the IPv6
 * header says of the extension headers. */
static void rfc8200_8_1_reset_in_udp_behind_extension_headers(void **state)
{
	static const uint8_t options[8] = {17, 0, 1, 4};
	const struct tunnel_case c = {.name = "VXLAN behind options", .tunnel = TUNNEL_VXLAN};
	struct tunnel_frame t = {.lengths = 0};
	uint32_t ip = sizeof(struct rte_ether_hdr), udp = ip + 40 + sizeof(options);

	(void)state;
	tunnel_eth(&t, 0x86dd);
	tunnel_ip6(&t, 50, 51, 60);
	frame_add(&t.f, options, sizeof(options));
	tunnel_vxlan(&t, 7);
	tunnel_eth(&t, 0x0800);
	tunnel_tcp4(&t, 1, 2, 5);
	checksums_set(&t.f, TUNNEL_VXLAN, false);
	memset(t.f.bytes + udp + 6, 0xab, 2); /* it has one, which the reset replaces */
	for (int turned = 0; turned < 2; turned++) {
		struct rte_mbuf *m = mbuf_of(&t.f), *reset;
		struct packet p;
		const uint8_t *at;
		uint32_t len, sum;

		packet_parse_inner(&p, m, LINK_ETHERNET, TUNNEL_VXLAN, false);
		reset = reset_like(&p, turned != 0);
		assert_true(packet_prefix_renew(reset, LINK_ETHERNET, c.tunnel, p.l3, turned != 0));
		at = rte_pktmbuf_mtod(reset, const uint8_t *);
		len = reset->pkt_len - udp;
		assert_int_equal(at[udp + 4] << 8 | at[udp + 5], len);
		sum = words_sum(at + ip + 8, 32) + 17 + len + words_sum(at + udp, len);
		sum = (sum & 0xffff) + (sum >> 16);
		sum = (sum & 0xffff) + (sum >> 16);
		assert_int_equal(sum, 0xffff);
		rte_pktmbuf_free(reset);
		rte_pktmbuf_free(m);
	}
}

static void reset_on_raw_ip_has_no_prefix(void **state)
{
	struct tunnel_frame t = {.lengths = 0};
	struct rte_mbuf *m, *reset;
	struct packet p = {0};

	(void)state;
	tunnel_tcp4(&t, 1, 2, 5);
	m = mbuf_of(&t.f);
	packet_parse(&p, m, LINK_RAW_IP);
	reset = reset_like(&p, true);
	assert_true(packet_prefix_renew(reset, LINK_RAW_IP, 0, 0, true));
	packet_parse(&p, reset, LINK_RAW_IP);
	assert_int_equal(p.flags, PACKET_IP4 | PACKET_TCP);
	assert_true(packet_checksum_verify(&p));
	rte_pktmbuf_free(reset);
	rte_pktmbuf_free(m);
}

#define CASE(test) cmocka_unit_test_teardown(test, nothing_is_left)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(writes_in_a_tunnel_keep_the_checksums_around_them),
	    CASE(rfc768_tunnel_without_udp_checksum_stays_without),
	    CASE(write_in_a_tunnel_keeps_a_wrong_checksum_wrong),
	    CASE(reset_is_in_the_flows_own_tunnel),
	    CASE(reset_with_a_checksum_that_the_flow_had),
	    CASE(rfc8200_8_1_reset_in_udp_behind_extension_headers),
	    CASE(reset_on_raw_ip_has_no_prefix),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 15, 1024);
	return cmocka_run_group_tests_name("writes and resets in tunnels", tests, NULL, NULL);
}
