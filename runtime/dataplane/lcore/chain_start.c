/* Gives a chain its memory and joins it to its runner. */
#include <errno.h>
#include <rte_errno.h>
#include <stdlib.h>
#include <string.h>

#include "../flow/memory.h"
#include "../stack/fragment.h"
#include "runner.h"

/* One generation word, aligned like the record behind it, then the record. */
uint64_t chain_state_bytes(const struct program_chain *p, const struct program_nf *nf)
{
	return (uint64_t)chain_table_config(p).flows * (RTE_ALIGN_CEIL(nf->state_size, 8u) + 8);
}

/* From so many on, a table and what functions keep of its flows are touched at the start:
 * the kernel clears a huge page in the time of thousands of packets, at its first flow. Less
 * is not, because a page that was just cleared is in the cache for the flows that follow. */
#define TOUCHED_FLOWS (1u << 20)

/* Records of flows that have ended are beside the live ones until the bursts
 * they ended in are done: each packet of a burst may end one. */
struct flow_table_config chain_table_config(const struct program_chain *p)
{
	uint32_t spare =
	    RTE_MIN(RTE_MAX(p->flows / 3, (uint32_t)BURST_MAX), (uint32_t)STACK_SPARE_FLOWS);

	return (struct flow_table_config){
	    .flows = p->flows + spare,
	    .record_size = p->features->record_size,
	    .record_used = p->features->record_used,
	    .socket = SOCKET_ID_ANY,
	    .prefault = p->flows >= TOUCHED_FLOWS,
	};
}

struct fragment_config chain_fragment_config(const struct program_chain *p)
{
	return (struct fragment_config){
	    .datagrams = p->features->fragments ? p->fragments : 0,
	    .holds = p->features->holds_fragments,
	};
}

static size_t flights_bytes(void)
{
	return (FLIGHTS_MAX + 1) *
	       (RTE_ALIGN_CEIL(sizeof(struct burst), (size_t)RTE_CACHE_LINE_SIZE) +
		(size_t)BURST_LOG_SLOTS * EVENT_SLOT_SIZE);
}

uint64_t chain_burst_bytes(const struct program_chain *p)
{
	return flights_bytes() + FLIGHTS_MAX * sizeof(struct flight) + sizeof(struct chain_run) +
	       p->chain_size + (uint64_t)RETIRED_MAX * p->outlet_count * sizeof(uint64_t);
}

/* Bursts lie together and logs lie together: pages of logs that are never
 * reached are never touched. */
static int bursts_start(struct chain_run *cr)
{
	size_t size = RTE_ALIGN_CEIL(sizeof(struct burst), (size_t)RTE_CACHE_LINE_SIZE);
	uint8_t *memory = flow_memory_map(flights_bytes(), SOCKET_ID_ANY, false);
	uint8_t *logs = memory + (FLIGHTS_MAX + 1) * size;

	cr->flights = calloc(FLIGHTS_MAX, sizeof(*cr->flights));
	cr->burst_memory = memory;
	if (cr->flights == NULL || memory == NULL)
		return -ENOMEM;
	for (uint16_t i = 0; i <= FLIGHTS_MAX; i++) {
		struct burst *b = (struct burst *)(memory + i * size);

		b->slot = i < FLIGHTS_MAX ? i : BURST_SLOT_NONE;
		b->log.slots = logs + (size_t)i * BURST_LOG_SLOTS * EVENT_SLOT_SIZE;
		b->log.capacity = BURST_LOG_SLOTS;
		b->log.stack_limit = BURST_LOG_STACK_SLOTS;
		if (i == FLIGHTS_MAX) {
			cr->publications.burst = b;
			continue;
		}
		cr->flights[i].burst = b;
		cr->idle[FLIGHTS_MAX - 1 - i] = i;
	}
	cr->idle_count = FLIGHTS_MAX;
	burst_begin(cr, cr->publications.burst, BURST_PUBLICATIONS, 0);
	return 0;
}

