#include "cpus.h"

#include <string.h>

static unsigned int place_of(const struct cpus *c, unsigned int cpu)
{
	unsigned int at = 0;

	while (at < c->count && c->cpu[at] != cpu)
		at++;
	return at;
}

void cpus_find(struct cpus *c, const struct program *program)
{
	memset(c, 0, sizeof(*c));
	c->count = lcore_cpus(c->cpu, LCORES_MAX);
	for (uint8_t i = 0; i < program->chain_count; i++) {
		const struct program_chain *chain = program->chains[i];

		for (uint8_t k = 0; k < chain->nf_count; k++) {
			unsigned int at = place_of(c, chain->nfs[k].core);

			if (chain->nfs[k].drain != NULL && at < c->count)
				c->placed[at] = true;
		}
	}
}

/* Users weigh more than a function that is still to come. */
static unsigned int load_of(const struct cpus *c, unsigned int at)
{
	return 2u * c->users[at] + (c->placed[at] && c->users[at] == 0 ? 1u : 0u);
}

unsigned int cpus_take(struct cpus *c)
{
	unsigned int best = 0;

	for (unsigned int at = 1; at < c->count; at++)
		if (load_of(c, at) < load_of(c, best))
			best = at;
	c->users[best]++;
	return c->cpu[best];
}

void cpus_leave(struct cpus *c, unsigned int cpu)
{
	unsigned int at = place_of(c, cpu);

	if (at < c->count && c->users[at] > 0)
		c->users[at]--;
}

bool cpus_take_core(struct cpus *c, unsigned int core)
{
	unsigned int at = place_of(c, core);

	if (at == c->count)
		return false;
	c->users[at]++;
	return true;
}

bool cpus_shared(const struct cpus *c, unsigned int cpu)
{
	unsigned int at = place_of(c, cpu);

	return at < c->count && c->users[at] > 1;
}
