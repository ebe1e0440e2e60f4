/* What the five signature functions of the bench look for, by Hyperscan as in the sample:
 * its patterns in what clients send, one in the beginning of what servers say. A pattern
 * is found where segments cut it, too, in what clients send. */
#pragma once

#include <hs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE_TAIL 31u
#define SIGNATURE_SERVER_DEPTH 1024u
#define SIGNATURES_MAX 8u
#define SEGMENT_MAX 65535u

struct signature {
	const char *text; /* at most 32 bytes; its case does not matter */
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

/* Both, compiled for this machine, and where a scan has its working memory; the kept bytes
 * of a client's stream and those behind them. */
struct matcher {
	hs_database_t *client, *server;
	hs_scratch_t *scratch;
	uint8_t joined[SIGNATURE_TAIL + SEGMENT_MAX];
};

static inline hs_database_t *signatures_compile(const struct signature *all, unsigned int count,
						char *why, size_t size)
{
	const char *texts[SIGNATURES_MAX];
	size_t sizes[SIGNATURES_MAX];
	unsigned int flags[SIGNATURES_MAX], numbers[SIGNATURES_MAX];
	hs_database_t *database = NULL;
	hs_compile_error_t *error;

	for (unsigned int i = 0; i < count; i++) {
		texts[i] = all[i].text;
		sizes[i] = strlen(texts[i]);
		flags[i] = HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH;
		numbers[i] = i;
	}
	if (hs_compile_lit_multi(texts, flags, numbers, sizes, count, HS_MODE_BLOCK, NULL,
				 &database, &error) == HS_SUCCESS)
		return database;
	snprintf(why, size, "%s", error->message);
	hs_free_compile_error(error);
	return NULL;
}

static inline void matcher_end(struct matcher *m)
{
	hs_free_scratch(m->scratch);
	hs_free_database(m->client);
	hs_free_database(m->server);
}

static inline bool matcher_begin(struct matcher *m, char *why, size_t size)
{
	m->client = signatures_compile(
	    client_signatures, sizeof(client_signatures) / sizeof(client_signatures[0]), why, size);
	m->server = signatures_compile(
	    server_signatures, sizeof(server_signatures) / sizeof(server_signatures[0]), why, size);
	return m->client != NULL && m->server != NULL &&
	       hs_alloc_scratch(m->client, &m->scratch) == HS_SUCCESS &&
	       hs_alloc_scratch(m->server, &m->scratch) == HS_SUCCESS;
}

/* Of several patterns in the same bytes the first of the list counts. */
static inline int signature_note(unsigned int number, unsigned long long from,
				 unsigned long long to, unsigned int flags, void *first)
{
	unsigned int *found = first;

	if (number < *found)
		*found = number;
	return 0;
}

/* What is in a piece of the client's stream, or in what it makes with the bytes before; or
 * NULL. What was not recognised is looked through like the rest: it may be anything. The last
 * bytes are kept for a pattern that goes on in the next segment. */
static inline const struct signature *signature_in_client(struct matcher *m, uint8_t *tail,
							  uint16_t *kept, const uint8_t *data,
							  uint32_t len)
{
	uint32_t size = *kept + len;
	unsigned int found = UINT32_MAX;

	memcpy(m->joined, tail, SIGNATURE_TAIL);
	memcpy(m->joined + *kept, data, len);
	hs_scan(m->client, (const char *)m->joined, size, 0, m->scratch, signature_note, &found);
	if (found != UINT32_MAX)
		return &client_signatures[found];
	*kept = (uint16_t)(size < SIGNATURE_TAIL ? size : SIGNATURE_TAIL);
	memcpy(tail, m->joined + size - *kept, *kept);
	return NULL;
}

/* The same of the server's stream, within its first bytes. */
static inline const struct signature *signature_in_server(const struct matcher *m, uint64_t offset,
							  const uint8_t *data, uint32_t len)
{
	unsigned int found = UINT32_MAX;

	if (offset >= SIGNATURE_SERVER_DEPTH)
		return NULL;
	hs_scan(m->server, (const char *)data, len, 0, m->scratch, signature_note, &found);
	return found != UINT32_MAX ? &server_signatures[found] : NULL;
}
