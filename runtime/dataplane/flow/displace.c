#include <stdbool.h>
#include <stddef.h>

#include "displace.h"

static struct displacement_step *step_add(struct displacement *d, uint32_t bucket, uint16_t from,
					  unsigned int way)
{
	struct displacement_step *step = &d->step[d->count];

	step->bucket = bucket;
	step->from = from;
	step->way = (uint8_t)way;
	step->root = (uint8_t)(from == DISPLACEMENT_ROOT ? d->count : d->step[from].root);
	d->count++;
	return step;
}

/* A path that comes back to one of its own buckets would move an entry that has
 * already moved. */
static bool path_has(const struct displacement *d, uint16_t step, uint32_t bucket)
{
	for (; step != DISPLACEMENT_ROOT; step = d->step[step].from)
		if (d->step[step].bucket == bucket)
			return true;
	return false;
}

const struct displacement_step *displacement_search(struct displacement *d,
						    const struct bucket *buckets, uint32_t mask,
						    uint32_t first, uint32_t second)
{
	d->count = 0;
	step_add(d, first, DISPLACEMENT_ROOT, 0);
	step_add(d, second, DISPLACEMENT_ROOT, 0);
	for (uint16_t i = 0; i < d->count; i++) {
		const struct bucket *b = &buckets[d->step[i].bucket];

		for (unsigned int way = 0; way < BUCKET_WAYS; way++) {
			uint32_t to = bucket_partner(d->step[i].bucket, b->tag[way], mask);

			if (d->count == DISPLACEMENT_STEPS)
				return NULL;
			if (path_has(d, i, to))
				continue;
			step_add(d, to, i, way);
			if (bucket_free_way(&buckets[to]) != BUCKET_WAYS)
				return &d->step[d->count - 1];
		}
	}
	return NULL;
}
