/* A small table of flows, and a key for each number. */
#pragma once

#include "flow/table.h"

#define RECORD 192

_Static_assert(sizeof(struct flow) <= RECORD, "the fixed part fits");

static inline struct flow_table *table_of(uint32_t flows)
{
	struct flow_table *t = flow_table_create(&(struct flow_table_config){
	    .flows = flows, .record_size = RECORD, .seed = 1, .socket = -1});

	assert_non_null(t);
	return t;
}

/* A key of either family for each number. */
static inline struct flow_key key_of(uint32_t number)
{
	struct flow_key key = {.word = {number * 7, 4u << 8 | 6, 0x0a000001, number}};

	if (number % 3 == 0) {
		key.word[1] = 6u << 8 | 6;
		key.word[9] = number;
	}
	return key;
}

static inline struct flow *insert(struct flow_table *t, const struct flow_key *key)
{
	return flow_table_insert(t, key, flow_table_hash(t, key));
}

static inline struct flow *lookup(struct flow_table *t, const struct flow_key *key)
{
	return flow_table_lookup(t, key, flow_table_hash(t, key));
}

static inline void end(struct flow_table *t, struct flow *f)
{
	flow_table_remove(t, f);
	flow_table_free(t, f);
}
