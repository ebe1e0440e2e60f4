/* Sums of a checksum: as one word after the other would give them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "packet/checksum.h"

#define BYTES_MAX 2100

/* RFC 1071, section 4.1. */
static uint16_t word_by_word(const uint8_t *at, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i + 1 < len; i += 2) {
		uint16_t word;

		memcpy(&word, at + i, sizeof(word));
		sum += word;
	}
	if (len % 2 != 0)
		sum += at[len - 1]; /* the first byte of its word: little-endian machines */
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void check(const uint8_t *bytes, const char *what)
{
	for (uint32_t from = 0; from < 9; from++)
		for (uint32_t len = 0; len + from <= BYTES_MAX; len++)
			if (checksum_fold64(checksum_sum(bytes + from, len)) !=
			    word_by_word(bytes + from, len))
				fail_msg("%s: the sum over %u bytes from %u is wrong", what, len,
					 from);
}

static void sums_of_random_bytes_are_wrong(void **state)
{
	uint8_t *bytes = malloc(BYTES_MAX);
	uint32_t x = 1;

	(void)state;
	assert_non_null(bytes);
	for (uint32_t i = 0; i < BYTES_MAX; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
	}
	check(bytes, "random bytes");
	free(bytes);
}

static void sums_of_bytes_that_carry_most_are_wrong(void **state)
{
	uint8_t *bytes = malloc(BYTES_MAX);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 0xff, BYTES_MAX);
	check(bytes, "bytes of ones");
	free(bytes);
}

static void folds_lose_a_carry(void **state)
{
	(void)state;
	assert_int_equal(checksum_fold64(UINT64_MAX), 0xffff);
	assert_int_equal(checksum_fold64(0xffffffff00000001ull), 1);
	assert_int_equal(checksum_fold64(0x1ffffffffull), 1);
	assert_int_equal(checksum_fold64(0x10000ull), 1);
	assert_int_equal(checksum_fold64(0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sums_of_random_bytes_are_wrong),
	    cmocka_unit_test(sums_of_bytes_that_carry_most_are_wrong),
	    cmocka_unit_test(folds_lose_a_carry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
