/* What workers call: the rings' and packets' memory in place, and waiting. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_setaffinity(2) of one thread */
#endif
#include <sched.h>
#include <time.h>

#include "calls.h"
#include "lcore/dataplane.h"
#include "ring/outlet.h"
#include "values.h"

#define ROOM_WAIT_NS 200000
#define EVENTS_WAIT_MS_MAX 10
#define CLOCK_MASK 0x3fffffffu /* microseconds: as in turns.ts */

/* The outlet that the first two arguments name; NULL: thrown. */
static struct outlet *read_outlet(napi_env env, const napi_value *values, uint32_t *chain,
				  uint32_t *outlet)
{
	struct outlet *o;

	if (!read_u32(env, values[0], chain, "chain") ||
	    !read_u32(env, values[1], outlet, "outlet"))
		return NULL;
	o = dataplane_outlet(*chain, *outlet);
	if (o == NULL)
		throw_usage(env, "there is no such outlet, or the dataplane is not open");
	return o;
}

static struct outlet *argument_outlet(napi_env env, napi_callback_info info, uint32_t *chain)
{
	napi_value values[2];
	uint32_t outlet;

	return read_arguments(env, info, values, 2) ? read_outlet(env, values, chain, &outlet)
						    : NULL;
}

static struct addon *addon_of(napi_env env)
{
	void *data = NULL;

	(void)napi_get_instance_data(env, &data);
	return data;
}

static struct attached *attached_free(struct addon *addon)
{
	for (unsigned int i = 0; i < ATTACHED_MAX; i++)
		if (addon->attached[i].buffers[0] == NULL)
			return &addon->attached[i];
	return NULL;
}

static void leave_memory(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)data;
	(void)hint;
}

/* Memory of ours as an ArrayBuffer that can be emptied later. */
static bool expose(napi_env env, napi_value object, const char *name, void *memory, size_t size,
		   napi_ref *reference)
{
	napi_value buffer;

	if (napi_create_external_arraybuffer(env, memory, size, leave_memory, NULL, &buffer) !=
		napi_ok ||
	    napi_create_reference(env, buffer, 1, reference) != napi_ok)
		return false;
	set_member(env, object, name, buffer);
	return true;
}

static bool expose_ring(napi_env env, napi_value object, const char *name, const struct ring *r,
			napi_ref *reference)
{
	return expose(env, object, name, r->memory, ring_memory(r->capacity), reference);
}

napi_value call_attach(napi_env env, napi_callback_info info)
{
	napi_value values[2], object;
	struct attached *a = attached_free(addon_of(env));
	uint32_t chain, outlet;
	struct outlet *o;
	uint8_t *base;
	size_t size;

	if (!read_arguments(env, info, values, 2))
		return NULL;
	o = read_outlet(env, values, &chain, &outlet);
	if (o == NULL)
		return NULL;
	if (a == NULL)
		return throw_usage(env, "a worker attaches to one outlet");
	object = make_object(env);
	dataplane_packet_memory(&base, &size);
	if (!expose_ring(env, object, "events", outlet_events(o), &a->buffers[0]) ||
	    !expose_ring(env, object, "answers", outlet_answers(o), &a->buffers[1]) ||
	    !expose(env, object, "packets", base, size, &a->buffers[2]))
		return throw_usage(env, "the outlet's memory cannot be shown to this thread");
	a->chain = chain;
	a->outlet = outlet;
	return object;
}

static void buffers_detach(napi_env env, struct attached *a)
{
	for (unsigned int i = 0; i < 3; i++) {
		napi_value buffer = NULL;

		if (a->buffers[i] == NULL)
			continue;
		if (napi_get_reference_value(env, a->buffers[i], &buffer) == napi_ok &&
		    buffer != NULL)
			(void)napi_detach_arraybuffer(env, buffer);
		(void)napi_delete_reference(env, a->buffers[i]);
		a->buffers[i] = NULL;
	}
}

napi_value call_detach(napi_env env, napi_callback_info info)
{
	struct addon *addon = addon_of(env);
	napi_value values[2];
	uint32_t chain, outlet;

	if (!read_arguments(env, info, values, 2) || !read_u32(env, values[0], &chain, "chain") ||
	    !read_u32(env, values[1], &outlet, "outlet"))
		return NULL;
	for (unsigned int i = 0; i < ATTACHED_MAX; i++)
		if (addon->attached[i].chain == chain && addon->attached[i].outlet == outlet)
			buffers_detach(env, &addon->attached[i]);
	return NULL;
}

napi_value call_wait_for_events(napi_env env, napi_callback_info info)
{
	uint32_t chain, outlet, timeout;
	napi_value values[3];
	struct outlet *o;

	if (!read_arguments(env, info, values, 3) ||
	    !read_u32(env, values[2], &timeout, "timeoutMs"))
		return NULL;
	o = read_outlet(env, values, &chain, &outlet);
	if (o == NULL)
		return NULL;
	if (timeout > EVENTS_WAIT_MS_MAX)
		timeout = EVENTS_WAIT_MS_MAX;
	return make_boolean(env, ring_sleep(outlet_events(o)->memory, timeout));
}

napi_value call_place_thread(napi_env env, napi_callback_info info)
{
	napi_value core, result = NULL;
	bool placed = false;
	cpu_set_t set;
	uint32_t number;

	if (!read_arguments(env, info, &core, 1) || !read_u32(env, core, &number, "core"))
		return NULL;
	if (number < CPU_SETSIZE) {
		CPU_ZERO(&set);
		CPU_SET(number, &set);
		placed = sched_setaffinity(0, sizeof(set), &set) == 0;
	}
	(void)napi_get_boolean(env, placed, &result);
	return result;
}

napi_value call_wake(napi_env env, napi_callback_info info)
{
	uint32_t chain;

	if (argument_outlet(env, info, &chain) != NULL)
		dataplane_wake(chain);
	return NULL;
}

/* Wraps where V8 would make an object of the number. */
napi_value call_clock(napi_env env, napi_callback_info info)
{
	struct timespec now;
	napi_value result = NULL;

	(void)info;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)napi_create_uint32(
	    env,
	    (uint32_t)((uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u) &
		CLOCK_MASK,
	    &result);
	return result;
}

napi_value call_wait_for_room(napi_env env, napi_callback_info info)
{
	const struct timespec pause = {.tv_nsec = ROOM_WAIT_NS};
	uint32_t chain;

	if (argument_outlet(env, info, &chain) == NULL)
		return NULL;
	dataplane_wake(chain);
	if (dataplane_drains(chain))
		(void)nanosleep(&pause, NULL);
	return make_boolean(env, dataplane_drains(chain));
}

napi_value call_abandon(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	uint32_t chain, outlet;

	if (read_arguments(env, info, values, 2) &&
	    read_outlet(env, values, &chain, &outlet) != NULL)
		dataplane_abandon(chain, outlet);
	return NULL;
}
