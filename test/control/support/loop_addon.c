/* An addon with real rings and no packets. Fits runtime/control/dataplane.ts, so
 * that the control runs on it as it is. Configured by the environment (LOOP_*),
 * read at open(). */
#include "loop.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t loop_setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static napi_value number_value(napi_env env, double number)
{
	napi_value value;

	napi_create_double(env, number, &value);
	return value;
}

static napi_value bool_value(napi_env env, bool is)
{
	napi_value value;

	napi_get_boolean(env, is, &value);
	return value;
}

static napi_value text_value(napi_env env, const char *text)
{
	napi_value value;

	napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
	return value;
}

static napi_value undefined_value(napi_env env)
{
	napi_value value;

	napi_get_undefined(env, &value);
	return value;
}

/* Arguments (chain, outlet, third): the outlet's number. */
static uint32_t outlet_argument(napi_env env, napi_callback_info info, uint32_t *third)
{
	napi_value argv[3];
	size_t argc = 3;
	uint32_t outlet = 0;

	napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
	napi_get_value_uint32(env, argv[1], &outlet);
	if (argc > 2 && third != NULL)
		napi_get_value_uint32(env, argv[2], third);
	return outlet % OUTLETS_MAX;
}

/* `describe()`: the tests write it as JSON into LOOP_DESCRIPTION. */
static napi_value loop_describe(napi_env env, napi_callback_info info)
{
	napi_value global, json, parse, text, result;
	const char *description = getenv("LOOP_DESCRIPTION");

	(void)info;
	napi_get_global(env, &global);
	napi_get_named_property(env, global, "JSON", &json);
	napi_get_named_property(env, json, "parse", &parse);
	text = text_value(env, description != NULL ? description : "{}");
	napi_call_function(env, json, parse, 1, &text, &result);
	return result;
}

static napi_value loop_open(napi_env env, napi_callback_info info)
{
	struct outlet_config config = {
	    .event_slots = (uint32_t)loop_setting("LOOP_EVENT_SLOTS", 1024),
	    .answer_slots = (uint32_t)loop_setting("LOOP_ANSWER_SLOTS", 1024),
	    .spill_slots = (uint32_t)loop_setting("LOOP_SPILL_SLOTS", 1024),
	    .start = (uint32_t)loop_setting("LOOP_START", 0),
	};

	(void)info;
	if (loop_setting("LOOP_FAILS", 0) != 0) {
		napi_throw_error(env, "MBX7001", "there is no interface `nope`");
		return NULL;
	}
	loop.outlets = (unsigned int)loop_setting("LOOP_OUTLETS", 1);
	loop.events = loop_setting("LOOP_EVENTS", 1000);
	loop.kinds = (uint32_t)loop_setting("LOOP_KINDS", 1);
	loop.slots = (uint32_t)loop_setting("LOOP_SLOTS", 1);
	loop.pace_ns = (uint32_t)loop_setting("LOOP_PACE_NS", 0);
	loop.live = loop_setting("LOOP_LIVE", 0) != 0;
	for (unsigned int i = 0; i < loop.outlets; i++)
		loop.outlet[i] = outlet_create(&config, NULL);
	memcpy(loop.packets, "packet memory", 13);
	return undefined_value(env);
}

static napi_value loop_memory(napi_env env, napi_callback_info info)
{
	napi_value plan, pools, pool;

	(void)info;
	napi_create_object(env, &plan);
	napi_create_array(env, &pools);
	napi_create_object(env, &pool);
	napi_set_named_property(env, pool, "name", text_value(env, "rings"));
	napi_set_named_property(env, pool, "count", number_value(env, loop.outlets));
	napi_set_named_property(env, pool, "bytes", number_value(env, 1 << 20));
	napi_set_element(env, pools, 0, pool);
	napi_set_named_property(env, plan, "hugepages", bool_value(env, false));
	napi_set_named_property(env, plan, "pools", pools);
	return plan;
}

