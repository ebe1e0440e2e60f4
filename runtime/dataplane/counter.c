#include "counter.h"

const struct counter_info counter_infos[] = {
#define MBX_COUNTER_INFO(field, name, doc) {name, doc},
    MBX_COUNTERS(MBX_COUNTER_INFO)
#undef MBX_COUNTER_INFO
};

const unsigned int counter_count = sizeof(counter_infos) / sizeof(counter_infos[0]);

_Static_assert(sizeof(struct counters) ==
		   sizeof(counter_infos) / sizeof(counter_infos[0]) * sizeof(uint64_t),
	       "a counter for each entry of the table, and nothing else");
