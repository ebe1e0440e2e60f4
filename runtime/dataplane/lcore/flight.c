/* Bursts on their way: stage by stage, waiting for outlets in between. */
#include <errno.h>
#include <rte_branch_prediction.h>

#include "../fragment/table.h"
#include "../packet/dynfield.h"
#include "../port/capture_out.h"
#include "../event/handler.h"
#include "runner.h"

/* Nanoseconds: a burst waits so long for a worker that stands still. */
#define WAIT_PATIENCE_NS 1000000000ull

/* In replay, who finds memory must not depend on how fast workers are: when it
 * runs short, they come first, and the bursts before. */
static bool memory_waits(struct chain_run *cr, uint16_t ahead)
{
	const struct chain *c = cr->chain;

	if (likely(!cr->runner->replay || !stack_is_short(&c->stack)))
		return false;
	if (ahead > 0 || !chain_quiet(cr))
		return true;
	for (uint8_t i = 0; i < c->program->outlet_count; i++)
		if (!outlet_abandoned(c->outlets[i]))
			outlet_flush(c->outlets[i]); /* gives back what its worker had */
	return false;
}

bool chain_has_stacked(const struct chain_run *cr)
{
	return cr->flying == 0 || chain_flight(cr, cr->flying - 1)->burst->complete;
}

bool chain_takes(struct chain_run *cr)
{
	const struct fragment_table *fragments = cr->chain->stack.fragments;

	if (cr->idle_count == 0)
		return false;
	/* Whole datagrams of bursts that wait for a worker have used up their share. */
	if (unlikely(fragments != NULL && fragment_table_leaving(fragments) > fragments->quota))
		return false;
	if (memory_waits(cr, cr->flying))
		return false;
	return chain_has_stacked(cr);
}

void burst_begin(struct chain_run *cr, struct burst *b, enum burst_kind kind, uint64_t now)
{
	struct runner *r = cr->runner;

	b->count = 0;
	b->next = 0;
	b->complete = 0;
	b->kind = (uint8_t)kind;
	if (++r->serial == BURST_SERIAL_NONE)
		r->serial++;
	b->serial = r->serial;
	b->now = now;
	b->counters = &r->counters;
	b->dead = FLOW_NONE;
	b->resume_stream = STREAM_NONE;
	b->resume_stage = 0;
	b->released = NULL;
	b->any_blocked = 0;
	b->behind = 0;
	b->wants_front = 0;
	b->any_held = false;
	b->any_late = false;
	b->whole_count = 0;
	event_log_reset(&b->log);
}

struct flight *flight_begin(struct chain_run *cr, enum burst_kind kind, uint64_t now)
{
	uint16_t slot = cr->idle[--cr->idle_count];
	struct flight *f = &cr->flights[slot];

	cr->order[(cr->oldest + cr->flying++) % FLIGHTS_MAX] = slot;
	f->parent = NULL;
	f->state = FLIGHT_STAGE;
	f->stage = 0;
	f->child = false;
	f->link = cr->chain->stack.link;
	f->injected_count = 0;
	burst_begin(cr, f->burst, kind, now);
	f->burst->behind = cr->flying > 1;
	return f;
}

int chain_send(struct chain *c, uint8_t port, struct rte_mbuf *m)
{
	const struct chain_run *cr = c->runner;
	struct runner *r = cr->runner;

	/* A capture has both sides' packets at one port: all leave by the other. */
	if (r->replay)
		port = chain_peer(cr, r->replay_port);
	if (unlikely(c->injected_count == RTE_DIM(c->injected) || port >= r->port_count)) {
		r->counters.packets_injected_lost++;
		rte_pktmbuf_free(m);
		return -ENOBUFS;
	}
	if (!(m->ol_flags & packet_dynfields.time_set))
		packet_mbuf_set_time(m, r->now);
	capture_out_unmark(m);
	c->injected[c->injected_count] = m;
	c->injected_behind[c->injected_count] = c->injected_cause;
	c->injected_port[c->injected_count++] = port;
	return 0;
}

