/* What workers say: verdicts, switches, publications. Applied between bursts; a
 * message whose target is full stays where it is, in order. */
#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "runner.h"

/* The burst that an answer is about, if it is still on its way. */
static struct burst *answer_burst(const struct chain_run *cr, const struct ring_answer *a)
{
	struct burst *b;

	/* A handler's own timers and promises answer about no event. */
	if (a->burst >= FLIGHTS_MAX || a->serial == BURST_SERIAL_NONE)
		return NULL;
	b = cr->flights[a->burst].burst;
	if (b->serial != a->serial || (a->packet >= b->count && a->packet != EVENT_NO_PACKET))
		return NULL;
	return b;
}

/* In replay nothing may be lost, so a publication waits until those that may
 * hear it have room: the workers after its publisher. These never wait for us
 * to take a publication of his, so the last one always goes on. */
static bool downstream_has_room(const struct chain_run *cr, const struct program_nf *publisher)
{
	const struct chain *c = cr->chain;

	for (uint8_t i = 0; i < c->program->nf_count; i++) {
		const struct program_nf *nf = &c->program->nfs[i];

		if (nf->outlet != PROGRAM_NO_OUTLET && nf->place > publisher->place &&
		    outlet_spilled(c->outlets[nf->outlet]))
			return false;
	}
	return true;
}

static bool answer_apply(struct chain_run *cr, const struct program_nf *nf,
			 const struct ring_answer *a)
{
	struct burst *b = answer_burst(cr, a);

	if (a->kind >= ANSWER_PUBLISH && cr->runner->replay && !downstream_has_room(cr, nf))
		return false;
	if (nf->answer(cr->chain, b, a)) {
		flight_collect(cr, b != NULL ? &cr->flights[a->burst] : NULL);
		return true;
	}
	/* Its log was full: it is empty after it has run. */
	return chain_publish(cr) && nf->answer(cr->chain, b, a);
}

static bool outlet_answers_apply(struct chain_run *cr, const struct program_nf *nf)
{
	struct outlet *o = cr->chain->outlets[nf->outlet];
	const struct ring_answer *a;
	bool any = false;

	/* At most a ring full: others wait too. */
	for (uint32_t i = outlet_answers(o)->capacity; i > 0; i--) {
		a = outlet_answer(o);
		if (a == NULL || !answer_apply(cr, nf, a))
			break;
		outlet_answer_done(o);
		any = true;
	}
	return any;
}

/* What a worker that is gone was sent counted as handled when it was sent. */
static void count_lost(struct chain *c, uint8_t nf, uint64_t unread)
{
	if (likely(unread == 0))
		return;
	c->nf[nf].lost += unread;
	c->nf[nf].handled -= RTE_MIN(unread, c->nf[nf].handled);
}

static void count_unread(struct chain *c, uint8_t nf, struct outlet *o)
{
	uint64_t before = outlet_unread(o);

	outlet_flush(o);
	count_lost(c, nf, outlet_unread(o) - before);
}

void chain_abandon(struct chain_run *cr, uint8_t nf, bool reads)
{
	struct outlet *o = cr->chain->outlets[cr->chain->program->nfs[nf].outlet];

	outlet_abandon(o);
	if (reads)
		count_lost(cr->chain, nf, outlet_count_unread(o));
	else
		count_unread(cr->chain, nf, o);
}

void chain_count_left(struct chain_run *cr)
{
	const struct program_chain *p = cr->chain->program;

	for (uint8_t i = 0; i < p->nf_count; i++) {
		struct outlet *o = p->nfs[i].outlet == PROGRAM_NO_OUTLET
				       ? NULL
				       : cr->chain->outlets[p->nfs[i].outlet];

		if (o != NULL && outlet_abandoned(o))
			count_unread(cr->chain, i, o);
	}
}

bool chain_answers(struct chain_run *cr)
{
	const struct program_chain *p = cr->chain->program;
	bool any = false;

	for (uint8_t i = 0; i < p->nf_count; i++) {
		if (p->nfs[i].outlet == PROGRAM_NO_OUTLET)
			continue;
		count_unread(cr->chain, i, cr->chain->outlets[p->nfs[i].outlet]);
		any |= outlet_answers_apply(cr, &p->nfs[i]);
		/* Room was found for what this one says, not for the next one's beside it. */
		if (cr->runner->replay)
			any |= chain_publish(cr);
	}
	return any;
}

bool chain_feed_owed(struct chain_run *cr)
{
	struct chain *c = cr->chain;
	bool any = false;

	while (c->owed != NULL && c->program->nfs[c->owed->nf].feed(c, c->owed)) {
		c->owed = c->owed->next;
		any = true;
	}
	return any;
}

bool chain_spilled(const struct chain_run *cr)
{
	if (cr->chain->owed != NULL)
		return true;
	for (uint8_t i = 0; i < cr->chain->program->outlet_count; i++)
		if (outlet_spilled(cr->chain->outlets[i]))
			return true;
	return false;
}

bool chain_quiet(struct chain_run *cr)
{
	for (uint8_t i = 0; i < cr->chain->program->outlet_count; i++) {
		struct outlet *o = cr->chain->outlets[i];

		if (outlet_abandoned(o))
			continue;
		if (!outlet_settled(o) || outlet_answer(o) != NULL)
			return false;
	}
	return cr->chain->owed == NULL && cr->publications.burst->log.first == EVENT_END;
}
