/* Captures whose streams tools agree on, through the whole monitor, and the table
 * of those that a host reads otherwise: test/captures/exceptions.tsv. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "support/capture.h"
#include "support/rig_finish.h"
#include "support/sha256.h"

/* As `samples/streams` with --checksum trust: what tools do not verify. */
RIG_INSTANCE(trusted, RIG_FEATURES_FULL, .checksum = CHECKSUM_TRUST,
	     .decap = TUNNEL_MPLS | TUNNEL_PPPOE | TUNNEL_GRE | TUNNEL_ERSPAN | TUNNEL_IPIP |
		      TUNNEL_VXLAN | TUNNEL_GENEVE)

#define EXCEPTIONS_MAX 64
#define FLOWS_MAX 8192

enum side { C2S = 1, S2C = 2, BOTH_SIDES = C2S | S2C };

struct exception {
	char folder[32], file[160], stream[8], kind[8];
	unsigned int sides; /* enum side that differ */
	bool used;
};

/* Columns of expected.tsv. */
enum column {
	FILE_NAME,
	STREAM,
	SRC,
	SPORT,
	DST,
	DPORT,
	LEN_C2S = 8,
	SHA_C2S,
	LEN_S2C,
	SHA_S2C,
	VERDICT = 14,
	COLUMNS
};

static struct rte_mempool *pool;
static const char *shared;
static struct exception exceptions[EXCEPTIONS_MAX];
static size_t exception_count;

static unsigned int sides_of(const char *text)
{
	if (strcmp(text, "c2s") == 0)
		return C2S;
	if (strcmp(text, "s2c") == 0)
		return S2C;
	return strcmp(text, "both") == 0 ? BOTH_SIDES : 0;
}

/* 0, or -1 when the table is not there or a row of it is not whole. */
static int exceptions_read(void)
{
	char path[256], line[CAPTURE_LINE_MAX], *column[CAPTURE_COLUMNS_MAX];
	FILE *f;

	if (!capture_find("test/captures/exceptions.tsv", path, sizeof(path)))
		return -1;
	f = fopen(path, "r");
	if (f == NULL || fgets(line, sizeof(line), f) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		struct exception *e = &exceptions[exception_count++];

		if (exception_count > EXCEPTIONS_MAX || capture_columns(line, column) != 6)
			return -1;
		snprintf(e->folder, sizeof(e->folder), "%s", column[0]);
		snprintf(e->file, sizeof(e->file), "%s", column[1]);
		snprintf(e->stream, sizeof(e->stream), "%s", column[2]);
		snprintf(e->kind, sizeof(e->kind), "%s", column[3]);
		e->sides = sides_of(column[4]);
		if (e->sides == 0)
			return -1;
	}
	fclose(f);
	return 0;
}

static struct exception *exception_find(const char *folder, char **column)
{
	for (size_t i = 0; i < exception_count; i++)
		if (strcmp(exceptions[i].folder, folder) == 0 &&
		    strcmp(exceptions[i].file, column[FILE_NAME]) == 0 &&
		    strcmp(exceptions[i].stream, column[STREAM]) == 0)
			return &exceptions[i];
	return NULL;
}

static void end_text(const struct flow_key *key, bool second, char *text, size_t size)
{
	bool four = flow_key_tuple_words(key) == FLOW_KEY_WORDS_IP4;
	unsigned int port = second ? key->word[0] & 0xffff : key->word[0] >> 16;
	char address[INET6_ADDRSTRLEN];

	inet_ntop(four ? AF_INET : AF_INET6, &key->word[second ? (four ? 3 : 6) : 2], address,
		  sizeof(address));
	snprintf(text, size, "%s %u", address, port);
}

static bool stream_equal(const struct rig_flow *f, int dir, const char *len, const char *sha)
{
	char sum[65];

	if (f->len[dir] != strtoull(len, NULL, 10))
		return false;
	if (strcmp(sha, "-") == 0 || f->len[dir] == 0)
		return true;
	sha256_hex(f->stream[dir], f->len[dir], sum);
	return strcmp(sum, sha) == 0;
}

/* Whether the flow has the row's ends, and in `*equal` the sides that are as there. */
static bool flow_is_row(const struct rig_flow *f, char **column, unsigned int *equal)
{
	char src[64], dst[64], client[64], server[64];
	int from;

	snprintf(src, sizeof(src), "%s %s", column[SRC], column[SPORT]);
	snprintf(dst, sizeof(dst), "%s %s", column[DST], column[DPORT]);
	end_text(&f->key, f->client_second, client, sizeof(client));
	end_text(&f->key, !f->client_second, server, sizeof(server));
	if ((f->key.word[1] & 0xff) != 6)
		return false;
	if (strcmp(src, client) == 0 && strcmp(dst, server) == 0)
		from = MBX_CLIENT;
	else if (strcmp(src, server) == 0 && strcmp(dst, client) == 0)
		from = MBX_SERVER;
	else
		return false;
	*equal = stream_equal(f, from, column[LEN_C2S], column[SHA_C2S]) ? C2S : 0;
	*equal |= stream_equal(f, !from, column[LEN_S2C], column[SHA_S2C]) ? S2C : 0;
	return true;
}

