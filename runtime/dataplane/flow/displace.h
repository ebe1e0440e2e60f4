/* Where both buckets of a new flow are full: who can move, so that there is room. */
#pragma once

#include <stdint.h>

#include "bucket.h"

#define DISPLACEMENT_STEPS 256 /* buckets that are looked at before giving up */
#define DISPLACEMENT_ROOT UINT16_MAX

/* A bucket that is reached by moving the entry in `way` of the bucket of step
 * `from` into it. */
struct displacement_step {
	uint32_t bucket;
	uint16_t from; /* step, or DISPLACEMENT_ROOT for the two it starts at */
	uint8_t way;
	uint8_t root; /* step that the path starts at: 0 or 1 */
};

struct displacement {
	unsigned int count;
	struct displacement_step step[DISPLACEMENT_STEPS];
};

/* Breadth first, so the path is the shortest: one move for nearly every insert
 * that needs any, and at most three. Returns the step whose bucket has a free
 * way, NULL when none was found. */
const struct displacement_step *displacement_search(struct displacement *d,
						    const struct bucket *buckets, uint32_t mask,
						    uint32_t first, uint32_t second);
