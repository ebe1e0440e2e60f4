/* The program that was compiled in, as an object. */
#include "calls.h"
#include "counter.h"
#include "lcore/program.h"
#include "values.h"

static napi_value describe_nf(napi_env env, const struct program_nf *nf)
{
	napi_value object = make_object(env);

	set_member(env, object, "name", make_text(env, nf->name));
	set_member(env, object, "outlet",
		   nf->outlet == PROGRAM_NO_OUTLET ? make_null(env) : make_number(env, nf->outlet));
	set_member(env, object, "place", make_number(env, nf->place));
	return object;
}

static napi_value describe_chain(napi_env env, const struct program_chain *chain)
{
	napi_value object = make_object(env), nfs = make_array(env), events = make_array(env);

	set_member(env, object, "name", make_text(env, chain->name));
	set_member(env, object, "stack", make_text(env, chain->stack_name));
	set_member(env, object, "flows",
		   make_number(env, chain->features->flows ? chain->flows : 0));
	set_member(env, object, "outlets", make_number(env, chain->outlet_count));
	for (uint8_t i = 0; i < chain->nf_count; i++)
		set_element(env, nfs, i, describe_nf(env, &chain->nfs[i]));
	set_member(env, object, "nfs", nfs);
	for (uint16_t i = 0; i < chain->event_types; i++) {
		const char *name = chain->event_names[i];

		set_element(env, events, i, name != NULL ? make_text(env, name) : make_null(env));
	}
	set_member(env, object, "events", events);
	return object;
}

/* Threads of functions in C on cores of their own, in all instances. */
static unsigned int natives_of(const struct program *p)
{
	unsigned int count = 0;

	for (uint8_t i = 0; i < p->chain_count; i++)
		for (uint8_t k = 0; k < p->chains[i]->nf_count; k++)
			count += p->chains[i]->nfs[k].drain != NULL;
	return count * program_instances(p);
}

static napi_value describe_counters(napi_env env)
{
	napi_value array = make_array(env);

	for (unsigned int i = 0; i < counter_count; i++) {
		napi_value counter = make_object(env);

		set_member(env, counter, "name", make_text(env, counter_infos[i].name));
		set_member(env, counter, "doc", make_text(env, counter_infos[i].doc));
		set_element(env, array, i, counter);
	}
	return array;
}

napi_value call_describe(napi_env env, napi_callback_info info)
{
	napi_value object = make_object(env), ports = make_array(env), chains = make_array(env);

	(void)info;
	set_member(env, object, "program", make_text(env, mbx_program.name));
	for (uint8_t i = 0; i < mbx_program.port_count; i++)
		set_element(env, ports, i, make_text(env, mbx_program.ports[i]));
	set_member(env, object, "ports", ports);
	set_member(env, object, "instances", make_number(env, program_instances(&mbx_program)));
	set_member(env, object, "natives", make_number(env, natives_of(&mbx_program)));
	for (uint8_t i = 0; i < mbx_program.chain_count; i++)
		set_element(env, chains, i, describe_chain(env, mbx_program.chains[i]));
	set_member(env, object, "chains", chains);
	set_member(env, object, "counters", describe_counters(env));
	return object;
}
