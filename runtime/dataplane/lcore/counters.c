/* Counters of a program, while it runs: read by any thread, written by lcores. */
#include "counters.h"

#include <stddef.h>
#include <string.h>

/* Adds words of 64 bits, as they are now, to numbers. */
static double *add(double *into, const void *counters, size_t size)
{
	const uint64_t *from = counters;

	for (size_t i = 0; i < size / sizeof(*from); i++)
		*into++ += (double)__atomic_load_n(&from[i], __ATOMIC_RELAXED);
	return into;
}

size_t dataplane_counter_count(const struct program *program)
{
	size_t count =
	    counter_count + program->port_count * sizeof(struct port_counters) / sizeof(uint64_t);

	for (uint8_t i = 0; i < program->chain_count; i++)
		count +=
		    1 + program->chains[i]->event_types +
		    program->chains[i]->nf_count * sizeof(struct nf_counters) / sizeof(uint64_t);
	return count;
}

static void derived_refresh(struct runner *r)
{
	uint64_t lost = 0;

	for (uint8_t i = 0; i < r->chain_count; i++) {
		const struct chain *c = r->chains[i].chain;

		for (uint8_t k = 0; k < c->program->outlet_count; k++)
			lost += outlet_lost(c->outlets[k]);
	}
	__atomic_store_n(&r->counters.events_lost, lost, __ATOMIC_RELAXED);
	for (uint8_t i = 0; i < r->port_count; i++)
		if (r->port[i].ops != NULL && r->port[i].ops->refresh != NULL)
			r->port[i].ops->refresh(&r->port[i]);
}

/* What of an instance goes through a port of the feeder's is counted there. */
static double *add_ports(double *into, const struct runner *r)
{
	static const struct port_counters none;

	for (uint8_t i = 0; i < r->port_count; i++) {
		const struct port *p = &r->port[i];
		bool elsewhere = port_is_queue(p);

		if (!elsewhere)
			into[offsetof(struct port_counters, missed) / sizeof(uint64_t)] +=
			    (double)__atomic_load_n(&p->lost, __ATOMIC_RELAXED);
		into = add(into, elsewhere ? &none : &p->counters, sizeof(p->counters));
	}
	return into;
}

static void add_runner(double *into, struct runner *r)
{
	derived_refresh(r);
	into = add(into, &r->counters, sizeof(r->counters));
	into = add_ports(into, r);
	for (uint8_t i = 0; i < r->chain_count; i++) {
		const struct chain *c = r->chains[i].chain;
		const struct program_chain *p = c->program;

		*into++ += c->stack.table != NULL ? flow_table_live(c->stack.table) : 0;
		into = add(into, c->nf, p->nf_count * sizeof(*c->nf));
		into = add(into, c->raised, p->event_types * sizeof(*c->raised));
	}
}

static double *counter_at(double *into, size_t offset)
{
	return &into[offset / sizeof(uint64_t)];
}

/* The feeder's own, and what its devices refused that had counted as sent. */
static void add_feeder(double *into, struct runner *r)
{
	const struct distributor *d = r->distributor;
	double refused = (double)__atomic_load_n(&d->refused, __ATOMIC_RELAXED);

	add_runner(into, r);
	*counter_at(into, offsetof(struct counters, packets_out)) -= refused;
	*counter_at(into, offsetof(struct counters, drop_transmit)) += refused;
	*counter_at(into, offsetof(struct counters, bytes_out)) -=
	    (double)__atomic_load_n(&d->refused_bytes, __ATOMIC_RELAXED);
	*counter_at(into, offsetof(struct counters, packets_injected)) -=
	    (double)__atomic_load_n(&d->refused_own, __ATOMIC_RELAXED);
}

void counters_of_all(struct runner *main, double *into)
{
	memset(into, 0, dataplane_counter_count(main->program) * sizeof(*into));
	for (uint16_t k = 0; k < runner_instances(main); k++)
		add_runner(into, runner_instance(main, k));
	if (main->distributor != NULL)
		add_feeder(into, main);
}

void counters_of(struct runner *r, double *into)
{
	memset(into, 0, dataplane_counter_count(r->program) * sizeof(*into));
	add_runner(into, r);
}
