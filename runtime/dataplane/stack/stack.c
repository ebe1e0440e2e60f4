#include "stack.h"

#include <rte_prefetch.h>
#include <string.h>

#include "../memory/stash.h"

#define VICTIM_TRIES 32
#define LOOKED_AT 2 /* active flows, for each one that begins */

void stack_init(struct stack *s, const struct stack_features *features, struct flow_table *table,
		struct chunk_pool *chunks, struct counters *counters, uint64_t now)
{
	uint32_t records = table == NULL ? 0 : flow_table_capacity(table);

	*s = (struct stack){
	    .table = table,
	    .chunks = chunks,
	    .counters = counters,
	    .now = now,
	    .embryonic_first = FLOW_NONE,
	    .embryonic_last = FLOW_NONE,
	    .active_first = FLOW_NONE,
	    .active_last = FLOW_NONE,
	    .active_turn = FLOW_NONE,
	    .flows_max = records - RTE_MIN((uint32_t)STACK_SPARE_FLOWS, records / 4),
	    .layout =
		{
		    .stash_at = features->stash_at,
		    .timers_at = features->timers_at,
		    .stash_count = features->stashes ? features->stash_count : 0,
		    .timer_count = features->nf_timers ? features->timer_count : 0,
		},
	};
	timer_wheel_init(&s->wheel, now);
	reassembly_init(&s->reassembly, chunks, table, counters, features->stream_at);
	s->reassembly.keeps = features->drops;
	/* Connections that each keep a little would leave nobody memory for a hole. */
	if (chunks != NULL && features->stashes) {
		chunks->stashed_max = chunks->capacity / 2;
		s->reassembly.limit -= chunks->stashed_max;
	}
}

/* ---- eviction lists ---- */

static void list_ends(struct stack *s, const struct flow *f, uint32_t **first, uint32_t **last)
{
	bool embryonic = (f->flags & FLOW_EMBRYONIC) != 0;

	*first = embryonic ? &s->embryonic_first : &s->active_first;
	*last = embryonic ? &s->embryonic_last : &s->active_last;
}

void stack_list_append(struct stack *s, struct flow *f, bool embryonic)
{
	uint32_t *first, *last;

	f->flags = (uint16_t)(embryonic ? f->flags | FLOW_EMBRYONIC : f->flags & ~FLOW_EMBRYONIC);
	f->listed = (uint32_t)(f->last_seen / TIMER_TICK_NS);
	list_ends(s, f, &first, &last);
	f->older = *last;
	f->newer = FLOW_NONE;
	if (*last == FLOW_NONE) {
		*first = f->index;
		if (!embryonic)
			s->active_since = f->listed;
	} else {
		flow_table_at(s->table, *last)->newer = f->index;
	}
	*last = f->index;
}

void stack_list_remove(struct stack *s, struct flow *f)
{
	uint32_t *first, *last;

	list_ends(s, f, &first, &last);
	if (f->older == FLOW_NONE)
		*first = f->newer;
	else
		flow_table_at(s->table, f->older)->newer = f->newer;
	if (f->newer == FLOW_NONE)
		*last = f->older;
	else
		flow_table_at(s->table, f->newer)->older = f->older;
	if (first == &s->active_first && *first != FLOW_NONE)
		s->active_since = flow_table_at(s->table, *first)->listed;
	if (s->active_turn == f->index)
		s->active_turn = f->newer;
}

static bool heard_since_listed(const struct flow *f)
{
	return f->listed != (uint32_t)(f->last_seen / TIMER_TICK_NS);
}

static bool is_crowded(const struct stack *s)
{
	return flow_table_live(s->table) > s->flows_max / 2;
}

void stack_list_look(struct stack *s)
{
	if (!s->crowded && is_crowded(s)) {
		s->crowded = true;
		s->active_turn = s->active_first;
		s->looks_left = flow_table_live(s->table);
	}
	for (unsigned int i = 0; i < LOOKED_AT && s->looks_left > 0; i++, s->looks_left--) {
		struct flow *f;

		if (s->active_turn == FLOW_NONE)
			return;
		f = flow_table_at(s->table, s->active_turn);
		s->active_turn = f->newer;
		if (!heard_since_listed(f))
			continue;
		stack_list_remove(s, f);
		stack_list_append(s, f, false);
	}
}

