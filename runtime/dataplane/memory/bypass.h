/* Writes past the caches. A line that is written as a whole need not be read first, and
 * takes no other's place. What was written so is ordered for the core that wrote it alone:
 * others need a fence (sfence). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BYPASS_LINE 64
#define BYPASS_MIN (3 * BYPASS_LINE) /* of less, most may lie in lines that others share */

/* Copies bytes; lines that they do not fill are written as usual. */
static inline void bypass_copy(uint8_t *to, const uint8_t *from, size_t len)
{
#ifdef __SSE2__
	size_t head = -(uintptr_t)to % BYPASS_LINE;

	if (len >= BYPASS_MIN) {
		memcpy(to, from, head);
		for (to += head, from += head, len -= head; len >= BYPASS_LINE;
		     to += BYPASS_LINE, from += BYPASS_LINE, len -= BYPASS_LINE)
			for (size_t at = 0; at < BYPASS_LINE; at += sizeof(__m128i))
				_mm_stream_si128((__m128i *)(to + at),
						 _mm_loadu_si128((const __m128i *)(from + at)));
	}
#endif
	memcpy(to, from, len);
}
