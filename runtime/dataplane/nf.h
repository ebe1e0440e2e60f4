/* What a handler in C sees of the library: values that messages carry. The
 * generated header of each network function (`NAME.gen.h`) includes this file
 * and nothing else of the library. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A handle of a flow. A stale one (the flow has ended) does nothing and is
 * counted. Compare with mbx_flow_equal(). */
struct mbx_flow {
	uint32_t index;
	uint32_t generation;
};

static inline bool mbx_flow_equal(struct mbx_flow a, struct mbx_flow b)
{
	return a.index == b.index && a.generation == b.generation;
}

/* An address in network byte order. IPv4 is in the first four bytes, the rest
 * is zero. `version` is 4 or 6; 0 where the packet has no IP header. */
struct mbx_ip {
	uint8_t bytes[16];
	uint8_t version;
};

struct mbx_mac {
	uint8_t bytes[6];
};

/* The sender's side of a flow: the client opened it. */
enum mbx_direction {
	MBX_CLIENT = 0,
	MBX_SERVER = 1,
};

/* Initialises a `text<N>` field: `.message = MBX_TEXT("found")`. The literal
 * must fit, the C compiler says so otherwise. */
#define MBX_TEXT(literal)                                                                          \
	{                                                                                          \
		.len = sizeof(literal) - 1, .text = literal                                        \
	}

static inline bool mbx_text_equal(const char *text, uint16_t len, const char *other,
				  size_t other_len)
{
	return len == other_len && memcmp(text, other, len) == 0;
}

/* Copies a string of run time into a text<N> field of `size` bytes, cut to fit.
 * Returns the number of bytes kept. */
static inline uint16_t mbx_text_copy(char *text, size_t size, const char *from, size_t len)
{
	uint16_t kept = (uint16_t)(len < size ? len : size);

	memcpy(text, from, kept);
	return kept;
}