/* There is one loop: nobody shares anything out. */
static napi_value loop_sharing(napi_env env, napi_callback_info info)
{
	(void)info;
	if (loop_setting("LOOP_FAILS_BEHIND", 0) != 0) {
		napi_throw_error(env, NULL, "who shares out is not known");
		return NULL;
	}
	return text_value(env, "");
}

static void loop_call_ended(napi_env env, napi_value callback, void *context, void *data)
{
	napi_value end, warnings, undefined;

	(void)context;
	(void)data;
	if (env == NULL)
		return;
	undefined = undefined_value(env);
	napi_create_object(env, &end);
	napi_create_array(env, &warnings);
	napi_set_named_property(env, end, "reason",
				text_value(env, loop.stop != 0 ? "stopped" : "capture-ended"));
	napi_set_named_property(env, end, "warnings", warnings);
	napi_set_named_property(env, end, "cycles", number_value(env, 0));
	napi_set_named_property(env, end, "cyclesPerSecond", number_value(env, 0));
	napi_call_function(env, undefined, callback, 1, &end, NULL);
}

static napi_value loop_on_ended(napi_env env, napi_callback_info info)
{
	napi_value callback;
	size_t argc = 1;

	napi_get_cb_info(env, info, &argc, &callback, NULL, NULL);
	napi_create_threadsafe_function(env, callback, NULL, text_value(env, "ended"), 0, 1, NULL,
					NULL, NULL, loop_call_ended, &loop.ended);
	return undefined_value(env);
}

static napi_value loop_start(napi_env env, napi_callback_info info)
{
	(void)info;
	loop.running = 1;
	pthread_create(&loop.thread, NULL, loop_run, NULL);
	return undefined_value(env);
}

static napi_value loop_stop(napi_env env, napi_callback_info info)
{
	napi_value how;
	size_t argc = 1, length;
	char text[8];

	napi_get_cb_info(env, info, &argc, &how, NULL, NULL);
	napi_get_value_string_utf8(env, how, text, sizeof(text), &length);
	loop.stop = strcmp(text, "now") == 0 ? 2 : 1;
	return undefined_value(env);
}

static napi_value loop_close(napi_env env, napi_callback_info info)
{
	(void)info;
	if (loop.thread != 0)
		pthread_join(loop.thread, NULL);
	for (unsigned int i = 0; i < loop.outlets; i++)
		outlet_destroy(loop.outlet[i]);
	memset(loop.packets, 0, sizeof(loop.packets));
	return undefined_value(env);
}

/* packets.in, then of each NF in order: handled, published, …, lost, errors. */
static napi_value loop_counters(napi_env env, napi_callback_info info)
{
	napi_value into;
	size_t argc = 1, length;
	double *values;
	void *data;

	napi_get_cb_info(env, info, &argc, &into, NULL, NULL);
	napi_get_typedarray_info(env, into, NULL, &length, &data, NULL, NULL);
	values = data;
	memset(values, 0, length * sizeof(*values));
	values[0] = (double)loop.sent;
	for (unsigned int i = 0; i < loop.outlets && 2 + i * 6 + 6 <= length; i++) {
		values[2 + i * 6] = (double)(loop.handed[i] - outlet_unread(loop.outlet[i]));
		values[3 + i * 6] = (double)loop.published[i];
		values[4 + i * 6] = i == 0 ? (double)loop.verdicts : 0;
		values[6 + i * 6] = (double)outlet_lost(loop.outlet[i]);
		values[7 + i * 6] = i == 0 ? (double)loop.errors : 0;
	}
	return undefined_value(env);
}

static napi_value loop_warnings(napi_env env, napi_callback_info info)
{
	napi_value warnings;

	(void)info;
	napi_create_array(env, &warnings);
	return warnings;
}

static napi_value loop_at(napi_env env, napi_callback_info info)
{
	napi_value none;

	(void)info;
	napi_get_null(env, &none);
	return none;
}

static napi_value loop_abandon(napi_env env, napi_callback_info info)
{
	outlet_abandon(loop.outlet[outlet_argument(env, info, NULL)]);
	return undefined_value(env);
}

