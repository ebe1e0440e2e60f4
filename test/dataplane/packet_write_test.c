/* Writes to packets: which are taken, and that checksums stay as right as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "packet/write.h"
#include "support/packet_pool.h"
#include "support/random.h"

static struct mbx_ip ip4(uint8_t last)
{
	return (struct mbx_ip){.bytes = {192, 168, 255, last}, .version = 4};
}

static struct mbx_ip ip6(uint8_t last)
{
	return (struct mbx_ip){.bytes = {0x20, 1, 0xd, 0xb8, [15] = last}, .version = 6};
}

/* One write of each kind that the packet's headers allow. */
static void write_all(struct packet *p, uint64_t *random)
{
	uint8_t last = (uint8_t)test_random(random);
	uint16_t value = (uint16_t)test_random(random);
	bool is_ip6 = (p->flags & PACKET_IP6) != 0;
	bool tcp = (p->flags & PACKET_TCP) != 0;
	struct mbx_ip ip = is_ip6 ? ip6(last) : ip4(last), other = is_ip6 ? ip4(1) : ip6(1);

	assert_int_equal(packet_write_ip_src(p, &ip), 0);
	ip.bytes[2] = (uint8_t)value;
	assert_int_equal(packet_write_ip_dst(p, &ip), 0);
	assert_int_equal(packet_write_ip_dst(p, &other), -EINVAL);
	assert_int_equal(packet_write_ip_ttl(p, last), 0);
	assert_int_equal(packet_write_ip_tos(p, last), 0);
	assert_int_equal(packet_write_tcp_sport(p, value), tcp ? 0 : -EINVAL);
	assert_int_equal(packet_write_tcp_dport(p, value), tcp ? 0 : -EINVAL);
	assert_int_equal(packet_write_tcp_window(p, last), tcp ? 0 : -EINVAL);
	assert_int_equal(packet_write_udp_sport(p, value), tcp ? -EINVAL : 0);
	assert_int_equal(packet_write_udp_dport(p, value), tcp ? -EINVAL : 0);
	assert_int_equal(p->sport, value);
	assert_int_equal(p->dport, value);
}

/* The frame says what struct packet says, when it is parsed again. */
static void check_again(const struct packet *p)
{
	struct packet again = {0};

	packet_parse(&again, p->mbuf, LINK_ETHERNET);
	assert_int_equal(again.flags, p->flags);
	assert_int_equal(again.sport, p->sport);
	assert_int_equal(again.dport, p->dport);
	assert_int_equal(again.window, p->window);
	assert_int_equal(again.payload_len, p->payload_len);
}

static void writes_keep_checksums_right(void **state)
{
	struct frame f[4];
	unsigned int count = samples(f);
	uint64_t random = 8;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct packet p = packet_whole(&f[i % count]);

		write_all(&p, &random);
		assert_true(packet_checksum_verify(&p));
		check_again(&p);
		packet_done(&p);
	}
}

static void writes_keep_a_wrong_checksum_wrong(void **state)
{
	struct frame f = with_checksum(frame_tcp4(3), 6);
	uint64_t random = 9;
	struct packet p;

	(void)state;
	f.bytes[54] ^= 1;
	p = packet_whole(&f);
	write_all(&p, &random);
	assert_int_equal(packet_checksum_check(&p), CHECKSUM_TCP_WRONG);
	packet_done(&p);
}

static void payload_writes_keep_checksums_right_at_any_offset(void **state)
{
	struct frame f[5];
	unsigned int count = samples(f);
	uint64_t random = 10;
	uint8_t bytes[700];

	(void)state;
	f[count++] = with_checksum(frame_tcp4(650), 6);
	for (int i = 0; i < 5000; i++) {
		struct packet p = packet_from(&f[i % count], 260 + (uint32_t)(i % 31));
		uint32_t offset = test_random(&random) % (p.payload_len + 1);
		uint32_t len = test_random(&random) % (p.payload_len - offset + 1);
		uint8_t read[700];

		for (uint32_t at = 0; at < len; at++)
			bytes[at] = (uint8_t)test_random(&random);
		assert_int_equal(packet_write_payload(&p, offset, bytes, len), 0);
		assert_true(packet_checksum_verify(&p));
		if (len > 0)
			assert_memory_equal(rte_pktmbuf_read(p.mbuf, p.payload + offset, len, read),
					    bytes, len);
		packet_done(&p);
	}
}

