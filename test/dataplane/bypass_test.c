/* What is written past the caches is what a plain copy writes, and no byte beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "memory/bypass.h"

#define LEN_MAX (BYPASS_MIN + 3 * BYPASS_LINE)
#define AROUND BYPASS_LINE
#define UNTOUCHED 0xa5

static void every_length_at_every_place_of_a_line(void **state)
{
	static uint8_t from[LEN_MAX + BYPASS_LINE];
	static uint8_t to[AROUND + BYPASS_LINE + LEN_MAX + AROUND]
	    __attribute__((aligned(BYPASS_LINE)));
	static uint8_t expected[sizeof(to)];

	(void)state;
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)(i * 7 + i / 251);
	for (size_t at = 0; at < BYPASS_LINE; at++)
		for (size_t len = 0; len <= LEN_MAX; len++) {
			const uint8_t *source = from + (at + len) % BYPASS_LINE;

			memset(to, UNTOUCHED, sizeof(to));
			memset(expected, UNTOUCHED, sizeof(expected));
			memcpy(expected + AROUND + at, source, len);
			bypass_copy(to + AROUND + at, source, len);
			assert_memory_equal(to, expected, sizeof(to));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_length_at_every_place_of_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