/* One environment's views, so that detach() can empty them. */
struct attached {
	napi_ref buffer[3];
};

static napi_value attached_buffer(napi_env env, struct attached *attached, unsigned int i,
				  void *memory, size_t size)
{
	napi_value value = NULL;

	napi_create_external_arraybuffer(env, memory, size, NULL, NULL, &value);
	napi_create_reference(env, value, 1, &attached->buffer[i]);
	return value;
}

static napi_value loop_attach(napi_env env, napi_callback_info info)
{
	struct outlet *o = loop.outlet[outlet_argument(env, info, NULL)];
	const struct ring *events = outlet_events(o), *answers = outlet_answers(o);
	struct attached *attached;
	napi_value result;

	napi_get_instance_data(env, (void **)&attached);
	napi_create_object(env, &result);
	napi_set_named_property(
	    env, result, "events",
	    attached_buffer(env, attached, 0, events->memory, ring_memory(events->capacity)));
	napi_set_named_property(
	    env, result, "answers",
	    attached_buffer(env, attached, 1, answers->memory, ring_memory(answers->capacity)));
	napi_set_named_property(env, result, "packets",
				attached_buffer(env, attached, 2, loop.packets, PACKET_MEMORY));
	return result;
}

static napi_value loop_detach(napi_env env, napi_callback_info info)
{
	struct attached *attached;

	(void)info;
	napi_get_instance_data(env, (void **)&attached);
	for (unsigned int i = 0; i < 3; i++) {
		napi_value buffer = NULL;

		napi_get_reference_value(env, attached->buffer[i], &buffer);
		if (buffer != NULL)
			napi_detach_arraybuffer(env, buffer);
	}
	return undefined_value(env);
}

static napi_value loop_wait_for_events(napi_env env, napi_callback_info info)
{
	uint32_t timeout = 1, outlet = outlet_argument(env, info, &timeout);

	return bool_value(env, ring_sleep(outlet_events(loop.outlet[outlet])->memory, timeout));
}

static napi_value loop_wake(napi_env env, napi_callback_info info)
{
	(void)info;
	return undefined_value(env);
}

static napi_value loop_clock(napi_env env, napi_callback_info info)
{
	struct timespec now;
	napi_value result = NULL;

	(void)info;
	clock_gettime(CLOCK_MONOTONIC, &now);
	napi_create_uint32(env, (uint32_t)(now.tv_sec * 1000000 + now.tv_nsec / 1000) & 0x3fffffffu,
			   &result);
	return result;
}

static napi_value loop_wait_for_room(napi_env env, napi_callback_info info)
{
	(void)info;
	if (loop.running == 0)
		return bool_value(env, false);
	loop_pause(50000);
	return bool_value(env, true);
}

static void attached_free(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	free(data);
}

NAPI_MODULE_INIT()
{
	static const struct {
		const char *name;
		napi_callback function;
	} methods[] = {
	    {"describe", loop_describe}, {"open", loop_open},
	    {"memory", loop_memory},	 {"onEnded", loop_on_ended},
	    {"start", loop_start},	 {"stop", loop_stop},
	    {"close", loop_close},	 {"counters", loop_counters},
	    {"warnings", loop_warnings}, {"at", loop_at},
	    {"abandon", loop_abandon},	 {"attach", loop_attach},
	    {"detach", loop_detach},	 {"waitForEvents", loop_wait_for_events},
	    {"wake", loop_wake},	 {"waitForRoom", loop_wait_for_room},
	    {"clock", loop_clock},	 {"sharing", loop_sharing},
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		napi_value function;

		napi_create_function(env, methods[i].name, NAPI_AUTO_LENGTH, methods[i].function,
				     NULL, &function);
		napi_set_named_property(env, exports, methods[i].name, function);
	}
	napi_set_instance_data(env, calloc(1, sizeof(struct attached)), attached_free, NULL);
	return exports;
}
