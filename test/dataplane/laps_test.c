/* A capture in memory: laps differ in their clients and in nothing else. */
#define ALLOW_EXPERIMENTAL_API /* verifying checksums */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <rte_ip.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "packet/dynfield.h"
#include "packet/packet.h"
#include "port/laps.h"
#include "support/eal.h"
#include "support/tcp_frame.h"
#include "support/temp_file.h"

#define FRAMES_MAX 64
#define START_S 1000u

static char path[TEMP_PATH];
static struct rte_mempool *pool;

/* ---- captures ---- */

static uint32_t written;

static void put(FILE *f, const uint8_t *data, uint32_t len)
{
	uint32_t header[4] = {START_S, written++ * 10, len, len};

	assert_int_equal(fwrite(header, sizeof(header), 1, f), 1);
	assert_int_equal(fwrite(data, len, 1, f), 1);
}

static void put_tcp(FILE *f, int dir, uint16_t client_port, uint32_t len)
{
	static uint8_t frame[9100], data[9000];

	memset(data, 'x', sizeof(data));
	put(f, frame,
	    tcp_frame_write(frame, &(struct tcp_spec){.dir = dir,
						      .seq = 7,
						      .flags = TCP_ACK,
						      .client_port = client_port,
						      .data = data,
						      .len = len}));
}

/* UDP from 2001:db8::c to 2001:db8::5, or the other way. */
static void put_udp6(FILE *f, bool answer)
{
	uint8_t frame[14 + 40 + 8 + 6] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd};
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)(frame + 14);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(frame + 54);

	ip->vtc_flow = RTE_BE32(0x60000000);
	ip->payload_len = RTE_BE16(14);
	ip->proto = 17;
	ip->hop_limits = 64;
	memcpy(ip->src_addr, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x0c", 16);
	memcpy(ip->dst_addr, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x05", 16);
	if (answer) {
		ip->src_addr[15] = 5;
		ip->dst_addr[15] = 12;
	}
	udp->src_port = RTE_BE16(53);
	udp->dst_port = RTE_BE16(53);
	udp->dgram_len = RTE_BE16(14);
	memcpy(udp + 1, "answer", 6);
	udp->dgram_cksum = rte_ipv6_udptcp_cksum(ip, udp);
	put(f, frame, sizeof(frame));
}

static void put_arp(FILE *f)
{
	uint8_t frame[42] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x06, 0, 1, 8, 0};

	put(f, frame, sizeof(frame));
}

static FILE *capture_begin(void)
{
	static const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	written = 0;
	assert_int_equal(fwrite(header, sizeof(header), 1, f), 1);
	return f;
}

static void load(struct laps *l, uint32_t laps)
{
	struct capture_file file;
	struct laps_size size;

	assert_int_equal(laps_measure(path, &size), 0);
	assert_true(size.mbufs > 0 && size.mbufs < FRAMES_MAX);
	assert_int_equal(capture_open(&file, path), 0);
	assert_int_equal(laps_load(l, &file, pool, laps, true, NULL), 0);
	capture_close(&file);
}

static void all_kinds(void)
{
	FILE *f = capture_begin();

	put_tcp(f, 0, 1000, 0);
	put_tcp(f, 1, 1000, 100);
	put_arp(f);
	put_udp6(f, false);
	put_udp6(f, true);
	put_tcp(f, 1, 1000, 9000);
	assert_int_equal(fclose(f), 0);
}

/* ---- what is checked ---- */

static void bytes_of(const struct rte_mbuf *m, uint8_t *into)
{
	const void *at = rte_pktmbuf_read(m, 0, rte_pktmbuf_pkt_len(m), into);

	assert_non_null(at);
	if (at != into)
		memcpy(into, at, rte_pktmbuf_pkt_len(m));
}

static bool sums_are_right(uint8_t *frame)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + 14);
	struct rte_ipv6_hdr *six = (struct rte_ipv6_hdr *)(frame + 14);

	if (frame[12] == 0x86)
		return rte_ipv6_udptcp_cksum_verify(six, six + 1) == 0;
	return rte_raw_cksum(ip, sizeof(*ip)) == 0xffff &&
	       rte_ipv4_udptcp_cksum_verify(ip, ip + 1) == 0;
}

static uint16_t take_all(struct laps *l, struct rte_mbuf **into, uint16_t most)
{
	uint16_t count = 0;

	while (count < most && !laps_ended(l)) {
		uint16_t got = laps_take(l, into + count, most - count, UINT64_MAX);

		if (got == 0)
			break;
		count += got;
	}
	return count;
}

