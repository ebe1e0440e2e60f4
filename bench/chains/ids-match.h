/* What the five signature functions of the bench look for: plain patterns, those of the
 * sample in what clients send, one in the beginning of what servers say. A pattern is
 * found where segments cut it, too, in what clients send. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SIGNATURE_TAIL 31u
#define SIGNATURE_SERVER_DEPTH 1024u

struct signature {
	const char *text; /* lower case, at most 32 bytes */
	uint32_t number;
	const char *message;
};

static const struct signature client_signatures[] = {
    {"union select", 942100, "SQL injection: UNION SELECT"},
    {"union%20select", 942100, "SQL injection: UNION SELECT"},
    {"union+select", 942100, "SQL injection: UNION SELECT"},
    {"' or '1'='1", 942100, "SQL injection: a condition that is always true"},
    {"%27%20or%20%271%27=%271", 942100, "SQL injection: a condition that is always true"},
    {"'+or+'1'='1", 942100, "SQL injection: a condition that is always true"},
};

static const struct signature server_signatures[] = {
    {"error in your sql syntax", 951230, "a database error in an answer"},
};

static inline uint8_t signature_fold(uint8_t letter)
{
	return (uint8_t)(letter - 'A') < 26 ? letter | 0x20 : letter;
}

static inline bool signature_at(const uint8_t *data, const char *text, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		if (signature_fold(data[i]) != (uint8_t)text[i])
			return false;
	return true;
}

static inline bool signature_within(const uint8_t *data, uint32_t len, const char *text)
{
	uint32_t size = (uint32_t)strlen(text);

	for (uint32_t i = 0; i + size <= len; i++)
		if (signature_fold(data[i]) == (uint8_t)text[0] &&
		    signature_at(data + i, text, size))
			return true;
	return false;
}

/* The last bytes that were seen, for a pattern that goes on in the next segment. */
static inline void signature_keep_tail(uint8_t *tail, uint16_t *kept, const uint8_t *data,
				       uint32_t len)
{
	uint32_t old = *kept;

	if (len >= SIGNATURE_TAIL) {
		memcpy(tail, data + len - SIGNATURE_TAIL, SIGNATURE_TAIL);
		*kept = SIGNATURE_TAIL;
		return;
	}
	if (old + len > SIGNATURE_TAIL) {
		uint32_t cut = old + len - SIGNATURE_TAIL;

		memmove(tail, tail + cut, old - cut);
		old -= cut;
	}
	memcpy(tail + old, data, len);
	*kept = (uint16_t)(old + len);
}

/* What is in a piece of the client's stream, and where it meets the bytes before; or NULL.
 * What was not recognised is looked through like the rest: it may be anything. */
static inline const struct signature *signature_in_client(uint8_t *tail, uint16_t *kept,
							  const uint8_t *data, uint32_t len)
{
	uint32_t head = len < SIGNATURE_TAIL ? len : SIGNATURE_TAIL;
	uint8_t seam[2 * SIGNATURE_TAIL];

	memcpy(seam, tail, *kept);
	memcpy(seam + *kept, data, head);
	for (size_t i = 0; i < sizeof(client_signatures) / sizeof(client_signatures[0]); i++) {
		const struct signature *one = &client_signatures[i];

		if (signature_within(seam, *kept + head, one->text) ||
		    signature_within(data, len, one->text))
			return one;
	}
	signature_keep_tail(tail, kept, data, len);
	return NULL;
}

/* The same of the server's stream, within its first bytes. */
static inline const struct signature *signature_in_server(uint64_t offset, const uint8_t *data,
							  uint32_t len)
{
	if (offset >= SIGNATURE_SERVER_DEPTH)
		return NULL;
	for (size_t i = 0; i < sizeof(server_signatures) / sizeof(server_signatures[0]); i++)
		if (signature_within(data, len, server_signatures[i].text))
			return &server_signatures[i];
	return NULL;
}
