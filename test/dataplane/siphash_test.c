/* SipHash-2-4: the vectors of its authors, in whatever pieces they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/siphash.h"

/* Key 00 01 … 0f, input 00 01 … of the lengths 0, 1, 7, 8, 15 and 63: the paper's
 * appendix A, and vectors.h of the reference implementation. */
static const struct siphash_key key = {{0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull}};

static const struct {
	uint32_t len;
	uint64_t tag;
} vectors[] = {
    {0, 0x726fdb47dd0e0e31ull}, {1, 0x74f839c593dc67fdull},  {7, 0xab0200f58b01d137ull},
    {8, 0x93f5f5799a932462ull}, {15, 0xa129ca6149be45e5ull}, {63, 0x958a324ceb064572ull},
};

static uint64_t tag(uint32_t len, uint32_t piece)
{
	struct siphash h = siphash_begin(&key);
	uint8_t input[64];

	for (uint32_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	for (uint32_t at = 0; at < len; at += piece)
		siphash_add(&h, input + at, len - at < piece ? len - at : piece);
	return siphash_end(&h);
}

static void follows_its_authors_vectors(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_int_equal(tag(vectors[i].len, 64), vectors[i].tag);
}

static void pieces_do_not_matter(void **state)
{
	(void)state;
	for (uint32_t piece = 1; piece < 20; piece++)
		for (uint32_t len = 0; len <= 63; len++)
			assert_int_equal(tag(len, piece), tag(len, 64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(follows_its_authors_vectors),
	    cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
