/* The monitor over what passed, and whether it saw what the host's application
 * got. */
#pragma once

#include "play.h"

struct rte_mempool;

enum judgement {
	JUDGE_SAME,
	JUDGE_COPY,   /* same but for queued copies in conflict, and the conflict was raised */
	JUDGE_URGENT, /* but for an urgent byte that leaves the stream, or is put back into it */
	JUDGE_WRONG,  /* `why` says what differs */
	JUDGE_VARIES, /* other bursts, other events */
};

#define JUDGE_TEXT_MAX 1024

enum judgement judge_play(struct rte_mempool *pool, const struct play *p, char why[JUDGE_TEXT_MAX]);

/* All that passed, a line a frame. */
void judge_print(const struct play *p);