static int outlets_start(struct chain_run *cr, const struct runner_sizes *sizes)
{
	const struct outlet_config config = {
	    .event_slots = sizes->ring_events,
	    .answer_slots = sizes->ring_answers,
	    .spill_slots = sizes->ring_spill,
	};
	struct chain *c = cr->chain;
	uint8_t count = c->program->outlet_count;

	c->outlets = calloc(count + 1u, sizeof(*c->outlets));
	cr->positions = calloc((size_t)RETIRED_MAX * count + 1, sizeof(*cr->positions));
	if (c->outlets == NULL || cr->positions == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < RETIRED_MAX; i++)
		cr->retired[i].positions = cr->positions + (size_t)i * count;
	for (uint8_t i = 0; i < count; i++) {
		c->outlets[i] = outlet_create(&config, &cr->chunks);
		if (c->outlets[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int tables_start(struct chain *c)
{
	const struct program_chain *p = c->program;

	c->nf = calloc(p->nf_count + 1u, sizeof(*c->nf));
	c->raised = calloc(p->event_types + 1u, sizeof(*c->raised));
	c->state = calloc(p->nf_count + 1u, sizeof(*c->state));
	c->instance = calloc(p->nf_count + 1u, sizeof(*c->instance));
	if (c->nf == NULL || c->raised == NULL || c->state == NULL || c->instance == NULL)
		return -ENOMEM;
	for (uint8_t i = 0; i < p->nf_count; i++) {
		if (p->nfs[i].state_size == 0)
			continue;
		c->state[i] = flow_memory_map(chain_state_bytes(p, &p->nfs[i]), SOCKET_ID_ANY,
					      p->flows >= TOUCHED_FLOWS);
		if (c->state[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int fragments_start(struct chain_run *cr)
{
	struct chain *c = cr->chain;
	const struct fragment_config config = chain_fragment_config(c->program);
	struct fragment_table *t;

	if (config.datagrams == 0)
		return 0;
	t = fragment_table_create(&config, c->mbufs, &c->stack.wheel, c->counters);
	stack_fragments_init(&c->stack, t);
	return t == NULL ? -ENOMEM : 0;
}

static int stack_start(struct chain_run *cr)
{
	struct chain *c = cr->chain;
	const struct program_chain *p = c->program;
	struct flow_table *table = NULL;

	if (p->features->flows) {
		const struct flow_table_config config = chain_table_config(p);

		table = flow_table_create(&config);
		if (table == NULL)
			return rte_errno != 0 ? -rte_errno : -ENOMEM;
	}
	stack_init(&c->stack, p->features, table, &cr->chunks, c->counters, 0);
	c->stack.flows_max = p->flows;
	c->stack.chain = c;
	c->stack.link = LINK_ETHERNET;
	return fragments_start(cr);
}

static struct chain *chain_new(struct runner *r, const struct program_chain *p)
{
	size_t size = RTE_ALIGN_CEIL((size_t)p->chain_size, (size_t)RTE_CACHE_LINE_SIZE);
	struct chain *c = aligned_alloc(RTE_CACHE_LINE_SIZE, size);

	if (c == NULL)
		return NULL;
	memset(c, 0, size);
	c->program = p;
	c->counters = &r->counters;
	c->packet_memory = r->memory.base;
	c->mbufs = r->memory.mbufs;
	c->send = chain_send;
	return c;
}

/* Handlers' own code, so it comes last: what it says is what is wrong. */
static int functions_prepare(struct chain *c, struct fault *fault)
{
	const struct program_chain *p = c->program;

	for (uint8_t i = 0; i < p->nf_count; i++) {
		const struct program_nf *nf = &p->nfs[i];
		char why[256] = "";

		if (nf->start == NULL)
			continue;
		c->instance[i] = nf->start(why, sizeof(why));
		if (c->instance[i] == NULL)
			return fault_set(fault, -ECANCELED, FAULT_HANDLER_NOT_PREPARED,
					 "`%s` of chain %s cannot start: %s", nf->name, p->name,
					 why[0] != '\0' ? why : "its handler does not say why");
	}
	return 0;
}

int chain_run_start(struct chain_run *cr, struct runner *r, uint8_t number,
		    const struct runner_sizes *sizes, uint8_t *chunk_memory, struct fault *fault)
{
	const struct program_chain *p = r->program->chains[number];
	int ret = -ENOMEM;

	cr->runner = r;
	cr->number = number;
	chunk_pool_init(&cr->chunks, chunk_memory, chain_chunk_bytes(p));
	cr->chain = chain_new(r, p);
	if (cr->chain != NULL) {
		cr->chain->runner = cr;
		ret = stack_start(cr);
	}
	if (ret == 0)
		ret = tables_start(cr->chain);
	if (ret == 0)
		ret = outlets_start(cr, sizes);
	if (ret == 0)
		ret = bursts_start(cr);
	if (ret < 0)
		return fault_set(fault, ret, FAULT_NO_MEMORY, "no memory for chain %s: %s", p->name,
				 strerror(-ret));
	return functions_prepare(cr->chain, fault);
}

static void chain_free(struct chain *c)
{
	const struct program_chain *p = c->program;

	for (uint8_t i = 0; c->instance != NULL && i < p->nf_count; i++)
		if (c->instance[i] != NULL)
			p->nfs[i].stop(c->instance[i]);
	for (uint8_t i = 0; c->outlets != NULL && i < p->outlet_count; i++)
		outlet_destroy(c->outlets[i]);
	for (uint8_t i = 0; c->state != NULL && i < p->nf_count; i++)
		flow_memory_unmap(c->state[i], chain_state_bytes(p, &p->nfs[i]));
	fragment_table_destroy(c->stack.fragments);
	if (c->stack.table != NULL)
		flow_table_destroy(c->stack.table);
	free(c->outlets);
	free(c->instance);
	free(c->state);
	free(c->raised);
	free(c->nf);
	free(c);
}

void chain_run_end(struct chain_run *cr)
{
	if (cr->chain != NULL)
		chain_free(cr->chain);
	cr->chain = NULL;
	flow_memory_unmap(cr->burst_memory, flights_bytes());
	cr->burst_memory = NULL;
	free(cr->flights);
	free(cr->positions);
	cr->flights = NULL;
	cr->positions = NULL;
}
