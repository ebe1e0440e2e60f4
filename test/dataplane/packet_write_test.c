#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packet/checksum.h"
#include "packet/packet.h"
#include "packet/write.h"
#include "support/eal.h"
#include "support/frame.h"
#include "support/random.h"

#define POOL 16

static struct rte_mempool *pool;

/* The frame in mbufs of at most `room` bytes each, parsed. */
static struct packet packet_from(const struct frame *f, uint32_t room)
{
	struct rte_mbuf *m = NULL;
	struct packet p = {0};

	for (uint32_t at = 0; at < f->len; at += room) {
		struct rte_mbuf *part = rte_pktmbuf_alloc(pool);
		uint16_t len = (uint16_t)RTE_MIN(room, f->len - at);

		assert_non_null(part);
		memcpy(rte_pktmbuf_append(part, len), f->bytes + at, len);
		if (m == NULL)
			m = part;
		else
			assert_int_equal(rte_pktmbuf_chain(m, part), 0);
	}
	packet_parse(&p, m, LINK_ETHERNET);
	return p;
}

static struct packet packet_whole(const struct frame *f)
{
	return packet_from(f, 1024);
}

static void packet_done(struct packet *p)
{
	rte_pktmbuf_free(p->mbuf);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

static struct frame with_checksum(struct frame f, uint8_t proto)
{
	frame_checksum(&f, proto);
	return f;
}

static struct mbx_ip ip4(uint8_t last)
{
	return (struct mbx_ip){.bytes = {192, 168, 255, last}, .version = 4};
}

static struct mbx_ip ip6(uint8_t last)
{
	return (struct mbx_ip){.bytes = {0x20, 1, 0xd, 0xb8, [15] = last}, .version = 6};
}

/* TCP and UDP over both versions, with an odd number of payload bytes. */
static unsigned int samples(struct frame *f)
{
	f[0] = with_checksum(frame_tcp4(101), 6);
	f[1] = with_checksum(frame_udp4(101), 17);
	f[2] = with_checksum(frame_tcp6(101), 6);
	f[3] = with_checksum(frame_udp6(101), 17);
	return 4;
}

static void valid_checksums_are_right_and_any_changed_byte_is_not(void **state)
{
	struct frame f[4];
	unsigned int count = samples(f);

	(void)state;
	for (unsigned int i = 0; i < count; i++) {
		struct packet p = packet_whole(&f[i]);
		uint32_t covered = (p.flags & PACKET_IP4) != 0 ? p.l3 : p.l4;

		assert_true(packet_checksum_verify(&p));
		for (uint32_t at = covered; at < f[i].len; at++) {
			uint8_t *byte = rte_pktmbuf_mtod_offset(p.mbuf, uint8_t *, at);
			bool udp_check = (p.flags & PACKET_UDP) && at - p.l4 - 6 < 2;

			*byte ^= 0x40;
			if (!udp_check)
				assert_false(packet_checksum_verify(&p));
			*byte ^= 0x40;
		}
		packet_done(&p);
	}
}

static void wrong_checksum_is_named(void **state)
{
	struct frame f = with_checksum(frame_tcp4(1), 6);
	struct packet p;

	(void)state;
	f.bytes[54] ^= 1;
	p = packet_whole(&f);
	assert_int_equal(packet_checksum_check(&p), CHECKSUM_TCP_WRONG);
	packet_done(&p);
	f.bytes[24] ^= 1;
	p = packet_whole(&f);
	assert_int_equal(packet_checksum_check(&p), CHECKSUM_IP_WRONG);
	packet_done(&p);
	f = with_checksum(frame_udp6(1), 17);
	f.bytes[62] ^= 1;
	p = packet_whole(&f);
	assert_int_equal(packet_checksum_check(&p), CHECKSUM_UDP_WRONG);
	packet_done(&p);
}

static void padding_is_not_in_the_checksum(void **state)
{
	struct frame f = with_checksum(frame_tcp4(1), 6);
	struct packet p;

	(void)state;
	frame_fill(&f, 0xa5, 5);
	p = packet_whole(&f);
	assert_true(packet_checksum_verify(&p));
	packet_done(&p);
}

static void checksum_covers_segments_of_odd_length(void **state)
{
	struct frame f = with_checksum(frame_tcp4(700), 6);

	(void)state;
	for (uint32_t room = 257; room < 400; room += 13) {
		struct packet p = packet_from(&f, room);

		assert_true(p.mbuf->nb_segs > 1);
		assert_true(packet_checksum_verify(&p));
		packet_done(&p);
	}
}

static void udp_checksum_zero_is_none_over_ip4_and_wrong_over_ip6(void **state)
{
	struct frame f = with_checksum(frame_udp4(4), 17);
	struct packet p;

	(void)state;
	frame_put16(&f, 40, 0);
	p = packet_whole(&f);
	assert_true(packet_checksum_verify(&p));
	packet_done(&p);
	f = with_checksum(frame_udp6(4), 17);
	frame_put16(&f, 60, 0);
	p = packet_whole(&f);
	assert_int_equal(packet_checksum_check(&p), CHECKSUM_UDP_WRONG);
	packet_done(&p);
}

static void fragment_is_judged_by_its_ip_header_alone(void **state)
{
	struct frame f = frame_tcp4(8);
	struct packet p;
	uint16_t sum;

	(void)state;
	frame_put16(&f, 20, 0x2000);
	sum = rte_ipv4_cksum((const struct rte_ipv4_hdr *)(const void *)(f.bytes + 14));
	memcpy(f.bytes + 24, &sum, 2);
	p = packet_whole(&f);
	assert_true(packet_checksum_verify(&p));
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

static void device_is_believed_where_it_says_good_or_unfilled(void **state)
{
	struct frame f = with_checksum(frame_tcp4(1), 6);
	struct packet p;

	(void)state;
	f.bytes[54] ^= 1;
	p = packet_whole(&f);
	assert_int_equal(packet_checksum_check_device(&p), CHECKSUM_TCP_WRONG);
	p.mbuf->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_NONE;
	assert_int_equal(packet_checksum_check_device(&p), CHECKSUM_RIGHT);
	p.mbuf->ol_flags = RTE_MBUF_F_RX_L4_CKSUM_BAD | RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	assert_int_equal(packet_checksum_check_device(&p), CHECKSUM_TCP_WRONG);
	packet_done(&p);
}

static void rfc1624_example_updates_to_zero(void **state)
{
	(void)state;
	/* Section 4: the checksum DD2F, a word from 5555 to 3285, gives 0000. */
	assert_int_equal(checksum_update16(0xdd2f, 0x5555, 0x3285), 0x0000);
	assert_int_equal(checksum_update_udp(0xdd2f, 0x5555, 0x3285), 0xffff);
	assert_int_equal(checksum_update_udp(0, 0x5555, 0x3285), 0);
}

static void update_by_32_bits_equals_two_updates_by_16(void **state)
{
	uint64_t random = 6;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint32_t from = (uint32_t)test_random(&random), to = (uint32_t)test_random(&random);
		uint16_t check = (uint16_t)test_random(&random);
		uint16_t once = checksum_update32(check, from, to);
		uint16_t twice = checksum_update16(check, (uint16_t)from, (uint16_t)to);

		twice = checksum_update16(twice, (uint16_t)(from >> 16), (uint16_t)(to >> 16));
		assert_true(once == twice || (uint16_t)(once + twice) == 0xffff);
	}
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

static int start(void **state)
{
	(void)state;
	if (test_eal_start() < 0)
		return -1;
	pool = test_pool_create("write", POOL, 1024);
	return pool == NULL ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	return rte_eal_cleanup();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(valid_checksums_are_right_and_any_changed_byte_is_not),
	    cmocka_unit_test(wrong_checksum_is_named),
	    cmocka_unit_test(padding_is_not_in_the_checksum),
	    cmocka_unit_test(checksum_covers_segments_of_odd_length),
	    cmocka_unit_test(udp_checksum_zero_is_none_over_ip4_and_wrong_over_ip6),
	    cmocka_unit_test(fragment_is_judged_by_its_ip_header_alone),
	    cmocka_unit_test(packet_that_is_routed_takes_no_destination),
	    cmocka_unit_test(device_is_believed_where_it_says_good_or_unfilled),
	    cmocka_unit_test(rfc1624_example_updates_to_zero),
	    cmocka_unit_test(update_by_32_bits_equals_two_updates_by_16),
	    cmocka_unit_test(writes_keep_checksums_right),
	    cmocka_unit_test(writes_keep_a_wrong_checksum_wrong),
	    cmocka_unit_test(payload_writes_keep_checksums_right_at_any_offset),
	    cmocka_unit_test(payload_write_beyond_the_payload_is_refused),
	    cmocka_unit_test(udp_without_checksum_stays_without),
	    cmocka_unit_test(ethernet_addresses_are_written),
	    cmocka_unit_test(fragment_takes_no_address_but_a_ttl),
	    cmocka_unit_test(frame_without_ip_takes_no_ip_write),
	    cmocka_unit_test(write_to_a_shared_frame_leaves_the_other_holder_its_bytes),
	    cmocka_unit_test(write_to_a_clone_leaves_the_original_its_bytes),
	    cmocka_unit_test(shared_frame_without_a_free_mbuf_is_left_alone),
	};

	return cmocka_run_group_tests_name("packet writes", tests, start, stop);
}
