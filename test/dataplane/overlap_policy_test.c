/* Who wins where queued segments overlap: every step of every row of the table
 * (../shared/facts/overlap-policies.tsv; after Novak and Sturges, 2007), on the
 * store itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <rte_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/table.h"
#include "support/overlap_table.h"
#include "tcp/reassembly.h"

struct record {
	struct flow flow;
	struct stream stream[2];
} __attribute__((aligned(64)));

struct store {
	struct flow_table *table;
	struct chunk_pool chunks;
	void *memory;
	struct counters counters;
	struct reassembly r;
	struct chunk *released;
	struct stream *stream;
	uint32_t id;
};

static void store_open(struct store *s)
{
	struct flow_key key = {.word = {1, 4 << 8 | 6, 3, 4}};
	struct flow *f;

	memset(s, 0, sizeof(*s));
	s->table = flow_table_create(&(struct flow_table_config){
	    .flows = 16, .record_size = sizeof(struct record), .seed = 1, .socket = -1});
	s->memory = aligned_alloc(64, 64 * sizeof(struct chunk));
	chunk_pool_init(&s->chunks, s->memory, 64 * sizeof(struct chunk));
	reassembly_init(&s->r, &s->chunks, s->table, &s->counters, offsetof(struct record, stream));
	s->r.released = &s->released;
	f = flow_table_insert(s->table, &key, 1);
	s->stream = ((struct record *)f)->stream;
	s->id = f->index << 1;
}

static void store_close(struct store *s)
{
	stream_clear(&s->r, s->stream, s->id);
	reassembly_free(&s->r, s->released);
	assert_int_equal(s->chunks.available, s->chunks.capacity);
	flow_table_destroy(s->table);
	free(s->memory);
}

static void store_text(struct store *s, uint64_t from, char *text, size_t size)
{
	uint64_t to = s->stream->end;
	size_t at = 0;

	for (uint64_t i = from; i < to && at + 1 < size; i++) {
		const uint8_t *data;
		struct page *page;

		text[at++] =
		    stream_run(stream_held(s->stream), i, &page, &data) > 0 ? (char)*data : '.';
	}
	text[at] = '\0';
}

/* Segments "offset:bytes" one by one; after each the store must be as the table
 * says. `base` shifts all, so that page borders fall everywhere. */
static void row_check(enum overlap_policy policy, const char *name, char *segments, char *steps,
		      uint64_t base)
{
	struct store s;
	char *save_segment, *save_step, text[256];
	char *step = strtok_r(steps, " >", &save_step);

	store_open(&s);
	for (char *seg = strtok_r(segments, " ", &save_segment); seg != NULL;
	     seg = strtok_r(NULL, " ", &save_segment), step = strtok_r(NULL, " >", &save_step)) {
		uint64_t at = base + strtoull(seg, NULL, 10);
		const char *bytes = strchr(seg, ':') + 1;
		uint32_t len = (uint32_t)strlen(bytes);
		struct stream_extent extent = {at, at + len};
		struct stream_overlap found = {0};

		assert_true(stream_hold(&s.r, s.stream, s.id, &extent, at, (const uint8_t *)bytes,
					len, policy, &found));
		/* The table's text begins at offset 1, or at 0 once that has come. */
		store_text(&s, base + (bytes[0] == '0' && at == base ? 1 : 1), text, sizeof(text));
		if (strcmp(text, step) != 0) {
			store_text(&s, base, text, sizeof(text));
			if (strcmp(text, step) != 0)
				print_message("%s after %s: '%s', expected '%s'\n", name, seg, text,
					      step);
		}
		assert_string_equal(text, step);
	}
	store_close(&s);
}