void flight_collect(struct chain_run *cr, struct flight *f)
{
	struct chain *c = cr->chain;

	for (uint16_t i = 0; i < c->injected_count; i++) {
		if (f == NULL || f->injected_count == FLIGHT_INJECTED_MAX) {
			runner_inject(cr->runner, c->injected_port[i], c->injected[i]);
			continue;
		}
		f->injected[f->injected_count] = c->injected[i];
		f->injected_behind[f->injected_count] = c->injected_behind[i];
		f->injected_port[f->injected_count++] = c->injected_port[i];
	}
	c->injected_count = 0;
}

/* Between the two stores the stage is at work: for whoever asks why nothing goes
 * on, and for the line that is printed when it crashes. */
static void stage_call(struct chain_run *cr, uint8_t stage, struct burst *b)
{
	struct runner *r = cr->runner;

	r->at_stage = stage;
	__atomic_store_n(&r->at_turn, r->at_turn + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&r->at_chain, cr->chain->program, __ATOMIC_RELEASE);
	cr->chain->program->stage[stage](cr->chain, b);
	__atomic_store_n(&r->at_chain, NULL, __ATOMIC_RELEASE);
}

static void stage_run(struct chain_run *cr, struct flight *f)
{
	const struct program_chain *p = cr->chain->program;
	uint8_t waits_for = p->waits_for[f->stage];
	struct burst *b = f->burst;

	cr->chain->stack.link = f->link;
	stage_call(cr, f->stage++, b);
	flight_collect(cr, f);
	if (f->stage == p->stage_count) {
		f->stage = 0;
		f->state = b->complete ? FLIGHT_STAGED : FLIGHT_ROUND;
	} else if (waits_for != PROGRAM_NO_OUTLET) {
		f->position = outlet_position(cr->chain->outlets[waits_for]);
		f->waits_since = 0;
		f->state = FLIGHT_WAIT;
	}
}

/* A stage of a burst runs after the same stage of the burst before. In replay, what a
 * later stage sends to workers must find room as what the first one sends does. */
static bool stage_is_free(const struct chain_run *cr, const struct flight *f,
			  const struct flight *before)
{
	if (f->stage > 0 && cr->runner->replay && chain_spilled(cr))
		return false;
	return before == NULL || before->state >= FLIGHT_STAGED || before->stage > f->stage;
}

static uint8_t waited_for(const struct chain_run *cr, const struct flight *f)
{
	return cr->chain->program->waits_for[f->stage - 1];
}

/* The worker has handled nothing at all for as long as a burst waits at most. */
static bool outlet_is_overdue(const struct chain_run *cr, struct flight *f, struct outlet *o)
{
	uint64_t progress = outlet_progress(o), now;

	if (cr->runner->replay)
		return false;
	if (outlet_hangs(o))
		return true;
	now = clock_monotonic_ns();
	if (f->waits_since == 0 || progress != f->waits_at) {
		f->waits_since = now;
		f->waits_at = progress;
	}
	if (now - f->waits_since < WAIT_PATIENCE_NS)
		return false;
	outlet_give_up(o);
	return true;
}

struct unjudged {
	struct chain_run *cr;
	struct burst *burst;
	const struct program_nf *nf;
};

/* As if there had been no room for the event: `on_overload` decides. */
static void event_unjudged(void *arg, const struct ring_event *e)
{
	const struct unjudged *u = arg;
	uint32_t bits = NF_ANSWER_ERROR | (e->dir & NF_ANSWER_SERVER) |
			(e->flags & RING_FLAG_DATA ? NF_ANSWER_DATA : 0u);
	const struct ring_answer answer = {.kind = ANSWER_OVERLOAD,
					   .flow_index = e->flow_index,
					   .flow_generation = e->flow_generation,
					   .packet = e->packet,
					   .burst = e->burst,
					   .serial = e->serial,
					   .value = (uint64_t)bits << 32};

	u->cr->runner->counters.events_unjudged++;
	(void)u->nf->answer(u->cr->chain, u->burst, &answer);
}

