/* Reassembly against a plain model of it (support/flow_model.h): a thousand
 * random connections for each policy, the same in every run. The model itself is
 * held against every step of the published table first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/overlap_table.h"
#include "support/random.h"
#include "support/stream_play.h"

#define SCRIPTS 1000
#define SCRIPT_BYTES 400

static struct rte_mempool *pool;
static struct play *player;

static void scripts_play(uint8_t first, unsigned int scripts)
{
	uint64_t seed = 1000u + first, lost = 0, unknown = 0, rewritten = 0, unkept = 0, known = 0;

	for (unsigned int n = 0; n < scripts; n++) {
		uint8_t script[SCRIPT_BYTES];
		size_t len = 20 + test_random(&seed) % (SCRIPT_BYTES - 20);

		for (size_t i = 0; i < len; i++)
			script[i] = (uint8_t)test_random(&seed);
		script[0] = first;
		play(player, pool, script, len);
		if (player->wrong[0] != '\0')
			fail_msg("script %u: %s", n, player->wrong);
		lost += player->rig->counters.held_lost;
		unknown += player->rig->counters.tcp_overlap_unknown;
		rewritten += memchr(player->rig->verdicts, VERDICT_DROP_REWRITTEN,
				    player->rig->verdict_count) != NULL;
		unkept += memchr(player->rig->verdicts, VERDICT_DROP_UNKEPT,
				 player->rig->verdict_count) != NULL;
		known += player->rig->counters.held_digested;
	}
	/* The scripts reach what they are for. */
	assert_true(lost > scripts / 20 && unknown > scripts / 10 && rewritten > scripts / 10);
	/* In narrow windows there is less to keep. */
	assert_true(first >= PLAY_NARROW || (unkept > scripts / 40 && known > scripts / 20));
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* The first byte of a script says the policy too. */
static void narrow_windows(void **state)
{
	(void)state;
	assert_int_equal(PLAY_NARROW % 7, 0);
	for (unsigned int policy = 0; policy < 7; policy++)
		scripts_play((uint8_t)(PLAY_NARROW + policy), SCRIPTS / 5);
}

static void linux_policy(void **state)
{
	(void)state;
	scripts_play(OVERLAP_LINUX, SCRIPTS);
}

static void windows_policy(void **state)
{
	(void)state;
	scripts_play(OVERLAP_WINDOWS, SCRIPTS);
}

static void bsd_policy(void **state)
{
	(void)state;
	scripts_play(OVERLAP_BSD, SCRIPTS);
}

static void solaris_policy(void **state)
{
	(void)state;
	scripts_play(OVERLAP_SOLARIS, SCRIPTS);
}

static void first_policy(void **state)
{
	(void)state;
	scripts_play(OVERLAP_FIRST, SCRIPTS);
}

static void last_policy(void **state)
{
	(void)state;
	scripts_play(OVERLAP_LAST, SCRIPTS);
}

static void old_linux_policy(void **state)
{
	(void)state;
	scripts_play(OVERLAP_OLD_LINUX, SCRIPTS);
}

/* The model's own queue after each step of a row. */
static void row_check(void *arg, const char *scenario, char *segments, char *steps)
{
	const enum overlap_policy *policy = arg;
	struct model_side *s = &player->model.side[0];
	char *save_segment, *save_step;
	char *step = strtok_r(steps, " >", &save_step);

	model_side_reset(s);
	for (char *seg = strtok_r(segments, " ", &save_segment); seg != NULL;
	     seg = strtok_r(NULL, " ", &save_segment), step = strtok_r(NULL, " >", &save_step)) {
		uint32_t at = (uint32_t)strtoul(seg, NULL, 10), differs, differs_to;
		const char *bytes = strchr(seg, ':') + 1;
		char text[256] = "";

		model_queue(s, *policy, at, at + (uint32_t)strlen(bytes), (const uint8_t *)bytes,
			    &differs, &differs_to);
		/* The table's text begins at offset 1, or at 0 once that has come. */
		for (uint32_t i = s->fate[0] == MODEL_QUEUED ? 0 : 1; i < s->high; i++)
			text[strlen(text)] = s->fate[i] == MODEL_QUEUED ? (char)s->value[i] : '.';
		if (strcmp(text, step) != 0 && strcmp(text + 1, step) != 0)
			fail_msg("%s after %s: '%s', expected '%s'", scenario, seg, text, step);
	}
}

static void the_model_follows_the_published_table(void **state)
{
	static const struct {
		const char *name;
		enum overlap_policy policy;
	} policies[] = {
	    {"LINUX", OVERLAP_LINUX},	      {"VISTA", OVERLAP_WINDOWS},
	    {"VISTA", OVERLAP_FIRST},	      {"BSD", OVERLAP_BSD},
	    {"SOLARIS", OVERLAP_SOLARIS},     {"LAST", OVERLAP_LAST},
	    {"OLD_LINUX", OVERLAP_OLD_LINUX},
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(policies); i++) {
		enum overlap_policy policy = policies[i].policy;
		int rows = overlap_table_each(policies[i].name, row_check, &policy);

		if (rows < 0) {
			print_message("# skip the_model_follows_the_published_table: "
				      "../shared/facts is not here\n");
			skip();
		}
		assert_int_equal(rows, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_model_follows_the_published_table),
	    cmocka_unit_test(linux_policy),
	    cmocka_unit_test(windows_policy),
	    cmocka_unit_test(bsd_policy),
	    cmocka_unit_test(solaris_policy),
	    cmocka_unit_test(first_policy),
	    cmocka_unit_test(last_policy),
	    cmocka_unit_test(old_linux_policy),
	    cmocka_unit_test(narrow_windows),
	};
	int failed;

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 512, 2048);
	player = calloc(1, sizeof(*player));
	if (pool == NULL || player == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	play_close(player);
	return failed;
}
