/* The monitor against the host that runs it: what passes between a crafted peer
 * and this kernel's TCP goes through the monitor as well, and both must have got
 * the same bytes and the same end.
 *
 *   host [--count N] [--seed S] [--named FILE] [--play "SCENARIO"] [--small N]
 *        [--verbose]
 *
 * Exit code 0: all agree; 1: mismatches, each printed as small as it goes; 2:
 * wrong use; 77: this machine does not permit it, and standard output says why. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../dataplane/support/eal.h"
#include "packet/dynfield.h"
#include "shrink.h"

#define BATCH 256
#define MBUFS 1024
#define SKIPPED 77
#define REPEATS 3

struct options {
	const char *named, *scenario;
	uint64_t seed;
	unsigned long count;
	unsigned long small; /* mismatches that are made small */
	bool verbose;
};

struct tally {
	unsigned long played, copies, urgent, once, wrong;
};

static struct host host;
static struct rte_mempool *pool;

static void mismatch_print(const struct scenario *s, const char *why, bool shrink)
{
	struct scenario small = *s;
	const struct scenario *only = &small;
	char text[SCENARIO_TEXT_MAX], now[JUDGE_TEXT_MAX] = "";
	struct play p;

	printf("mismatch: %s (seed %lu): %s\n", s->name[0] == '\0' ? "random" : s->name,
	       (unsigned long)s->seed, why);
	printf("  %s\n", scenario_write(s, text, sizeof(text)));
	if (!shrink)
		return;
	scenario_shrink(&host, pool, &small, why);
	host_play(&host, &only, &p, 1);
	if (judge_play(pool, &p, now) < JUDGE_WRONG)
		snprintf(now, sizeof(now), "(not again)");
	printf("  small: %s\n", scenario_write(&small, text, sizeof(text)));
	printf("  %s\n", now);
	judge_print(&p);
	play_free(&p);
	fflush(stdout);
}

/* Plays a scenario alone. What the machine does meanwhile may change what passes
 * when, so only what repeats is a mismatch. */
static bool mismatch_repeats(const struct scenario *s)
{
	bool again = false;

	for (int i = 0; i < REPEATS && !again; i++) {
		char why[JUDGE_TEXT_MAX];
		struct play p;

		host_play(&host, &s, &p, 1);
		again = judge_play(pool, &p, why) >= JUDGE_WRONG;
		play_free(&p);
	}
	return again;
}

static void batch_run(const struct scenario *scenarios, size_t count, struct tally *tally,
		      const struct options *o)
{
	const struct scenario *list[BATCH] = {NULL};
	struct play *plays = calloc(count, sizeof(*plays));

	for (size_t i = 0; i < count; i++)
		list[i] = &scenarios[i];
	host_play(&host, list, plays, count);
	for (size_t i = 0; i < count; i++) {
		char why[JUDGE_TEXT_MAX] = "";
		enum judgement judgement = judge_play(pool, &plays[i], why);

		tally->played++;
		tally->copies += judgement == JUDGE_COPY;
		tally->urgent += judgement == JUDGE_URGENT;
		if (o->verbose)
			judge_print(&plays[i]);
		if (judgement >= JUDGE_WRONG && mismatch_repeats(&scenarios[i])) {
			mismatch_print(&scenarios[i], why, tally->wrong++ < o->small);
		} else if (judgement >= JUDGE_WRONG) {
			tally->once++;
			printf("once: seed %lu: %s\n", (unsigned long)scenarios[i].seed, why);
			judge_print(&plays[i]);
		} else if (scenarios[i].name[0] != '\0')
			printf("ok %s\n", scenarios[i].name);
		play_free(&plays[i]);
	}
	free(plays);
}

static void random_run(const struct options *o, struct tally *tally)
{
	struct scenario *scenarios = calloc(BATCH, sizeof(*scenarios));

	for (unsigned long done = 0; done < o->count;) {
		size_t some = o->count - done < BATCH ? o->count - done : BATCH;

		for (size_t i = 0; i < some; i++)
			scenario_random(&scenarios[i], o->seed + done + i);
		batch_run(scenarios, some, tally, o);
		done += some;
	}
	free(scenarios);
}

/* Lines "NAME<TAB>SCENARIO[<TAB>...]"; # begins a comment. */
static int named_run(const struct options *o, struct tally *tally)
{
	struct scenario *scenarios = calloc(BATCH, sizeof(*scenarios));
	FILE *file = fopen(o->named, "r");
	char line[SCENARIO_TEXT_MAX];
	size_t count = 0;
	int ret = file == NULL ? -errno : 0;

	while (ret == 0 && count < BATCH && fgets(line, sizeof(line), file) != NULL) {
		char *save, *name = strtok_r(line, "\t\n", &save);
		char *text = name == NULL || *name == '#' ? NULL : strtok_r(NULL, "\t\n", &save);
		const char *at;

		if (text == NULL)
			continue;
		if (!scenario_read(&scenarios[count], text, &at)) {
			fprintf(stderr, "host: %s: cannot read from `%s` on\n", name, at);
			ret = -EINVAL;
			break;
		}
		snprintf(scenarios[count++].name, SCENARIO_NAME_MAX, "%s", name);
	}
	if (file != NULL)
		fclose(file);
	if (ret == 0)
		batch_run(scenarios, count, tally, o);
	free(scenarios);
	return ret;
}

static int text_run(const struct options *o, struct tally *tally)
{
	struct scenario s;
	const char *at;

	if (!scenario_read(&s, o->scenario, &at)) {
		fprintf(stderr, "host: cannot read from `%s` on\n", at);
		return -EINVAL;
	}
	snprintf(s.name, sizeof(s.name), "given");
	batch_run(&s, 1, tally, o);
	return 0;
}

static bool options_read(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(argv[i], "--verbose") == 0) {
			o->verbose = true;
			continue;
		}
		if (value == NULL)
			return false;
		i++;
		if (strcmp(argv[i - 1], "--count") == 0)
			o->count = strtoul(value, NULL, 0);
		else if (strcmp(argv[i - 1], "--seed") == 0)
			o->seed = strtoul(value, NULL, 0);
		else if (strcmp(argv[i - 1], "--small") == 0)
			o->small = strtoul(value, NULL, 0);
		else if (strcmp(argv[i - 1], "--named") == 0)
			o->named = value;
		else if (strcmp(argv[i - 1], "--play") == 0)
			o->scenario = value;
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options o = {.seed = 1, .small = 12};
	struct tally tally = {0};
	const char *what = "";
	int ret;

	if (!options_read(&o, argc, argv)) {
		fprintf(stderr, "usage: host [--count N] [--seed S] [--named FILE] "
				"[--play SCENARIO] [--small N] [--verbose]\n");
		return 2;
	}
	ret = host_open(&host, &what);
	if (ret < 0) {
		printf("cannot open %s: %s\n", what, strerror(-ret));
		return SKIPPED;
	}
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 2;
	pool = test_pool_create("frames", MBUFS, 2048);
	ret = o.named == NULL ? 0 : named_run(&o, &tally);
	if (ret == 0 && o.scenario != NULL)
		ret = text_run(&o, &tally);
	if (ret == 0)
		random_run(&o, &tally);
	printf("%lu scenarios, %lu with the other of two queued copies, %lu with the urgent byte "
	       "elsewhere, %lu that differed once, %lu mismatches\n",
	       tally.played, tally.copies, tally.urgent, tally.once, tally.wrong);
	return ret < 0 ? 2 : tally.wrong > 0;
}
