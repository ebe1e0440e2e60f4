/* signature: plain substring patterns over what the client sends. A pattern is
 * also found where it is spread over segments: the last bytes of one are kept
 * for the next. */
#include "signature.gen.h"

#define SQL_INJECTION 942100

struct pattern {
	const char *text; /* lower case, at most 32 bytes */
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

/* ASCII alone: what a request or a query is written in. */
static inline uint8_t fold(uint8_t letter)
{
	return (uint8_t)(letter - 'A') < 26 ? letter | 0x20 : letter;
}

static bool begins_with(const uint8_t *data, const char *text, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		if (fold(data[i]) != (uint8_t)text[i])
			return false;
	return true;
}

static bool contains(const uint8_t *data, uint32_t len, const char *text)
{
	uint32_t size = (uint32_t)strlen(text);

	for (uint32_t i = 0; i + size <= len; i++)
		if (fold(data[i]) == (uint8_t)text[0] && begins_with(data + i, text, size))
			return true;
	return false;
}

/* Looks at the seam of the kept bytes and these, then at these. */
static bool found(const struct signature_state *state, const struct data_tcp *m, const char *text)
{
	uint8_t seam[2 * sizeof(state->tail.bytes)];
	uint32_t head = m->len < sizeof(state->tail.bytes) ? m->len : sizeof(state->tail.bytes);

	memcpy(seam, state->tail.bytes, state->tail.len);
	memcpy(seam + state->tail.len, m->data, head);
	return contains(seam, state->tail.len + head, text) || contains(m->data, m->len, text);
}

static void keep_tail(struct signature_state *state, const struct data_tcp *m)
{
	uint32_t size = sizeof(state->tail.bytes);
	uint32_t old = state->tail.len;

	if (m->len >= size) {
		memcpy(state->tail.bytes, m->data + m->len - size, size);
		state->tail.len = (uint16_t)size;
		return;
	}
	if (old + m->len > size) {
		uint32_t cut = old + m->len - size;

		memmove(state->tail.bytes, state->tail.bytes + cut, old - cut);
		old -= cut;
	}
	memcpy(state->tail.bytes + old, m->data, m->len);
	state->tail.len = (uint16_t)(old + m->len);
}

static void inspect(struct signature_ctx *ctx, const struct data_tcp *m,
		    const struct pattern *patterns, size_t count)
{
	struct signature_state *state = signature_state(ctx, m->flow);

	if (m->dir != MBX_CLIENT)
		return;
	for (size_t i = 0; i < count; i++) {
		struct ids_alert alert = {
		    .flow = m->flow, .signature = SQL_INJECTION, .severity = 1};

		if (!found(state, m, patterns[i].text))
			continue;
		state->matched++;
		alert.message.len = mbx_text_copy(alert.message.text, sizeof(alert.message.text),
						  patterns[i].message, strlen(patterns[i].message));
		signature_publish_ids_alert(ctx, &alert);
		signature_drop_flow(ctx, m->flow);
		signature_switch(ctx, m->flow, SIGNATURE_IGNORE);
		return;
	}
	keep_tail(state, m);
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
	inspect(ctx, m, http_patterns, sizeof(http_patterns) / sizeof(http_patterns[0]));
}

void signature_on_sql(struct signature_ctx *ctx, const struct data_tcp *m)
{
	inspect(ctx, m, sql_patterns, sizeof(sql_patterns) / sizeof(sql_patterns[0]));
}
