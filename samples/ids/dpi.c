/* dpi: names the application of a flow from the client's first bytes. */
#include "dpi.gen.h"

static bool is_http(const uint8_t *data, uint32_t len)
{
	static const char *const methods[] = {"GET ",	  "POST ",  "HEAD ",	"PUT ",	 "DELETE ",
					      "OPTIONS ", "PATCH ", "CONNECT ", "TRACE "};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		size_t size = strlen(methods[i]);

		if (len >= size && memcmp(data, methods[i], size) == 0)
			return true;
	}
	return false;
}

/* A handshake record of any version of TLS (RFC 8446, section 5.1). */
static bool is_tls(const uint8_t *data, uint32_t len)
{
	return len >= 3 && data[0] == 22 && data[1] == 3 && data[2] <= 4;
}

/* The client's first MySQL packet: its length, then sequence number 1, then
 * capabilities with CLIENT_PROTOCOL_41 (0x0200). */
static bool is_sql(const uint8_t *data, uint32_t len)
{
	uint32_t length;

	if (len < 36)
		return false;
	length = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16;
	return data[3] == 1 && length + 4 <= 4096 && (data[5] & 0x02) != 0;
}

static enum dpi_detect_app classify(const uint8_t *data, uint32_t len)
{
	if (is_http(data, len))
		return DPI_DETECT_APP_HTTP;
	if (is_tls(data, len))
		return DPI_DETECT_APP_TLS;
	if (is_sql(data, len))
		return DPI_DETECT_APP_SQL;
	return DPI_DETECT_APP_UNKNOWN;
}

void dpi_on_flow_established(struct dpi_ctx *ctx, const struct flow_established *m)
{
	dpi_state(ctx, m->flow)->detected = false;
}

void dpi_on_data_tcp(struct dpi_ctx *ctx, const struct data_tcp *m)
{
	struct dpi_state *state = dpi_state(ctx, m->flow);

	if (state->detected)
		return;
	state->detected = true;
	dpi_publish_dpi_detect(
	    ctx, &(struct dpi_detect){.flow = m->flow, .app = classify(m->data, m->len)});
}
