/* Captures through the rig, and the tables that lie beside them. */
#pragma once

#include "monitor_rig.h"
#include "port/capture_file.h"

#define CAPTURE_LINE_MAX 4096
#define CAPTURE_COLUMNS_MAX 16

/* Writes the path of a file that lies in this folder or one above, whatever folder
 * we run in; false where there is none. */
static inline bool capture_find(const char *file, char *path, size_t size)
{
	char up[64] = "";

	for (int level = 0; level < 8; level++) {
		FILE *f;

		snprintf(path, size, "%s%s", up, file);
		f = fopen(path, "r");
		if (f != NULL) {
			fclose(f);
			return true;
		}
		strcat(up, "../");
	}
	return false;
}

/* Where the captures lie, beside the checkout; NULL: they are not here. */
static inline const char *capture_shared(void)
{
	static char path[256];
	const char *given = getenv("MBX_SHARED");

	if (given != NULL)
		return given;
	if (!capture_find("shared/captures/evasion/index.tsv", path, sizeof(path)))
		return NULL;
	*strstr(path, "/captures") = '\0';
	return path;
}

static inline bool capture_burst_closes(uint64_t first, uint64_t time, uint16_t count,
					uint16_t limit)
{
	return count == limit || time / TIMER_TICK_NS != first / TIMER_TICK_NS;
}

/* Runs a capture in bursts of at most `limit`, cut at milliseconds as replay does. */
static inline int capture_run(struct rig *r, const char *path, uint16_t limit)
{
	struct capture_file file;
	struct capture_record record;
	struct rte_mbuf *mbufs[BURST_MAX];
	enum link_type link = LINK_ETHERNET;
	uint16_t count = 0;
	uint64_t first = 0, last = 0;
	int ret = capture_open(&file, path);

	if (ret < 0)
		return ret;
	while (capture_next(&file, &record) == 1) {
		if (count > 0 && (capture_burst_closes(first, record.time, count, limit) ||
				  record.link != link)) {
			rig_run(r, mbufs, count, link);
			count = 0;
		}
		if (count == 0)
			first = record.time;
		link = record.link;
		last = RTE_MAX(last, record.time);
		mbufs[count] = rig_mbuf(r->pool, record.data, record.captured, record.time);
		if (record.wire > record.captured)
			packet_mbuf_set_wire_length(mbufs[count], record.wire);
		count++;
	}
	if (count > 0)
		rig_run(r, mbufs, count, link);
	capture_close(&file);
	rig_end(r, last);
	return 0;
}

/* Splits a line of a table in place. */
static inline int capture_columns(char *line, char **column)
{
	int count = 0;
	char *at = line;

	line[strcspn(line, "\r\n")] = '\0';
	while (at != NULL && count < CAPTURE_COLUMNS_MAX) {
		column[count++] = at;
		at = strchr(at, '\t');
		if (at != NULL)
			*at++ = '\0';
	}
	return count;
}
