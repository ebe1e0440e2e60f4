/* The reset that the stack itself sends, byte by byte, and as a parser sees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "packet/packet.h"
#include "support/eal.h"
#include "tcp/segment.h"

static struct rte_mempool *pool;

static const uint8_t eth4[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
static const uint8_t eth6[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd};
static const uint8_t vlan4[18] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0x60, 5, 8, 0};
static const uint8_t qinq6[22] = {2, 0,	   0,	 0, 0, 1,    2,	   0, 0, 0,    0,
				  2, 0x88, 0xa8, 0, 9, 0x81, 0x00, 0, 7, 0x86, 0xdd};
static const uint8_t client4[4] = {10, 0, 0, 1}, server4[4] = {10, 0, 0, 2};
static const uint8_t client6[16] = {0xfd, [15] = 1}, server6[16] = {0xfd, [15] = 2};

static int nothing_is_left(void **state)
{
	(void)state;
	return rte_mempool_in_use_count(pool) == 0 ? 0 : -1;
}

static struct rte_mbuf *reset_of(const uint8_t *l2, uint8_t l2_len, uint8_t version)
{
	return tcp_reset_build(pool, l2, l2_len, version, version == 6 ? client6 : client4,
			       version == 6 ? server6 : server4, 1000, 443, 0x01020304, 0xfffffffe);
}

static void assert_reset(struct packet *p, struct rte_mbuf *m, const uint8_t *l2, uint8_t l2_len,
			 unsigned int ip_len)
{
	assert_non_null(m);
	packet_parse(p, m, LINK_ETHERNET);
	assert_false(p->flags & PACKET_MALFORMED);
	assert_true(p->flags & PACKET_TCP);
	assert_int_equal(rte_pktmbuf_pkt_len(m), l2_len + ip_len + 20);
	assert_memory_equal(packet_at(p, 0), l2, l2_len);
	assert_int_equal(p->l3, l2_len);
	assert_int_equal(p->l4, l2_len + ip_len);
	assert_int_equal(p->payload_len, 0);
	assert_int_equal(p->sport, 1000);
	assert_int_equal(p->dport, 443);
	assert_int_equal(p->seq, 0x01020304);
	assert_int_equal(p->ack, 0xfffffffe);
	assert_int_equal(p->tcp_flags, TCP_RST | TCP_ACK);
	assert_true(packet_checksum_verify(p));
}

static void rfc9293_3_5_2_reset_over_ipv4(void **state)
{
	static const uint8_t ip[20] = {0x45, 0,	   0,  40, 0, 0, 0x40, 0, 64, 6,
				       0x26, 0xce, 10, 0,  0, 1, 10,   0, 0,  2};
	struct packet p;
	struct rte_mbuf *m = reset_of(eth4, sizeof(eth4), 4);

	(void)state;
	assert_reset(&p, m, eth4, sizeof(eth4), 20);
	assert_memory_equal(packet_at(&p, p.l3), ip, sizeof(ip));
	rte_pktmbuf_free(m);
}

static void rfc9293_3_5_2_reset_over_ipv6(void **state)
{
	static const uint8_t ip[8] = {0x60, 0, 0, 0, 0, 20, 6, 64};
	struct packet p;
	struct rte_mbuf *m = reset_of(eth6, sizeof(eth6), 6);

	(void)state;
	assert_reset(&p, m, eth6, sizeof(eth6), 40);
	assert_memory_equal(packet_at(&p, p.l3), ip, sizeof(ip));
	assert_memory_equal(packet_at(&p, p.l3 + 8), client6, 16);
	assert_memory_equal(packet_at(&p, p.l3 + 24), server6, 16);
	rte_pktmbuf_free(m);
}

/* Priority and id of the flow's own frames. */
static void reset_stays_in_its_vlan(void **state)
{
	struct packet p;
	struct rte_mbuf *m = reset_of(vlan4, sizeof(vlan4), 4);

	(void)state;
	assert_reset(&p, m, vlan4, sizeof(vlan4), 20);
	assert_int_equal(p.vlan, 5);
	rte_pktmbuf_free(m);
}

static void reset_stays_behind_both_tags(void **state)
{
	struct packet p;
	struct rte_mbuf *m = reset_of(qinq6, sizeof(qinq6), 6);

	(void)state;
	assert_reset(&p, m, qinq6, sizeof(qinq6), 40);
	assert_int_equal(p.vlan, 9);
	rte_pktmbuf_free(m);
}

static void reset_without_a_link_header_is_raw_ip(void **state)
{
	struct packet p;
	struct rte_mbuf *m = reset_of(eth4, 0, 4);

	(void)state;
	assert_non_null(m);
	packet_parse(&p, m, LINK_RAW_IP);
	assert_true(p.flags & PACKET_TCP);
	assert_true(packet_checksum_verify(&p));
	rte_pktmbuf_free(m);
}

static void empty_pool_makes_no_reset(void **state)
{
	struct rte_mbuf *all[16];

	(void)state;
	assert_int_equal(rte_pktmbuf_alloc_bulk(pool, all, 15), 0);
	assert_null(reset_of(eth4, sizeof(eth4), 4));
	rte_pktmbuf_free_bulk(all, 15);
}

#define CASE(test) cmocka_unit_test_teardown(test, nothing_is_left)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(rfc9293_3_5_2_reset_over_ipv4),
	    CASE(rfc9293_3_5_2_reset_over_ipv6),
	    CASE(reset_stays_in_its_vlan),
	    CASE(reset_stays_behind_both_tags),
	    CASE(reset_without_a_link_header_is_raw_ip),
	    CASE(empty_pool_makes_no_reset),
	};

	if (test_eal_start() < 0)
		return 1;
	pool = test_pool_create("frames", 15, 256);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
