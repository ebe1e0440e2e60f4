/* Captures whose streams are known, through the whole monitor: what the host
 * delivered (evasion), and what independent tools agree on (the others). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "port/capture_file.h"
#include "support/monitor_rig.h"
#include "support/sha256.h"

#define LINE_MAX_BYTES 4096
#define COLUMNS_MAX 16
#define TICK TIMER_TICK_NS

RIG_INSTANCE(verified, RIG_FEATURES_FULL, .checksum = CHECKSUM_VERIFY)
RIG_INSTANCE(trusted, RIG_FEATURES_FULL, .checksum = CHECKSUM_TRUST, .urgent_inline = true)

static struct rte_mempool *pool;
static const char *shared;

/* Where the captures lie, beside the checkout, whatever folder we run in. */
static const char *shared_find(void)
{
	static char path[256];
	const char *given = getenv("MBX_SHARED");

	if (given != NULL)
		return given;
	strcpy(path, "shared/captures/evasion/index.tsv");
	for (int up = 0; up < 8; up++) {
		FILE *f = fopen(path, "r");

		if (f != NULL) {
			fclose(f);
			*strstr(path, "/captures") = '\0';
			return path;
		}
		memmove(path + 3, path, strlen(path) + 1);
		memcpy(path, "../", 3);
	}
	return NULL;
}

static bool burst_closes(uint64_t first, uint64_t time, uint16_t count, uint16_t limit)
{
	return count == limit || time / TICK != first / TICK;
}

/* Runs a capture in bursts of at most `limit`, cut at milliseconds as replay does. */
static int capture_run(struct rig *r, const char *path, uint16_t limit)
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
		if (count > 0 &&
		    (burst_closes(first, record.time, count, limit) || record.link != link)) {
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

static void rig_assert_empty(struct rig *r)
{
	assert_int_equal(r->chunks.available, r->chunks.capacity);
	assert_int_equal(flow_table_live(r->stack.table), 0);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static int columns_split(char *line, char **column)
{
	int count = 0;
	char *at = line;

	line[strcspn(line, "\r\n")] = '\0';
	while (at != NULL && count < COLUMNS_MAX) {
		column[count++] = at;
		at = strchr(at, '\t');
		if (at != NULL)
			*at++ = '\0';
	}
	return count;
}

/* ---- evasion: the stream that the Linux host delivered ---- */

static bool evasion_case(char **column)
{
	char path[512], expected[256], *bracket;
	struct rig *r = verified_open(pool, 256, 4 << 20);
	const uint8_t *got = (const uint8_t *)"";
	size_t len = 0;
	bool match, conflict = false;

	snprintf(path, sizeof(path), "%s/captures/%s", shared, column[7]);
	snprintf(expected, sizeof(expected), "%s", column[3]);
	bracket = strstr(expected, " [");
	if (bracket != NULL)
		*bracket = '\0';
	assert_int_equal(capture_run(r, path, 32), 0);
	for (size_t i = 0; i < r->flow_count; i++) {
		if (r->flows[i].len[0] == 0)
			continue;
		got = r->flows[i].stream[0];
		len = r->flows[i].len[0];
	}
	for (size_t i = 0; i < r->event_count; i++)
		conflict = conflict || r->events[i].type == EVENT_FLOW_OVERLAP;
	match = len == strlen(expected) && memcmp(got, expected, len) == 0;
	if (strstr(column[5], "raise conflict") || strstr(column[5], "raise overlap"))
		match = match && conflict;
	if (!match)
		print_message("  %s: host '%s', monitor '%.*s'%s\n", column[1], expected, (int)len,
			      got, conflict ? " conflict" : "");
	rig_assert_empty(r);
	rig_close(r);
	return match;
}

static void evasion_streams_are_what_the_host_delivered(void **state)
{
	char path[512], line[LINE_MAX_BYTES], *column[COLUMNS_MAX];
	unsigned int wrong = 0;
	FILE *f;

	(void)state;
	if (shared == NULL) {
		print_message("# skip: the captures in ../shared are not here\n");
		skip();
	}
	snprintf(path, sizeof(path), "%s/captures/evasion/index.tsv", shared);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f) != NULL) {
		if (columns_split(line, column) < 8)
			continue;
		if (!evasion_case(column))
			wrong++;
	}
	fclose(f);
	assert_int_equal(wrong, 0);
}

/* ---- what tools agree on ---- */

static void end_text(const struct flow_key *key, bool second, char *text, size_t size)
{
	const uint8_t *a =
	    (const uint8_t *)&key->word[flow_key_words(key) == 4 ? 2 + second : 2 + 4 * second];
	unsigned int port = second ? key->word[0] & 0xffff : key->word[0] >> 16;

	if (flow_key_words(key) == 4)
		snprintf(text, size, "%u.%u.%u.%u %u", a[0], a[1], a[2], a[3], port);
	else
		snprintf(text, size, "v6 %u", port);
}

static void row_end_text(const char *address, const char *port, char *text, size_t size)
{
	snprintf(text, size, "%s %s", strchr(address, ':') ? "v6" : address, port);
}

