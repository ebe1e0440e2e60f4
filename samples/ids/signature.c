/* signature: patterns over what the client sends, all of an application looked for at
 * once by Hyperscan. A pattern is also found where it is spread over segments: the last
 * bytes of one are kept for the next, and copied before those: one block takes less time to
 * look through than two pieces. */
#include <hs.h>
#include <stdio.h>
#include <stdlib.h>

#include "signature.gen.h"

#define SQL_INJECTION 942100
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct pattern {
	const char *text; /* at most 32 bytes; its case does not matter */
	const char *message;
};

static const struct pattern http_patterns[] = {
    {"union select", "SQL injection in a request: UNION SELECT"},
    {"union%20select", "SQL injection in a request: UNION SELECT"},
    {"union+select", "SQL injection in a request: UNION SELECT"},
    {"' or '1'='1", "SQL injection in a request: a condition that is always true"},
    {"%27%20or%20%271%27=%271", "SQL injection in a request: a condition that is always true"},
    {"'+or+'1'='1", "SQL injection in a request: a condition that is always true"},
};

static const struct pattern sql_patterns[] = {
    {"or '1'='1", "SQL injection in a query: a condition that is always true"},
    {"union select", "SQL injection in a query: UNION SELECT"},
};

#define TAIL_MAX sizeof(((struct signature_state *)0)->tail.bytes)
#define SEGMENT_MAX 65535 /* an IP datagram's length has 16 bits */

/* The patterns, compiled for this machine, and where a scan has its working memory. */
struct signature_instance {
	hs_database_t *http, *sql;
	hs_scratch_t *scratch;
	/* The bytes that a flow's state keeps, and those behind them. */
	uint8_t joined[TAIL_MAX + SEGMENT_MAX];
};

static hs_database_t *compile(const struct pattern *patterns, unsigned int count, char *why,
			      size_t size)
{
	const char *texts[COUNT(http_patterns) + COUNT(sql_patterns)];
	size_t sizes[COUNT(texts)];
	unsigned int flags[COUNT(texts)], numbers[COUNT(texts)];
	hs_database_t *database = NULL;
	hs_compile_error_t *error;

	for (unsigned int i = 0; i < count; i++) {
		texts[i] = patterns[i].text;
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

void signature_on_stop(struct signature_instance *own)
{
	hs_free_scratch(own->scratch);
	hs_free_database(own->http);
	hs_free_database(own->sql);
	free(own);
}

struct signature_instance *signature_on_start(char *why, size_t size)
{
	struct signature_instance *own = calloc(1, sizeof(*own));

	if (own == NULL)
		return NULL;
	own->http = compile(http_patterns, COUNT(http_patterns), why, size);
	own->sql = compile(sql_patterns, COUNT(sql_patterns), why, size);
	if (own->http != NULL && own->sql != NULL &&
	    hs_alloc_scratch(own->http, &own->scratch) == HS_SUCCESS &&
	    hs_alloc_scratch(own->sql, &own->scratch) == HS_SUCCESS)
		return own;
	signature_on_stop(own);
	return NULL;
}

/* Of several patterns in the same bytes the first of the list counts. */
static int note_match(unsigned int number, unsigned long long from, unsigned long long to,
		      unsigned int flags, void *first)
{
	unsigned int *found = first;

	(void)from;
	(void)to;
	(void)flags;
	if (number < *found)
		*found = number;
	return 0;
}

/* The number of the pattern in these bytes, or `none`. */
static unsigned int scan(const struct signature_instance *own, const hs_database_t *database,
			 uint32_t size, unsigned int none)
{
	unsigned int found = none;

	hs_scan(database, (const char *)own->joined, size, 0, own->scratch, note_match, &found);
	return found;
}

/* Puts the bytes behind the last ones of those before; how many there are. */
static uint32_t join(struct signature_instance *own, const struct signature_state *state,
		     const struct data_tcp *m)
{
	memcpy(own->joined, state->tail.bytes, TAIL_MAX);
	memcpy(own->joined + state->tail.len, m->data, m->len);
	return state->tail.len + m->len;
}

static void keep_tail(struct signature_state *state, const struct signature_instance *own,
		      uint32_t size)
{
	state->tail.len = (uint16_t)(size < TAIL_MAX ? size : TAIL_MAX);
	memcpy(state->tail.bytes, own->joined + size - state->tail.len, state->tail.len);
}

static void inspect(struct signature_ctx *ctx, const struct data_tcp *m,
		    const hs_database_t *database, const struct pattern *patterns,
		    unsigned int count)
{
	struct ids_alert alert = {.flow = m->flow, .signature = SQL_INJECTION, .severity = 1};
	struct signature_state *state = signature_state(ctx, m->flow);
	struct signature_instance *own = signature_instance(ctx);
	uint32_t size = join(own, state, m);
	unsigned int found = scan(own, database, size, count);

	if (found == count) {
		keep_tail(state, own, size);
		return;
	}
	state->matched++;
	alert.message.len = mbx_text_copy(alert.message.text, sizeof(alert.message.text),
					  patterns[found].message, strlen(patterns[found].message));
	signature_publish_ids_alert(ctx, &alert);
	signature_drop_flow(ctx, m->flow);
	signature_switch(ctx, m->flow, SIGNATURE_IGNORE);
}

void signature_on_detect(struct signature_ctx *ctx, const struct dpi_detect *m)
{
	if (m->app == DPI_DETECT_APP_HTTP)
		signature_switch(ctx, m->flow, SIGNATURE_HTTP);
	else if (m->app == DPI_DETECT_APP_SQL)
		signature_switch(ctx, m->flow, SIGNATURE_SQL);
	else
		signature_switch(ctx, m->flow, SIGNATURE_IGNORE);
}

void signature_on_http(struct signature_ctx *ctx, const struct data_tcp *m)
{
	inspect(ctx, m, signature_instance(ctx)->http, http_patterns, COUNT(http_patterns));
}

void signature_on_sql(struct signature_ctx *ctx, const struct data_tcp *m)
{
	inspect(ctx, m, signature_instance(ctx)->sql, sql_patterns, COUNT(sql_patterns));
}
