/* Every capture goes through the loop of an lcore and comes out as it went in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lcore/open.h"
#include "port/capture_file.h"
#include "support/eal.h"
#include "support/forward_program.h"
#include "support/temp_file.h"

#define CAPTURES "../shared/captures/*/*.pcap*"

static char out_path[TEMP_PATH];

static uint64_t drops_of(const struct counters *c)
{
	return c->drop_nf + c->drop_flow + c->drop_blocked + c->drop_rewritten + c->drop_malformed +
	       c->drop_overload + c->drop_error + c->drop_no_memory + c->drop_no_far_port +
	       c->drop_transmit + c->drop_shutdown;
}

/* Replays one file; the counters are what is left of it. */
static struct counters replay(const char *path, uint16_t burst)
{
	const struct dataplane_options options = {.capture = path, .out = out_path, .burst = burst};
	struct runner *r = calloc(1, sizeof(*r));
	struct counters counters;
	struct fault fault = {0};

	assert_non_null(r);
	if (runner_take(r, &forward_program, &options, false, &fault) < 0)
		fail_msg("%s: %s", path, fault.message);
	runner_run(r);
	runner_finish(r);
	counters = r->counters;
	assert_int_equal(rte_mempool_in_use_count(r->memory.mbufs), 0);
	runner_close(r);
	free(r);
	return counters;
}

static bool same_record(const struct capture_record *a, const struct capture_record *b)
{
	return a->time == b->time && a->captured == b->captured && a->wire == b->wire &&
	       a->link_number == b->link_number && memcmp(a->data, b->data, a->captured) == 0;
}

/* Frames that both files hold, one for one; returns how many. */
static uint64_t compare(const char *path)
{
	struct capture_file in, out;
	struct capture_record a, b;
	uint64_t count = 0;

	assert_int_equal(capture_open(&in, path), 0);
	assert_int_equal(capture_open(&out, out_path), 0);
	while (capture_next(&in, &a)) {
		assert_int_equal(capture_next(&out, &b), 1);
		if (!same_record(&a, &b))
			fail_msg("%s: frame %lu came out changed", path, (unsigned long)a.number);
		count++;
	}
	assert_int_equal(capture_next(&out, &b), 0);
	assert_int_equal(out.fault, CAPTURE_WHOLE);
	capture_close(&in);
	capture_close(&out);
	return count;
}

static void replay_all(uint16_t burst)
{
	glob_t files;

	if (glob(CAPTURES, 0, NULL, &files) != 0) {
		print_message("# SKIP ../shared/captures is not here\n");
		skip();
	}
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const struct counters c = replay(files.gl_pathv[i], burst);
		uint64_t frames = compare(files.gl_pathv[i]);

		assert_int_equal(c.packets_in, frames);
		assert_int_equal(c.packets_in, c.packets_out + drops_of(&c));
		assert_int_equal(c.packets_out, frames);
		assert_int_equal(c.bytes_in, c.bytes_out);
	}
	globfree(&files);
}

static void captures_come_out_as_they_went_in_bursts_of_32(void **state)
{
	(void)state;
	replay_all(32);
}

static void captures_come_out_as_they_went_in_bursts_of_256(void **state)
{
	(void)state;
	replay_all(256);
}

static int group_setup(void **state)
{
	(void)state;
	if (temp_file(out_path, ".pcapng") != 0)
		return -1;
	return test_eal_start();
}

static int group_teardown(void **state)
{
	(void)state;
	return unlink(out_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(captures_come_out_as_they_went_in_bursts_of_32),
	    cmocka_unit_test(captures_come_out_as_they_went_in_bursts_of_256),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