static bool stream_equal(const struct rig_flow *f, int dir, const char *len, const char *sha,
			 bool once)
{
	char sum[65];

	if (!once)
		return false;
	if (f->len[dir] != strtoull(len, NULL, 10))
		return false;
	if (strcmp(sha, "-") == 0 || f->len[dir] == 0)
		return true;
	sha256_hex(f->stream[dir], f->len[dir], sum);
	return strcmp(sum, sha) == 0;
}

/* A row's streams are those of some flow with its ends, either way round. */
static bool row_matches(const struct rig *r, char **column, char *nearest, size_t size)
{
	char src[64], dst[64], first[64], second[64];
	bool empty = strcmp(column[8], "0") == 0 && strcmp(column[10], "0") == 0;

	row_end_text(column[2], column[3], src, sizeof(src));
	row_end_text(column[4], column[5], dst, sizeof(dst));
	nearest[0] = '\0';
	for (size_t i = 0; i < r->flow_count; i++) {
		const struct rig_flow *f = &r->flows[i];

		end_text(&f->key, f->client_second, first, sizeof(first));
		end_text(&f->key, !f->client_second, second, sizeof(second));
		if (strcmp(src, first) == 0 && strcmp(dst, second) == 0) {
			if (stream_equal(f, 0, column[8], column[9], true) &&
			    stream_equal(f, 1, column[10], column[11], true))
				return true;
		} else if (strcmp(src, second) == 0 && strcmp(dst, first) == 0) {
			if (stream_equal(f, 1, column[8], column[9], true) &&
			    stream_equal(f, 0, column[10], column[11], true))
				return true;
		} else {
			continue;
		}
		snprintf(nearest, size, "%zu+%zu (gaps %lu+%lu)", f->len[0], f->len[1],
			 (unsigned long)f->gap[0], (unsigned long)f->gap[1]);
	}
	return empty;
}

/* Rows that the tools agree on and a host does not deliver so. */
static const struct exception {
	const char *file, *stream, *why;
} exceptions[] = {
    {"suricata-verify__tcp-rst-unacked-stream-01-raw__input.pcap", "0",
     "the client's only bytes are in its RST: a host ignores data in a RST"},
    {"nDPI__fuzz-2006-06-26-2594.pcap", "8",
     "the IP length reaches beyond the frame: a host drops the packet"},
    {"nDPI__fuzz-2006-06-26-2594.pcap", "10",
     "the IP length reaches beyond the frame: a host drops the packet"},
};

static bool row_is_exception(char **column)
{
	for (size_t i = 0; i < RTE_DIM(exceptions); i++)
		if (strcmp(column[0], exceptions[i].file) == 0 &&
		    strcmp(column[1], exceptions[i].stream) == 0)
			return true;
	return false;
}

struct tally {
	unsigned int agree, agree_wrong, weak, weak_wrong;
};

static void rows_run(const char *folder, struct tally *tally)
{
	char path[512], line[LINE_MAX_BYTES], *column[COLUMNS_MAX], current[256] = "", nearest[128];
	struct rig *r = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "%s/captures/%s/expected.tsv", shared, folder);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f) != NULL) {
		bool match, strong;

		if (columns_split(line, column) < 15)
			continue;
		if (strcmp(current, column[0]) != 0) {
			if (r != NULL)
				rig_close(r);
			r = trusted_open(pool, 4096, 32 << 20);
			snprintf(current, sizeof(current), "%s", column[0]);
			snprintf(path, sizeof(path), "%s/captures/%s/%s", shared, folder, current);
			assert_int_equal(capture_run(r, path, 64), 0);
			rig_assert_empty(r);
		}
		match = row_matches(r, column, nearest, sizeof(nearest));
		if (!match && row_is_exception(column))
			continue;
		strong = strcmp(column[14], "agree") == 0;
		tally->agree += strong;
		tally->weak += !strong;
		tally->agree_wrong += strong && !match;
		tally->weak_wrong += !strong && !match;
		if (!match)
			print_message(
			    "  %s #%s %s:%s > %s:%s %s: expected %s+%s (gaps %s+%s), got %s\n",
			    column[0], column[1], column[2], column[3], column[4], column[5],
			    column[14], column[8], column[10], column[12], column[13], nearest);
	}
	if (r != NULL)
		rig_close(r);
	fclose(f);
	print_message("%s: %u of %u agreed rows match, %u of %u of two in three\n", folder,
		      tally->agree - tally->agree_wrong, tally->agree,
		      tally->weak - tally->weak_wrong, tally->weak);
}

static void rows_test(const char *folder)
{
	struct tally tally = {0};

	if (shared == NULL) {
		print_message("# skip: the captures in ../shared are not here\n");
		skip();
	}
	rows_run(folder, &tally);
	assert_int_equal(tally.agree_wrong, 0);
}

static void apps_streams_equal_what_tools_agree_on(void **state)
{
	(void)state;
	rows_test("apps");
}

static void reassembly_streams_equal_what_tools_agree_on(void **state)
{
	(void)state;
	rows_test("reassembly");
}

static void malformed_streams_equal_what_tools_agree_on(void **state)
{
	(void)state;
	rows_test("malformed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(evasion_streams_are_what_the_host_delivered),
	    cmocka_unit_test(apps_streams_equal_what_tools_agree_on),
	    cmocka_unit_test(reassembly_streams_equal_what_tools_agree_on),
	    cmocka_unit_test(malformed_streams_equal_what_tools_agree_on),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 2048);
	shared = shared_find();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