static void payload_write_beyond_the_payload_is_refused(void **state)
{
	struct frame f = with_checksum(frame_tcp4(10), 6);
	struct packet p = packet_whole(&f);

	(void)state;
	assert_int_equal(packet_write_payload(&p, 5, "abcdef", 6), -EINVAL);
	assert_int_equal(packet_write_payload(&p, 11, "", 0), -EINVAL);
	assert_int_equal(packet_write_payload(&p, UINT32_MAX, "abc", 3), -EINVAL);
	assert_int_equal(packet_write_payload(&p, 3, "abc", UINT32_MAX), -EINVAL);
	assert_memory_equal(packet_at(&p, 0), f.bytes, f.len);
	packet_done(&p);
}

static void udp_without_checksum_stays_without(void **state)
{
	struct frame f = with_checksum(frame_udp4(10), 17);
	struct mbx_ip ip = ip4(9);
	struct packet p;

	(void)state;
	frame_put16(&f, 40, 0);
	p = packet_whole(&f);
	assert_int_equal(packet_write_ip_dst(&p, &ip), 0);
	assert_int_equal(packet_write_udp_dport(&p, 99), 0);
	assert_int_equal(packet_write_payload(&p, 1, "abc", 3), 0);
	assert_memory_equal(packet_at(&p, 40), "\0\0", 2);
	packet_done(&p);
}

static void ethernet_addresses_are_written(void **state)
{
	struct frame f = frame_tcp4(0);
	struct packet p = packet_whole(&f);

	(void)state;
	assert_int_equal(packet_write_eth_src(&p, &(struct mbx_mac){{1, 2, 3, 4, 5, 6}}), 0);
	assert_int_equal(packet_write_eth_dst(&p, &(struct mbx_mac){{6, 5, 4, 3, 2, 1}}), 0);
	assert_memory_equal(packet_at(&p, 0), "\6\5\4\3\2\1\1\2\3\4\5\6", 12);
	packet_done(&p);
}

static void packet_that_is_routed_takes_no_destination(void **state)
{
	struct frame f = {.len = 0};
	struct mbx_ip ip = ip6(1);
	uint32_t route;
	struct packet p;

	(void)state;
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, 1, 2, 43, 24 + 20);
	route = frame_extension(&f, 6);
	memcpy(f.bytes + route + 1, "\x02\x04\x01", 3); /* 24 bytes, segments, one left */
	frame_fill(&f, 0xaa, 16);
	frame_tcp(&f, 1, 2);
	p = packet_whole(&f);
	assert_int_equal(packet_write_ip_dst(&p, &ip), -EINVAL);
	packet_done(&p);
}

static void fragment_takes_no_address_but_a_ttl(void **state)
{
	struct frame f = frame_tcp4(8);
	struct mbx_ip ip = ip4(9);
	struct packet p;
	uint16_t sum;

	(void)state;
	frame_put16(&f, 20, 0x2000);
	sum = rte_ipv4_cksum((const struct rte_ipv4_hdr *)(const void *)(f.bytes + 14));
	memcpy(f.bytes + 24, &sum, 2);
	p = packet_whole(&f);
	assert_int_equal(packet_write_ip_src(&p, &ip), -EINVAL);
	assert_int_equal(packet_write_tcp_sport(&p, 9), -EINVAL);
	assert_int_equal(packet_write_payload(&p, 0, "a", 1), -EINVAL);
	assert_int_equal(packet_write_ip_ttl(&p, 9), 0);
	assert_true(packet_checksum_verify(&p));
	packet_done(&p);
}

