/* Captures whose streams are known, through the whole monitor: what the host
 * delivered, and what else the monitor has to say of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/evasion.h"
#include "support/rig_finish.h"
#include "support/shared_rigs.h"

static struct rte_mempool *pool;
static const char *shared;

/* What the column "a monitor must" comes to beside the bytes, a row a case. */
static const struct evasion_row {
	const char *name, *events, *counters;
} evasion_rows[] = {
    {"inorder", "start established end:shutdown", ""},
    {"ooo_reverse_bytes", "start established end:shutdown", ""},
    {"retrans_other_after_ack", "start established conflict:client:0+4 end:shutdown", ""},
    {"ooo_new_covers_old", "start established conflict:client:6+2 end:shutdown", ""},
    {"ooo_new_after_old", "start established conflict:client:6+2 end:shutdown", ""},
    {"ooo_new_same_end_longer", "start established conflict:client:6+4 end:shutdown", ""},
    {"ooo_three_spanned", "start established conflict:client:4+6 end:shutdown", ""},
    {"filler_overlaps_queued_partly", "start established conflict:client:4+2 end:shutdown", ""},
    {"before_isn", "start established end:shutdown", "tcp.ignored_window:1"},
    {"beyond_window", "start established end:shutdown", "tcp.ignored_window:1"},
    {"seq_wrap", "start established end:shutdown", ""},
    {"syn_data_not_resent", "start established end:shutdown", ""},
    {"data_noack_flag", "start established end:shutdown", "tcp.ignored_no_ack:1"},
    {"data_fin_noack", "start established end:shutdown", "tcp.ignored_no_ack:1"},
    {"synrst_open", "start established end:shutdown", "tcp.ignored_flags:1"},
    {"data_after_fin", "start established end:shutdown", "tcp.ignored_after_fin:1"},
    {"fin_wrong_seq", "start established end:shutdown", ""},
    {"rst_exact", "start established end:rst", ""},
    {"rst_left_of_window", "start established end:shutdown", "tcp.ignored_rst:1"},
    {"rstack_bad_ack", "start established end:rst", ""},
    {"rst_old_timestamp", "start established end:rst", ""},
    {"syn_in_established", "start established end:shutdown", "tcp.ignored_syn:1"},
    {"fake_syn_bad_checksum", "start established end:shutdown", "checksum.tcp:1"},
    {"data_bad_ip_checksum", "start established end:shutdown", "checksum.ip:1"},
    {"data_offset_large", "start established end:shutdown", "seen.malformed:1"},
    {"data_md5_option", "start established conflict:client:0+4 end:shutdown", "tcp.ignored_md5:1"},
    {"ts_missing", "start established end:shutdown", ""},
    {"ack_too_old", "start established conflict:client:0+4 end:shutdown", "tcp.ignored_ack:1"},
    {"urgent_oob", "start established end:shutdown", ""},
    {"urgent_twice", "start established end:shutdown", ""},
    {"keepalive_garbage", "start established end:shutdown", "tcp.ignored_keep_alive:1"},
    {"low_ttl", "start established ttl conflict:client:0+4 end:shutdown", ""},
    {"reserved_bits", "start established end:shutdown", ""},
    {"ip_len_beyond", "start established end:shutdown", "seen.malformed:1"},
    {"ip_frag_inorder", "start established end:shutdown", "fragments.completed:1"},
    {"ip_frag_tiny_header", "start established end:shutdown", "fragments.completed:1"},
    {"ip_frag_overlap_conflict", "start established end:shutdown", "fragments.overlapping:1"},
    {"tfo_syn_data_no_cookie", "start established end:shutdown", ""},
    {"novak_before",
     "start established conflict:client:2+1 conflict:client:1+2 conflict:client:8+1 "
     "conflict:client:11+2 end:shutdown",
     ""},
    {"novak_after_ooo",
     "start established conflict:client:11+1 conflict:client:19+1 conflict:client:16+1 "
     "end:shutdown",
     ""},
};

static const struct evasion_row *evasion_row(const char *name)
{
	for (size_t i = 0; i < RTE_DIM(evasion_rows); i++)
		if (strcmp(evasion_rows[i].name, name) == 0)
			return &evasion_rows[i];
	return NULL;
}

static bool evasion_text_is(const char *name, const char *what, const struct evasion_text *got,
			    const char *expected)
{
	if (strcmp(got->text, expected) == 0)
		return true;
	print_message("  %s: %s '%s', expected '%s'\n", name, what, got->text, expected);
	return false;
}

/* The events and counters of a case's row; a case without one fails. */
static bool evasion_row_holds(const struct rig *r, const char *name)
{
	const struct evasion_row *row = evasion_row(name);
	struct evasion_text events, counters;
	bool holds;

	evasion_events(r, &events);
	evasion_counters(r, &counters);
	if (row == NULL) {
		print_message("  {\"%s\", \"%s\",\n \"%s\"}, is no row\n", name, events.text,
			      counters.text);
		return false;
	}
	holds = evasion_text_is(name, "events", &events, row->events);
	return evasion_text_is(name, "counters", &counters, row->counters) && holds;
}

static bool evasion_case(char **column)
{
	char path[512], expected[256], *bracket;
	struct rig *r = full_open(pool, 256, 4 << 20);
	const uint8_t *got = (const uint8_t *)"";
	size_t len = 0;
	bool match;

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
	match = len == strlen(expected) && memcmp(got, expected, len) == 0;
	if (!match)
		print_message("  %s: host '%s', monitor '%.*s'\n", column[1], expected, (int)len,
			      got);
	match = evasion_row_holds(r, column[1]) && match;
	rig_assert_empty(r);
	rig_close(r);
	return match;
}

static void evasion_is_read_as_by_the_host_and_told(void **state)
{
	char path[512], line[CAPTURE_LINE_MAX], *column[CAPTURE_COLUMNS_MAX];
	unsigned int wrong = 0, cases = 0;
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
		cases++;
		if (!evasion_case(column))
			wrong++;
	}
	fclose(f);
	assert_int_equal(cases, RTE_DIM(evasion_rows)); /* and a row without a case */
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(evasion_is_read_as_by_the_host_and_told),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 2048);
	shared = capture_shared();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
