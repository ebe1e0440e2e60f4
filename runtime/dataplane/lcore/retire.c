/* Flows that have ended keep their record, and their index is not used again,
 * until every worker has passed the last event that could name them, and what it
 * answered to that has been done: it may ask for bytes that are kept in the record. */
#include "runner.h"

static struct retired *retired_at(struct chain_run *cr, uint32_t place)
{
	return &cr->retired[(cr->retired_first + place) % RETIRED_MAX];
}

static void positions_take(struct chain_run *cr, struct retired *r)
{
	for (uint8_t i = 0; i < cr->chain->program->outlet_count; i++)
		r->positions[i] = outlet_position(cr->chain->outlets[i]);
}

/* Puts one list of flows behind another. */
static void list_append(struct chain_run *cr, uint32_t list, uint32_t tail)
{
	struct flow *f = flow_table_at(cr->chain->stack.table, list);

	while (f->newer != FLOW_NONE)
		f = flow_table_at(cr->chain->stack.table, f->newer);
	f->newer = tail;
}

void flight_retire(struct chain_run *cr, uint32_t dead)
{
	struct retired *r;

	if (dead == FLOW_NONE)
		return;
	if (cr->chain->program->outlet_count == 0) {
		stack_free_flows(&cr->chain->stack, dead);
		return;
	}
	if (cr->retired_count == RETIRED_MAX) {
		/* A worker is far behind: the last entry waits for these too. */
		r = retired_at(cr, RETIRED_MAX - 1);
		list_append(cr, dead, r->dead);
	} else {
		r = retired_at(cr, cr->retired_count++);
	}
	r->dead = dead;
	positions_take(cr, r);
}

static bool passed_by_all(struct chain_run *cr, const struct retired *r)
{
	for (uint8_t i = 0; i < cr->chain->program->outlet_count; i++) {
		struct outlet *o = cr->chain->outlets[i];

		if (!outlet_passed(o, r->positions[i]))
			return false;
		/* The tail was seen: so are the answers before it. */
		if (outlet_answer(o) != NULL && !outlet_abandoned(o))
			return false;
	}
	return true;
}

bool chain_retire(struct chain_run *cr)
{
	bool any = false;

	while (cr->retired_count > 0 && cr->chain->owed == NULL &&
	       passed_by_all(cr, retired_at(cr, 0))) {
		stack_free_flows(&cr->chain->stack, retired_at(cr, 0)->dead);
		cr->retired_first = (cr->retired_first + 1) % RETIRED_MAX;
		cr->retired_count--;
		any = true;
	}
	return any;
}