/* Flows that were active since they were put there get another chance; of some of
 * these, the one that was idle longest goes. So does one without a handshake whose
 * other direction takes another way. */
static struct flow *list_victim(struct stack *s, const uint32_t *first, bool embryonic)
{
	struct flow *oldest = NULL, *f;

	for (int tries = 0; tries < VICTIM_TRIES && *first != FLOW_NONE; tries++) {
		f = flow_table_at(s->table, *first);
		if (!heard_since_listed(f))
			return f;
		if (oldest == NULL || f->last_seen < oldest->last_seen)
			oldest = f;
		stack_list_remove(s, f);
		stack_list_append(s, f, embryonic);
	}
	return oldest;
}

struct flow *stack_victim(struct stack *s)
{
	if (s->embryonic_first != FLOW_NONE)
		return list_victim(s, &s->embryonic_first, true);
	return list_victim(s, &s->active_first, false);
}

/* ---- the end of flows ---- */

void stack_flow_silence(struct stack *s, struct flow *f)
{
	struct wheel_timer *timers = stack_flow_part(f, s->layout.timers_at);

	f->flags |= FLOW_ENDING;
	for (unsigned int i = 0; i < s->layout.timer_count; i++)
		timer_cancel(&s->wheel, &timers[i]);
}

/* Who goes next, once the table is full: its record was fetched when the one before it
 * went, so what that points to can be fetched now, and the record behind it. */
static void victims_fetch(const struct stack *s)
{
	uint32_t first = s->embryonic_first != FLOW_NONE ? s->embryonic_first : s->active_first;
	const struct flow *f, *behind;

	if (first == FLOW_NONE)
		return;
	f = flow_table_at(s->table, first);
	rte_prefetch0(f->idle.next);
	rte_prefetch0(f->idle.link);
	flow_table_fetch(s->table, f->hash);
	if (f->newer == FLOW_NONE)
		return;
	behind = flow_table_at(s->table, f->newer);
	rte_prefetch0(behind);
	rte_prefetch0(&behind->older);
}

void stack_flow_bury(struct stack *s, struct burst *b, struct flow *f)
{
	stack_flow_silence(s, f);
	timer_cancel(&s->wheel, &f->idle);
	stack_list_remove(s, f);
	flow_table_remove(s->table, f);
	s->crowded = s->crowded && is_crowded(s);
	f->flags &= (uint16_t)~FLOW_LIVE;
	f->newer = b->dead;
	b->dead = f->index;
	victims_fetch(s);
}

#define ENDED_AHEAD 8 /* records */

/* What taking a flow away touches, but for its own record. */
static void linked_fetch(const struct stack *s, const struct flow *f)
{
	flow_table_fetch(s->table, f->hash);
	rte_prefetch0(f->idle.next);
	rte_prefetch0(f->idle.link);
	if (f->older != FLOW_NONE)
		rte_prefetch0(flow_table_at(s->table, f->older));
	if (f->newer != FLOW_NONE)
		rte_prefetch0(flow_table_at(s->table, f->newer));
}

struct ended {
	struct stack *stack;
	struct burst *burst;
};

static void ended_bury(struct flow *f, void *arg)
{
	const struct ended *e = arg;
	uint32_t ahead = f->index + ENDED_AHEAD;

	if (ahead < flow_table_capacity(e->stack->table))
		linked_fetch(e->stack, flow_table_at(e->stack->table, ahead));
	if (f->flags & FLOW_ENDING)
		stack_flow_bury(e->stack, e->burst, f);
}

/* In the order of their records: in that of their list, each would be waited for. */
void stack_bury_ended(struct stack *s, struct burst *b)
{
	struct ended e = {.stack = s, .burst = b};

	flow_table_iterate(s->table, ended_bury, &e);
}

void stack_free_flows(struct stack *s, uint32_t dead)
{
	while (dead != FLOW_NONE) {
		struct flow *f = flow_table_at(s->table, dead);
		struct stash *stashes = stack_flow_part(f, s->layout.stash_at);

		dead = f->newer;
		for (unsigned int i = 0; i < s->layout.stash_count; i++)
			stash_free(s->chunks, &stashes[i]);
		flow_table_free(s->table, f);
	}
}

void stack_free_burst(struct stack *s, struct burst *b)
{
	reassembly_free(&s->reassembly, b->released);
	b->released = NULL;
}