/* One row, with a page border at each of its bytes. */
static void row_check_shifted(void *arg, const char *scenario, char *segments, char *steps)
{
	const enum overlap_policy *policy = arg;

	for (uint64_t base = 0; base < PAGE_BYTES; base += base == 0 ? PAGE_BYTES - 30 : 1) {
		char segments_copy[OVERLAP_LINE_MAX], steps_copy[OVERLAP_LINE_MAX];

		strcpy(segments_copy, segments);
		strcpy(steps_copy, steps);
		row_check(*policy, scenario, segments_copy, steps_copy, base);
	}
}

static void policies_run(const char *name, enum overlap_policy policy)
{
	int rows = overlap_table_each(name, row_check_shifted, &policy);

	if (rows < 0) {
		print_message("# skip: ../shared/facts is not here\n");
		skip();
	}
	assert_int_equal(rows, 4);
}

static void linux_trims_what_starts_later_and_replaces_what_starts_earlier(void **state)
{
	(void)state;
	policies_run("LINUX", OVERLAP_LINUX);
}

static void old_linux_replaces_an_equal_extent_too(void **state)
{
	(void)state;
	policies_run("OLD_LINUX", OVERLAP_OLD_LINUX);
}

static void windows_keeps_what_came_first(void **state)
{
	(void)state;
	policies_run("VISTA", OVERLAP_WINDOWS);
}

static void first_keeps_what_came_first(void **state)
{
	(void)state;
	policies_run("VISTA", OVERLAP_FIRST);
}

static void bsd_prefers_what_starts_earlier(void **state)
{
	(void)state;
	policies_run("BSD", OVERLAP_BSD);
}

static void solaris_prefers_what_ends_later(void **state)
{
	(void)state;
	policies_run("SOLARIS", OVERLAP_SOLARIS);
}

static void last_takes_what_came_last(void **state)
{
	(void)state;
	policies_run("LAST", OVERLAP_LAST);
}

static void a_million_bytes_backwards_take_as_many_pages_as_one_segment(void **state)
{
	struct store s;
	struct stream_overlap found = {0};
	const uint32_t bytes = 60 * PAGE_BYTES;

	(void)state;
	store_open(&s);
	for (uint32_t i = bytes; i-- > 1;) {
		struct stream_extent extent = {i, i + 1};
		uint8_t byte = (uint8_t)i;

		found.joined = false;
		assert_true(
		    stream_hold(&s.r, s.stream, s.id, &extent, i, &byte, 1, OVERLAP_LINUX, &found));
	}
	assert_int_equal(s.stream->pages, 60);
	assert_int_equal(found.conflict_from, found.conflict_to);
	assert_int_equal(stream_next(stream_held(s.stream), 0), 1);
	store_close(&s);
}

static void an_empty_pool_refuses_and_counts(void **state)
{
	struct store s;
	struct stream_overlap found = {0};

	(void)state;
	store_open(&s);
	for (uint32_t i = 0; i < 65; i++) {
		struct stream_extent extent = {1 + i * (uint64_t)PAGE_BYTES,
					       2 + i * (uint64_t)PAGE_BYTES};
		bool held = stream_hold(&s.r, s.stream, s.id, &extent, extent.from,
					(const uint8_t *)"x", 1, OVERLAP_LINUX, &found);

		assert_int_equal(held, i < 64);
	}
	assert_int_equal(s.counters.held_lost, 1);
	assert_int_equal(reassembly_largest(&s.r), s.id);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(linux_trims_what_starts_later_and_replaces_what_starts_earlier),
	    cmocka_unit_test(old_linux_replaces_an_equal_extent_too),
	    cmocka_unit_test(windows_keeps_what_came_first),
	    cmocka_unit_test(first_keeps_what_came_first),
	    cmocka_unit_test(bsd_prefers_what_starts_earlier),
	    cmocka_unit_test(solaris_prefers_what_ends_later),
	    cmocka_unit_test(last_takes_what_came_last),
	    cmocka_unit_test(a_million_bytes_backwards_take_as_many_pages_as_one_segment),
	    cmocka_unit_test(an_empty_pool_refuses_and_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
