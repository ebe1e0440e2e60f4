/* Captures whose streams are known, through the whole monitor: what the host
 * delivered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/capture.h"

RIG_INSTANCE(verified, RIG_FEATURES_FULL, .checksum = CHECKSUM_VERIFY)

static struct rte_mempool *pool;
static const char *shared;

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
	capture_assert_empty(r);
	rig_close(r);
	return match;
}

static void evasion_streams_are_what_the_host_delivered(void **state)
{
	char path[512], line[CAPTURE_LINE_MAX], *column[CAPTURE_COLUMNS_MAX];
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
		if (capture_columns(line, column) < 8)
			continue;
		if (!evasion_case(column))
			wrong++;
	}
	fclose(f);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(evasion_streams_are_what_the_host_delivered),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 2048);
	shared = capture_shared();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
