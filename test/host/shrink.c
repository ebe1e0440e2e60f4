#include "shrink.h"

#include <stdlib.h>
#include <string.h>

#define KIND_LENGTH 14 /* of a mismatch's text: another kind is another fault */

/* A scenario without step `at`. */
static void step_remove(struct scenario *to, const struct scenario *from, uint8_t at)
{
	*to = *from;
	to->step_count--;
	memmove(&to->step[at], &from->step[at + 1],
		(size_t)(from->step_count - at - 1) * sizeof(to->step[0]));
}

/* Plays all that lack one step, at once; the first that still mismatches is the
 * next to be made smaller. */
static bool shrink_once(struct host *h, struct rte_mempool *pool, struct scenario *s,
			const char *kind)
{
	struct scenario *less = calloc(s->step_count, sizeof(*less));
	struct play *plays = calloc(s->step_count, sizeof(*plays));
	const struct scenario *list[SCENARIO_STEPS_MAX] = {NULL};
	char why[JUDGE_TEXT_MAX];
	uint8_t count = s->step_count, found = count;

	for (uint8_t i = 0; i < count; i++) {
		step_remove(&less[i], s, i);
		list[i] = &less[i];
	}
	host_play(h, list, plays, count);
	for (uint8_t i = 0; i < count; i++) {
		if (found == count && judge_play(pool, &plays[i], why) >= JUDGE_WRONG &&
		    strncmp(why, kind, KIND_LENGTH) == 0)
			found = i;
		play_free(&plays[i]);
	}
	if (found < count)
		*s = less[found];
	free(less);
	free(plays);
	return found < count;
}

void scenario_shrink(struct host *h, struct rte_mempool *pool, struct scenario *s, const char *kind)
{
	while (s->step_count > 1 && shrink_once(h, pool, s, kind))
		;
}
