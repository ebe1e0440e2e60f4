/* Checksums of packets: which are judged, and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/packet_pool.h"
#include "support/random.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(valid_checksums_are_right_and_any_changed_byte_is_not),
	    cmocka_unit_test(wrong_checksum_is_named),
	    cmocka_unit_test(padding_is_not_in_the_checksum),
	    cmocka_unit_test(checksum_covers_segments_of_odd_length),
	    cmocka_unit_test(udp_checksum_zero_is_none_over_ip4_and_wrong_over_ip6),
	    cmocka_unit_test(fragment_is_judged_by_its_ip_header_alone),
	    cmocka_unit_test(device_is_believed_where_it_says_good_or_unfilled),
	    cmocka_unit_test(rfc1624_example_updates_to_zero),
	    cmocka_unit_test(update_by_32_bits_equals_two_updates_by_16),
	};

	return cmocka_run_group_tests_name("packet checksums", tests, packet_pool_start,
					   packet_pool_stop);
}
