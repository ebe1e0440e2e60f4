/* Checksums of usual packets, verified in line, against the function that knows every
 * kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "packet/checksum.h"
#include "support/frame.h"
#include "support/same_packet.h"
#include "support/tcp_frame.h"

#define OPTIONS_MAX 40

static uint8_t bytes[2 * CHECKSUM_SHORT + 64];

/* What is left to the other function is right as well, but never usual. */
static bool is_usual(const struct packet *p)
{
	return (p->flags & PACKET_IP4) && (p->flags & PACKET_TCP) && p->l4 - p->l3 == 20 &&
	       p->payload_missing == 0;
}

static void compare(const uint8_t *frame, uint32_t len, const char *what, uint32_t at)
{
	struct rte_mbuf m = mbuf_wrap(frame, len);
	struct packet p = {0};

	packet_parse(&p, &m, LINK_ETHERNET);
	if (!(p.flags & PACKET_MALFORMED) &&
	    packet_checksum_usual(&p) !=
		(is_usual(&p) && packet_checksum_check(&p) == CHECKSUM_RIGHT))
		fail_msg("%s at %u of a frame of %u bytes: judged otherwise in line", what, at,
			 len);
	mbuf_unwrap(&m);
}

static uint32_t make(uint8_t *frame, uint8_t options, uint32_t len)
{
	static const uint8_t nops[OPTIONS_MAX] = {1, 1, 1, 1};

	return tcp_frame_write(frame, &(struct tcp_spec){.seq = 0xfffefdfc,
							 .ack = 0x05060708,
							 .flags = TCP_ACK,
							 .options = nops,
							 .options_len = options,
							 .data = bytes,
							 .len = len});
}

static int bytes_fill(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(0xff - i * 7 / 3);
	dynfields_fake();
	return 0;
}

static void a_length_is_judged_otherwise_in_line(void **state)
{
	uint8_t frame[512];

	(void)state;
	for (uint8_t options = 0; options <= OPTIONS_MAX; options += 4) {
		for (uint32_t payload = 0; payload < sizeof(bytes); payload++) {
			uint32_t len = make(frame, options, payload);

			compare(frame, len, "right", payload);
			frame[len - 1] ^= 0x10;
			compare(frame, len, "its last byte", payload);
		}
	}
}

static void a_changed_byte_is_judged_otherwise_in_line(void **state)
{
	static const uint32_t payloads[] = {0, 1, 7, 100, 120, 200};
	uint8_t frame[512];

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(payloads); i++) {
		uint32_t len = make(frame, 12, payloads[i]);

		for (uint32_t at = 12; at < len; at++) {
			uint8_t was = frame[at];

			for (unsigned int value = 0; value < 256; value++) {
				frame[at] = (uint8_t)value;
				compare(frame, len, "a byte", at);
			}
			frame[at] = was;
		}
	}
}

static void padding_or_a_cut_is_judged_otherwise_in_line(void **state)
{
	uint8_t frame[512] = {0};

	(void)state;
	make(frame, 12, 9);
	for (uint32_t cut = 0; cut <= sizeof(frame); cut++)
		compare(frame, cut, "its end", cut);
}

static bool is_right(const uint8_t *frame, uint32_t len)
{
	struct rte_mbuf m = mbuf_wrap(frame, len);
	struct packet p = {0};
	bool right;

	packet_parse(&p, &m, LINK_ETHERNET);
	right = packet_checksum_check(&p) == CHECKSUM_RIGHT;
	mbuf_unwrap(&m);
	return right;
}

/* Where the sum is a multiple of 0xffff without the checksum, both zeros are right. */
static void one_of_both_zeros_is_judged_otherwise_in_line(void **state)
{
	const uint32_t check = 14 + 20 + 16, payload = 14 + 20 + 20;
	uint8_t frame[512];

	(void)state;
	for (uint32_t odd = 0; odd < 2; odd++) {
		uint32_t len = make(frame, 0, 10 + odd), right = 0;

		for (uint32_t value = 0; value <= UINT16_MAX; value++) {
			uint16_t word = (uint16_t)value;

			memcpy(frame + payload, &word, sizeof(word));
			memset(frame + check, 0, 2);
			right += is_right(frame, len);
			compare(frame, len, "a checksum of zero", value);
			memset(frame + check, 0xff, 2);
			compare(frame, len, "a checksum of ones", value);
		}
		assert_true(right > 0);
	}
}

static void a_number_beside_a_multiple_is_taken_for_one(void **state)
{
	const uint64_t last = UINT64_MAX / 0xffff;

	(void)state;
	for (uint64_t i = 0; i < 1u << 16; i++) {
		const uint64_t some[] = {i, last - i, i << 24, (i << 32) + 1};

		for (size_t k = 0; k < RTE_DIM(some); k++)
			for (uint64_t sum = some[k] * 0xffff - 2, n = 0; n < 5; sum++, n++)
				assert_int_equal(checksum_is_whole(sum), sum % 0xffff == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_length_is_judged_otherwise_in_line),
	    cmocka_unit_test(a_changed_byte_is_judged_otherwise_in_line),
	    cmocka_unit_test(padding_or_a_cut_is_judged_otherwise_in_line),
	    cmocka_unit_test(one_of_both_zeros_is_judged_otherwise_in_line),
	    cmocka_unit_test(a_number_beside_a_multiple_is_taken_for_one),
	};

	return cmocka_run_group_tests(tests, bytes_fill, NULL);
}
