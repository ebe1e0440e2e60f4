/* What a program takes at its start, by name: computed before it is taken. */
#include <rte_common.h>

#include "../flow/table.h"
#include "distributor.h"

static bool chain_holds_bytes(const struct stack_features *f)
{
	return f->data_client || f->data_server || f->overlap || f->stashes;
}

uint64_t chain_chunk_bytes(const struct program_chain *p)
{
	return chain_holds_bytes(p->features) ? RTE_ALIGN_CEIL(p->buffer, (uint64_t)CHUNK_SIZE) : 0;
}

uint64_t runner_chunk_bytes(const struct program *program)
{
	uint64_t bytes = 0;

	for (uint8_t i = 0; i < program->chain_count; i++)
		bytes += chain_chunk_bytes(program->chains[i]);
	return bytes;
}

static void plan_outlets(struct pool_plan *plan, const struct program_chain *p,
			 const struct runner_sizes *sizes)
{
	const struct outlet_config config = {
	    .event_slots = sizes->ring_events,
	    .answer_slots = sizes->ring_answers,
	    .spill_slots = sizes->ring_spill,
	};

	for (uint8_t i = 0; i < p->nf_count; i++) {
		const struct program_nf *nf = &p->nfs[i];

		if (nf->outlet != PROGRAM_NO_OUTLET)
			pool_plan_add(plan, sizes->ring_events, outlet_memory(&config), "rings %s",
				      nf->name);
		if (nf->state_size > 0)
			pool_plan_add(plan, p->flows, chain_state_bytes(p, nf), "state %s",
				      nf->name);
	}
}

static void plan_chain(struct pool_plan *plan, const struct program_chain *p,
		       const struct runner_sizes *sizes)
{
	uint64_t chunks = chain_chunk_bytes(p);

	if (chunks > 0)
		pool_plan_add(plan, chunks / CHUNK_SIZE, chunks, "chunks %s", p->stack_name);
	if (p->features->flows) {
		const struct flow_table_config table = chain_table_config(p);

		pool_plan_add(plan, p->flows, flow_table_memory(&table), "flows %s", p->stack_name);
	}
	if (p->features->fragments) {
		const struct fragment_config fragments = chain_fragment_config(p);

		pool_plan_add(plan, p->fragments, fragment_table_memory(&fragments), "fragments %s",
			      p->stack_name);
	}
	pool_plan_add(plan, FLIGHTS_MAX + 1, chain_burst_bytes(p), "bursts %s", p->name);
	plan_outlets(plan, p, sizes);
}

void runner_plan(struct pool_plan *plan, const struct program *program,
		 const struct runner_sizes *sizes)
{
	unsigned int of_one;

	pool_plan_add(plan, sizes->mbufs, packet_memory_mbuf_bytes(sizes->mbufs), "packets");
	if (sizes->frames > 0)
		pool_plan_add(plan, sizes->frames,
			      packet_memory_frame_bytes(sizes->frames, sizes->frame_room),
			      "capture");
	of_one = plan->count;
	for (uint8_t i = 0; i < program->chain_count; i++)
		plan_chain(plan, program->chains[i], sizes);
	for (unsigned int i = of_one; i < plan->count; i++) {
		plan->pool[i].count *= program_instances(program);
		plan->pool[i].bytes *= program_instances(program);
	}
}

static void use_outlets(struct pool_plan *plan, unsigned int *next, const struct chain *c)
{
	const struct program_chain *p = c->program;

	for (uint8_t i = 0; i < p->nf_count; i++) {
		const struct program_nf *nf = &p->nfs[i];

		if (nf->outlet != PROGRAM_NO_OUTLET)
			pool_plan_use(plan, next, outlet_waiting(c->outlets[nf->outlet]));
		/* A record of state is in use as long as its flow's. */
		if (nf->state_size > 0)
			pool_plan_use(plan, next, flow_table_in_use(c->stack.table));
	}
}

static void use_chains(struct pool_plan *plan, unsigned int next, const struct runner *r)
{
	for (uint8_t i = 0; i < r->chain_count; i++) {
		const struct chain_run *cr = &r->chains[i];
		const struct program_chain *p = cr->chain->program;

		if (chain_chunk_bytes(p) > 0)
			pool_plan_use(plan, &next, cr->chunks.capacity - cr->chunks.available);
		if (p->features->flows)
			pool_plan_use(plan, &next, flow_table_in_use(cr->chain->stack.table));
		if (p->features->fragments)
			pool_plan_use(plan, &next, cr->chain->stack.fragments->live);
		pool_plan_use(plan, &next, cr->flying);
		use_outlets(plan, &next, cr->chain);
	}
}

void runner_plan_use(struct pool_plan *plan, struct runner *r)
{
	unsigned int next = 0;

	pool_plan_unused(plan);
	pool_plan_use(plan, &next, rte_mempool_in_use_count(r->memory.mbufs));
	if (r->memory.frames != NULL)
		pool_plan_use(plan, &next, rte_mempool_in_use_count(r->memory.frames));
	for (uint16_t k = 0; k < runner_instances(r); k++)
		use_chains(plan, next, runner_instance(r, k));
}