/* Takes the flow of which at least these sides are as the row says; false where none
 * is left. */
static bool flow_take(const struct rig *r, char **column, unsigned int sides, bool *taken)
{
	for (size_t i = 0; i < r->flow_count && i < FLOWS_MAX; i++) {
		unsigned int equal;

		if (taken[i] || !flow_is_row(&r->flows[i], column, &equal) ||
		    (equal & sides) != sides)
			continue;
		taken[i] = true;
		return true;
	}
	return false;
}

static void row_print(const struct rig *r, char **column, const char *what)
{
	print_message("  %s, stream %s, %s:%s > %s:%s, %s: %s: expected %s/%s bytes, found",
		      column[FILE_NAME], column[STREAM], column[SRC], column[SPORT], column[DST],
		      column[DPORT], column[VERDICT], what, column[LEN_C2S], column[LEN_S2C]);
	for (size_t i = 0; i < r->flow_count; i++) {
		unsigned int equal;

		if (flow_is_row(&r->flows[i], column, &equal))
			print_message(" %zu/%zu", r->flows[i].len[0], r->flows[i].len[1]);
	}
	print_message("\n");
}

/* Without bytes a row may have no flow: of a reset, of packets that hosts drop. */
static bool row_is_empty(char **column, unsigned int sides)
{
	return (!(sides & C2S) || strcmp(column[LEN_C2S], "0") == 0) &&
	       (!(sides & S2C) || strcmp(column[LEN_S2C], "0") == 0);
}

static bool row_holds(const struct rig *r, const char *folder, char **column, bool *taken)
{
	const char *kind = strcmp(column[VERDICT], "agree") == 0 ? "agree" : "2of3";
	struct exception *e = exception_find(folder, column);
	unsigned int rest;

	if (flow_take(r, column, BOTH_SIDES, taken) || row_is_empty(column, BOTH_SIDES)) {
		if (e != NULL)
			row_print(r, column, "its exception is needed no more");
		return e == NULL;
	}
	if (e == NULL || strcmp(e->kind, kind) != 0) {
		row_print(r, column, "another stream");
		return false;
	}
	e->used = true;
	rest = BOTH_SIDES & ~e->sides;
	if (flow_take(r, column, rest, taken) || row_is_empty(column, rest))
		return true;
	row_print(r, column, "another stream than its exception says");
	return false;
}

static unsigned int rows_run(const char *folder)
{
	char path[512], line[CAPTURE_LINE_MAX], *column[CAPTURE_COLUMNS_MAX], current[256] = "";
	static bool taken[FLOWS_MAX];
	unsigned int wrong = 0, rows = 0;
	struct rig *r = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "%s/captures/%s/expected.tsv", shared, folder);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f) != NULL) {
		if (capture_columns(line, column) < COLUMNS)
			continue;
		if (strcmp(current, column[FILE_NAME]) != 0) {
			if (r != NULL)
				rig_close(r);
			r = trusted_open(pool, 4096, 32 << 20);
			memset(taken, 0, sizeof(taken));
			snprintf(current, sizeof(current), "%s", column[FILE_NAME]);
			snprintf(path, sizeof(path), "%s/captures/%s/%s", shared, folder, current);
			assert_int_equal(capture_run(r, path, 64), 0);
			rig_assert_empty(r);
		}
		rows++;
		wrong += !row_holds(r, folder, column, taken);
	}
	if (r != NULL)
		rig_close(r);
	fclose(f);
	print_message("%s: %u of %u rows hold\n", folder, rows - wrong, rows);
	return wrong;
}

static void rows_test(const char *folder)
{
	if (shared == NULL) {
		print_message("# skip: the captures in ../shared are not here\n");
		skip();
	}
	assert_int_equal(rows_run(folder), 0);
	for (size_t i = 0; i < exception_count; i++)
		if (strcmp(exceptions[i].folder, folder) == 0 && !exceptions[i].used)
			fail_msg("no row of expected.tsv is excepted as %s, stream %s",
				 exceptions[i].file, exceptions[i].stream);
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
	    cmocka_unit_test(apps_streams_equal_what_tools_agree_on),
	    cmocka_unit_test(reassembly_streams_equal_what_tools_agree_on),
	    cmocka_unit_test(malformed_streams_equal_what_tools_agree_on),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0 || exceptions_read() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 2048);
	shared = capture_shared();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
