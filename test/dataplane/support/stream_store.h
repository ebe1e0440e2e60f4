/* The bytes that one stream holds, without a connection around it. */
#pragma once

#include "tcp_frame.h"

#define PAGES 16384u
#define DEPTH_MAX 75u /* five times the logarithm of PAGES, and some; a list has PAGES */

struct store {
	struct rig *rig;
	struct reassembly *r;
	struct stream *stream;
	struct chunk *released;
	uint32_t id;
};

/* The rig's first flow; the rig is closed with the store. */
static inline void store_begin(struct store *s, struct rig *rig)
{
	struct flow_key key = {.word = {1, 4 << 8 | 6, 3, 4}};
	struct flow *f = flow_table_insert(rig->stack.table, &key, 1);

	*s = (struct store){.rig = rig,
			    .r = &rig->stack.reassembly,
			    .stream = ((struct rig_record *)f)->stream,
			    .id = f->index << 1};
	s->r->released = &s->released;
}

static inline void store_settle(struct store *s)
{
	reassembly_free(s->r, s->released);
	s->released = NULL;
}

static inline void store_close(struct store *s)
{
	stream_clear(s->r, s->stream, s->id);
	store_settle(s);
	assert_int_equal(s->stream->pages, 0);
	assert_int_equal(s->r->pages, 0);
	assert_int_equal(s->rig->chunks.available, s->rig->chunks.capacity);
	rig_close(s->rig);
}

/* Without recursion that a bad tree would make deep: a path cannot be longer than
 * the limit, or the test fails at once. */
static inline void depth_check(const struct page *p, unsigned int depth)
{
	if (p == NULL)
		return;
	if (depth > DEPTH_MAX)
		fail_msg("a page lies %u steps deep", depth);
	depth_check(p->left, depth + 1);
	depth_check(p->right, depth + 1);
}