static void burst_unjudged(struct chain_run *cr, const struct flight *f)
{
	const struct program_chain *p = cr->chain->program;
	uint8_t outlet = waited_for(cr, f);

	burst_give_up(f->burst, outlet);
	for (uint8_t i = 0; i < p->nf_count; i++) {
		struct unjudged u = {.cr = cr, .burst = f->burst, .nf = &p->nfs[i]};

		if (p->nfs[i].outlet == outlet)
			outlet_unhandled(cr->chain->outlets[outlet], f->burst->slot,
					 f->burst->serial, event_unjudged, &u);
	}
}

/* All verdicts of the outlet on this burst are known and applied, or none comes. */
static bool wait_is_over(struct chain_run *cr, struct flight *f)
{
	struct outlet *o = cr->chain->outlets[waited_for(cr, f)];

	if (unlikely(outlet_abandoned(o)) || !outlet_passed(o, f->position)) {
		if (!outlet_abandoned(o) && !outlet_is_overdue(cr, f, o))
			return false;
		chain_answers(cr);
		burst_unjudged(cr, f);
		return true;
	}
	chain_answers(cr);
	return outlet_answer(o) == NULL || outlet_abandoned(o);
}

static bool round_may_begin(struct chain_run *cr, struct flight *f, const struct flight *before)
{
	if (cr->runner->replay && chain_spilled(cr))
		return false;
	if (unlikely(f->burst->wants_front && before != NULL))
		return false;
	f->burst->behind = before != NULL;
	stack_free_burst(&cr->chain->stack, f->burst);
	if (memory_waits(cr, before != NULL))
		return false;
	event_log_reset(&f->burst->log);
	return true;
}

/* One step, if it can be taken now. `before` is the flight ahead, or NULL. */
static bool flight_step(struct chain_run *cr, struct flight *f, const struct flight *before)
{
	switch ((enum flight_state)f->state) {
	case FLIGHT_STAGE:
		if (!stage_is_free(cr, f, before))
			return false;
		stage_run(cr, f);
		return true;
	case FLIGHT_WAIT:
		if (!wait_is_over(cr, f))
			return false;
		f->state = FLIGHT_STAGE;
		return true;
	case FLIGHT_ROUND:
		if (!round_may_begin(cr, f, before))
			return false;
		f->state = FLIGHT_STAGE;
		return true;
	case FLIGHT_STAGED:
		if (before != NULL && before->state != FLIGHT_HANDED)
			return false;
		return flight_hand_on(cr, f);
	case FLIGHT_HANDED:
		break;
	}
	return false;
}

/* The oldest leaves when nobody looks at its packets any more. */
static bool oldest_leave(struct chain_run *cr)
{
	uint16_t slot = cr->order[cr->oldest];
	struct flight *f = &cr->flights[slot];

	if (f->state != FLIGHT_HANDED || f->child)
		return false;
	flight_leave(cr, f);
	stack_free_burst(&cr->chain->stack, f->burst);
	stack_free_datagrams(&cr->chain->stack, f->burst);
	flight_retire(cr, f->burst->dead);
	f->burst->serial = BURST_SERIAL_NONE;
	cr->oldest = (uint16_t)((cr->oldest + 1) % FLIGHTS_MAX);
	cr->flying--;
	cr->idle[cr->idle_count++] = slot;
	return true;
}

bool chain_advance(struct chain_run *cr)
{
	const struct flight *before = NULL;
	bool moved = false;

	for (uint16_t place = 0; place < cr->flying; place++) {
		struct flight *f = chain_flight(cr, place);

		while (flight_step(cr, f, before))
			moved = true;
		before = f;
	}
	while (cr->flying > 0 && oldest_leave(cr))
		moved = true;
	return moved;
}

/* No packet waits for these, so they wait for nobody: all stages at once. */
bool chain_publish(struct chain_run *cr)
{
	const struct program_chain *p = cr->chain->program;
	struct burst *b = cr->publications.burst;

	if (b->log.first == EVENT_END)
		return false;
	b->complete = 1;
	b->now = cr->runner->now;
	for (uint8_t stage = 0; stage < p->stage_count; stage++)
		stage_call(cr, stage, b);
	flight_collect(cr, NULL);
	flight_retire(cr, b->dead);
	stack_free_burst(&cr->chain->stack, b);
	burst_begin(cr, b, BURST_PUBLICATIONS, cr->runner->now);
	return true;
}