static void frame_without_ip_takes_no_ip_write(void **state)
{
	struct frame f = {.len = 0};
	struct mbx_ip ip = ip4(9);
	struct packet p;

	(void)state;
	frame_eth(&f, 0x0806);
	frame_fill(&f, 0, 28);
	p = packet_whole(&f);
	assert_int_equal(packet_write_ip_src(&p, &ip), -EINVAL);
	assert_int_equal(packet_write_ip_dst(&p, &ip), -EINVAL);
	assert_int_equal(packet_write_ip_ttl(&p, 1), -EINVAL);
	assert_int_equal(packet_write_ip_tos(&p, 1), -EINVAL);
	packet_done(&p);
}

static void write_to_a_shared_frame_leaves_the_other_holder_its_bytes(void **state)
{
	struct frame f = with_checksum(frame_tcp4(600), 6);
	struct packet p = packet_from(&f, 300);
	struct rte_mbuf *other = p.mbuf;
	uint8_t read[700];

	(void)state;
	rte_pktmbuf_refcnt_update(other, 1);
	assert_int_equal(packet_write_tcp_dport(&p, 8080), 0);
	assert_ptr_not_equal(p.mbuf, other);
	assert_true(packet_checksum_verify(&p));
	assert_int_equal(rte_mbuf_refcnt_read(other), 1);
	assert_memory_equal(rte_pktmbuf_read(other, 0, f.len, read), f.bytes, f.len);
	rte_pktmbuf_free(other);
	packet_done(&p);
}

static void write_to_a_clone_leaves_the_original_its_bytes(void **state)
{
	struct frame f = with_checksum(frame_tcp4(6), 6);
	struct packet original = packet_whole(&f), p = original;

	(void)state;
	p.mbuf = rte_pktmbuf_clone(original.mbuf, pool);
	assert_non_null(p.mbuf);
	assert_int_equal(packet_write_payload(&p, 0, "abcdef", 6), 0);
	assert_memory_equal(packet_at(&original, 0), f.bytes, f.len);
	rte_pktmbuf_free(original.mbuf);
	packet_done(&p);
}

static void shared_frame_without_a_free_mbuf_is_left_alone(void **state)
{
	struct frame f = with_checksum(frame_tcp4(6), 6);
	struct packet p = packet_whole(&f);
	struct rte_mbuf *rest[POOL - 1];

	(void)state;
	assert_int_equal(rte_pktmbuf_alloc_bulk(pool, rest, POOL - 1), 0);
	rte_mbuf_refcnt_update(p.mbuf, 1);
	assert_int_equal(packet_write_ip_ttl(&p, 1), -ENOMEM);
	assert_memory_equal(packet_at(&p, 0), f.bytes, f.len);
	rte_mbuf_refcnt_update(p.mbuf, -1);
	rte_pktmbuf_free_bulk(rest, POOL - 1);
	packet_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_keep_checksums_right),
	    cmocka_unit_test(writes_keep_a_wrong_checksum_wrong),
	    cmocka_unit_test(payload_writes_keep_checksums_right_at_any_offset),
	    cmocka_unit_test(payload_write_beyond_the_payload_is_refused),
	    cmocka_unit_test(udp_without_checksum_stays_without),
	    cmocka_unit_test(ethernet_addresses_are_written),
	    cmocka_unit_test(packet_that_is_routed_takes_no_destination),
	    cmocka_unit_test(fragment_takes_no_address_but_a_ttl),
	    cmocka_unit_test(frame_without_ip_takes_no_ip_write),
	    cmocka_unit_test(write_to_a_shared_frame_leaves_the_other_holder_its_bytes),
	    cmocka_unit_test(write_to_a_clone_leaves_the_original_its_bytes),
	    cmocka_unit_test(shared_frame_without_a_free_mbuf_is_left_alone),
	};

	return cmocka_run_group_tests_name("packet writes", tests, packet_pool_start,
					   packet_pool_stop);
}
