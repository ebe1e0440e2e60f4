/* The parser's short way for usual frames against the long one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/frame.h"
#include "support/same_packet.h"
#include "support/tcp_frame.h"

static void compare(const uint8_t *frame, uint32_t len, const char *what, uint32_t at)
{
	struct rte_mbuf m = mbuf_wrap(frame, len);

	if (!ways_agree(&m, LINK_ETHERNET))
		fail_msg("%s at %u of a frame of %u bytes: the short way says something else", what,
			 at, len);
	mbuf_unwrap(&m);
}

static uint32_t make(uint8_t *frame, uint8_t options, uint32_t len)
{
	static const uint8_t nops[40] = {1, 1, 1, 1};

	return tcp_frame_write(frame, &(struct tcp_spec){.seq = 0x01020304,
							 .ack = 0x05060708,
							 .flags = TCP_ACK | TCP_URG,
							 .urgent = 3,
							 .options = nops,
							 .options_len = options,
							 .data = "payload and more",
							 .len = len});
}

static void any_value_of_any_byte_is_parsed_otherwise(void **state)
{
	uint8_t frame[256];

	(void)state;
	for (uint8_t options = 0; options <= 40; options += 20) {
		uint32_t len = make(frame, options, 9);

		for (uint32_t at = 0; at < len; at++) {
			uint8_t was = frame[at];

			for (unsigned int value = 0; value < 256; value++) {
				frame[at] = (uint8_t)value;
				compare(frame, len, "a byte", at);
			}
			frame[at] = was;
		}
	}
}

static void a_cut_or_padded_frame_is_parsed_otherwise(void **state)
{
	uint8_t frame[256] = {0};
	uint32_t len = make(frame, 20, 9);

	(void)state;
	for (uint32_t cut = 0; cut <= sizeof(frame); cut++)
		compare(frame, cut, "its end", cut);
	assert_true(len < sizeof(frame));
}

static void any_total_length_is_parsed_otherwise(void **state)
{
	uint8_t frame[256];
	uint32_t len = make(frame, 0, 9);

	(void)state;
	for (uint32_t total = 0; total <= UINT16_MAX; total++) {
		frame[16] = (uint8_t)(total >> 8);
		frame[17] = (uint8_t)total;
		compare(frame, len, "a total length", total);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_value_of_any_byte_is_parsed_otherwise),
	    cmocka_unit_test(a_cut_or_padded_frame_is_parsed_otherwise),
	    cmocka_unit_test(any_total_length_is_parsed_otherwise),
	};

	dynfields_fake();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