static void laps_change_more_than_the_client_or_less(void **state)
{
	static uint8_t first[6][9200], frame[9200];
	struct rte_mbuf *m[6];
	struct laps l;

	(void)state;
	all_kinds();
	load(&l, 5);
	for (uint32_t lap = 0; lap < 5; lap++) {
		uint32_t clients[6] = {0};

		assert_int_equal(take_all(&l, m, 6), 6);
		for (int i = 0; i < 6; i++) {
			uint32_t len = rte_pktmbuf_pkt_len(m[i]);
			int at = i == 0 ? 26 : i == 3 ? 34 : i == 4 ? 50 : 30;

			bytes_of(m[i], frame);
			if (lap == 0)
				memcpy(first[i], frame, len);
			if (i == 2) {
				assert_memory_equal(frame, first[i], len);
				continue;
			}
			assert_true(sums_are_right(frame));
			memcpy(&clients[i], frame + at, 4);
			assert_true((memcmp(frame + at, first[i] + at, 4) == 0) == (lap == 0));
			/* But for the address and both sums all is as it was. */
			memcpy(frame + at, first[i] + at, 4);
			memcpy(frame + 24, first[i] + 24, frame[12] == 0x86 ? 0 : 2);
			memcpy(frame + (frame[12] == 0x86 ? 60 : 50),
			       first[i] + (frame[12] == 0x86 ? 60 : 50), 2);
			assert_memory_equal(frame, first[i], len);
		}
		assert_int_equal(clients[0], clients[1]);
		assert_int_equal(clients[0], clients[5]);
		assert_int_equal(clients[3], clients[4]);
		laps_return(m, 6);
	}
	assert_true(laps_ended(&l));
	laps_unload(&l);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static void times_go_back_between_laps(void **state)
{
	struct rte_mbuf *m[1];
	uint64_t before = 0;
	struct laps l;

	(void)state;
	all_kinds();
	load(&l, 3);
	for (int i = 0; i < 18; i++) {
		uint64_t told = laps_time(&l);

		assert_int_equal(take_all(&l, m, 1), 1);
		assert_int_equal(packet_mbuf_time(m[0]), told);
		assert_true(told > before);
		before = told;
		laps_return(m, 1);
	}
	laps_unload(&l);
}

/* Clients 10.0.0.1 and 10.0.0.2 of one server: the lap's number must not make one
 * the other. */
static void a_client_of_one_lap_is_another_of_another_lap(void **state)
{
	uint8_t frame[128];
	struct rte_mbuf *m[2];
	struct laps l;
	FILE *f = capture_begin();
	uint32_t seen[2 * 16];

	(void)state;
	for (uint8_t i = 0; i < 2; i++) {
		uint32_t len = tcp_frame_write(frame, &(struct tcp_spec){.flags = TCP_SYN});

		frame[29] = 1 + i;
		frame[33] = 99;
		put(f, frame, len);
	}
	assert_int_equal(fclose(f), 0);
	load(&l, 16);
	for (int lap = 0; lap < 16; lap++) {
		assert_int_equal(take_all(&l, m, 2), 2);
		for (int i = 0; i < 2; i++) {
			memcpy(&seen[lap * 2 + i], rte_pktmbuf_mtod_offset(m[i], uint8_t *, 26), 4);
			for (int k = 0; k < lap * 2 + i; k++)
				assert_int_not_equal(seen[k], seen[lap * 2 + i]);
		}
		laps_return(m, 2);
	}
	laps_unload(&l);
}

static void a_frame_that_is_still_held_changes(void **state)
{
	static uint8_t before[9200], after[9200];
	struct rte_mbuf *held[6], *m[6];
	struct laps l;

	(void)state;
	all_kinds();
	load(&l, 3);
	assert_int_equal(take_all(&l, held, 6), 6);
	for (int lap = 1; lap < 3; lap++) {
		assert_int_equal(take_all(&l, m, 6), 6);
		for (int i = 0; i < 6; i++) {
			assert_ptr_not_equal(m[i], held[i]);
			bytes_of(held[i], before);
		}
		laps_return(m, 6);
	}
	bytes_of(held[0], after);
	assert_int_equal(after[29], 1);
	laps_return(held, 6);
	laps_unload(&l);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static void frames_that_are_passed_over_are_not_counted_in_laps(void **state)
{
	struct rte_mbuf *m[6];
	struct laps l;

	(void)state;
	all_kinds();
	load(&l, 2);
	assert_int_equal(laps_discard(&l), 54);
	assert_int_equal(laps_discard(&l), 154);
	assert_int_equal(take_all(&l, m, 4), 4);
	laps_return(m, 4);
	assert_int_equal(l.lap, 1);
	assert_int_equal(take_all(&l, m, 6), 6);
	laps_return(m, 6);
	assert_true(laps_ended(&l));
	laps_unload(&l);
}

static void a_capture_without_frames_has_laps(void **state)
{
	struct laps_size size;
	struct capture_file file;
	struct laps l;

	(void)state;
	assert_int_equal(fclose(capture_begin()), 0);
	assert_int_equal(laps_measure(path, &size), 0);
	assert_int_equal(size.mbufs, 0);
	assert_int_equal(capture_open(&file, path), 0);
	assert_int_equal(laps_load(&l, &file, pool, 7, false, NULL), 0);
	assert_true(laps_ended(&l));
	laps_unload(&l);
	capture_close(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(laps_change_more_than_the_client_or_less),
	    cmocka_unit_test(times_go_back_between_laps),
	    cmocka_unit_test(a_client_of_one_lap_is_another_of_another_lap),
	    cmocka_unit_test(a_frame_that_is_still_held_changes),
	    cmocka_unit_test(frames_that_are_passed_over_are_not_counted_in_laps),
	    cmocka_unit_test(a_capture_without_frames_has_laps),
	};
	int ret;

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	if (pool == NULL || temp_file(path, "") != 0)
		return 1;
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return ret;
}
