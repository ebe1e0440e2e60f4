/* What the main thread calls: open, start, stop, close, and what it reads. */
#include <pthread.h>
#include <string.h>

#include "calls.h"
#include "lcore/dataplane.h"
#include "options.h"
#include "values.h"

/* Who is to be told of the end: set by onEnded, used by the lcore's thread. */
static struct {
	pthread_mutex_t lock;
	napi_threadsafe_function listener; /* NULL: nobody, or told already */
	bool ended;
} end = {.lock = PTHREAD_MUTEX_INITIALIZER};

static napi_value fault_object(napi_env env, const struct fault *fault)
{
	napi_value object = make_object(env);

	set_member(env, object, "code", make_text(env, fault->code));
	set_member(env, object, "message", make_text(env, fault->message));
	return object;
}

static const char *reason_text(enum dataplane_reason reason)
{
	switch (reason) {
	case DATAPLANE_CAPTURE_ENDED:
		return "capture-ended";
	case DATAPLANE_WAS_STOPPED:
		return "stopped";
	case DATAPLANE_HAS_FAILED:
		break;
	}
	return "failed";
}

static napi_value latency_object(napi_env env, const struct dataplane_latency *l)
{
	napi_value object = make_object(env);

	set_member(env, object, "packets", make_number(env, (double)l->packets));
	set_member(env, object, "p50", make_number(env, (double)l->p50));
	set_member(env, object, "p99", make_number(env, (double)l->p99));
	set_member(env, object, "longest", make_number(env, (double)l->longest));
	return object;
}

/* On the main thread: builds DataplaneEnd and calls the listener. */
static void call_listener(napi_env env, napi_value listener, void *context, void *data)
{
	struct dataplane_end at_end;
	napi_value object, warnings, receiver;

	(void)context;
	(void)data;
	if (env == NULL)
		return;
	dataplane_end(&at_end);
	object = make_object(env);
	warnings = make_array(env);
	set_member(env, object, "reason", make_text(env, reason_text(at_end.reason)));
	for (unsigned int i = 0; i < at_end.warning_count; i++)
		set_element(env, warnings, i, fault_object(env, &at_end.warnings[i]));
	set_member(env, object, "warnings", warnings);
	set_member(env, object, "cycles", make_number(env, (double)at_end.cycles));
	set_member(env, object, "cyclesPerSecond",
		   make_number(env, (double)at_end.cycles_per_second));
	if (at_end.latency.packets > 0)
		set_member(env, object, "latency", latency_object(env, &at_end.latency));
	if (napi_get_undefined(env, &receiver) == napi_ok)
		(void)napi_call_function(env, receiver, listener, 1, &object, NULL);
}

/* Called with the lock held. The event loop may end once it has been told. */
static void listener_tell(void)
{
	if (end.listener == NULL || !end.ended)
		return;
	(void)napi_call_threadsafe_function(end.listener, NULL, napi_tsfn_blocking);
	(void)napi_release_threadsafe_function(end.listener, napi_tsfn_release);
	end.listener = NULL;
}

static void lcore_ended(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&end.lock);
	end.ended = true;
	listener_tell();
	pthread_mutex_unlock(&end.lock);
}

/* Node closes the listener by itself when the environment ends. */
static void listener_gone(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)data;
	(void)hint;
	pthread_mutex_lock(&end.lock);
	end.listener = NULL;
	pthread_mutex_unlock(&end.lock);
}

/* An environment that goes away while something runs takes it along: its
 * workers are gone by then. */
static void environment_ends(void *arg)
{
	(void)arg;
	if (dataplane_state() != DATAPLANE_IDLE)
		dataplane_close();
}

napi_value call_open(napi_env env, napi_callback_info info)
{
	struct start_options options;
	struct fault fault = {0};
	napi_value object;
	int ret = -1;

	if (!read_arguments(env, info, &object, 1))
		return NULL;
	if (start_options_read(env, object, &options))
		ret = dataplane_open(&mbx_program, &options.options, &fault);
	start_options_free(&options);
	if (fault.code != NULL)
		return throw_fault(env, &fault);
	if (ret == 0)
		(void)napi_add_env_cleanup_hook(env, environment_ends, NULL);
	return NULL;
}

napi_value call_memory(napi_env env, napi_callback_info info)
{
	const struct pool_plan *plan = dataplane_memory();
	napi_value object = make_object(env), pools = make_array(env);

	(void)info;
	for (unsigned int i = 0; i < plan->count; i++) {
		napi_value pool = make_object(env);

		set_member(env, pool, "name", make_text(env, plan->pool[i].name));
		set_member(env, pool, "count", make_number(env, (double)plan->pool[i].count));
		set_member(env, pool, "bytes", make_number(env, (double)plan->pool[i].bytes));
		set_member(env, pool, "used", make_number(env, (double)plan->pool[i].used));
		set_element(env, pools, i, pool);
	}
	set_member(env, object, "hugepages", make_boolean(env, plan->hugepages));
	set_member(env, object, "pools", pools);
	return object;
}

napi_value call_sharing(napi_env env, napi_callback_info info)
{
	char text[512];

	(void)info;
	dataplane_sharing(text, sizeof(text));
	return make_text(env, text);
}

napi_value call_on_ended(napi_env env, napi_callback_info info)
{
	napi_threadsafe_function listener;
	napi_value callback;

	if (!read_arguments(env, info, &callback, 1))
		return NULL;
	if (napi_create_threadsafe_function(env, callback, NULL, make_text(env, "mbx-ended"), 1, 1,
					    NULL, listener_gone, NULL, call_listener,
					    &listener) != napi_ok)
		return throw_usage(env, "onEnded needs a function");
	pthread_mutex_lock(&end.lock);
	if (end.listener != NULL)
		(void)napi_release_threadsafe_function(end.listener, napi_tsfn_abort);
	end.listener = listener;
	listener_tell();
	pthread_mutex_unlock(&end.lock);
	return NULL;
}

napi_value call_start(napi_env env, napi_callback_info info)
{
	struct fault fault;

	(void)info;
	if (dataplane_start(lcore_ended, NULL, &fault) < 0)
		return throw_fault(env, &fault);
	return NULL;
}

napi_value call_stop(napi_env env, napi_callback_info info)
{
	char how[8] = "drain";
	size_t length;
	napi_value value;

	if (!read_arguments(env, info, &value, 1))
		return NULL;
	(void)napi_get_value_string_utf8(env, value, how, sizeof(how), &length);
	dataplane_stop(strcmp(how, "now") == 0);
	return NULL;
}

napi_value call_close(napi_env env, napi_callback_info info)
{
	(void)info;
	dataplane_close();
	(void)napi_remove_env_cleanup_hook(env, environment_ends, NULL);
	pthread_mutex_lock(&end.lock);
	if (end.listener != NULL)
		(void)napi_release_threadsafe_function(end.listener, napi_tsfn_abort);
	end.listener = NULL;
	pthread_mutex_unlock(&end.lock);
	return NULL;
}

/* warnings(from): what has been warned of, from this number on. */
napi_value call_warnings(napi_env env, napi_callback_info info)
{
	napi_value from, warnings = make_array(env);
	const struct fault *fault;
	uint32_t first;

	if (!read_arguments(env, info, &from, 1) || !read_u32(env, from, &first, "from"))
		return NULL;
	for (uint32_t i = 0; (fault = dataplane_warning(first + i)) != NULL; i++)
		set_element(env, warnings, i, fault_object(env, fault));
	return warnings;
}

napi_value call_at(napi_env env, napi_callback_info info)
{
	napi_value object = make_object(env), nfs = make_array(env), instance;
	struct dataplane_place at;
	uint32_t number;

	if (!read_arguments(env, info, &instance, 1) ||
	    !read_u32(env, instance, &number, "instance"))
		return NULL;
	if (!dataplane_at(number, &at))
		return make_null(env);
	for (uint32_t i = 0; i < at.nf_count; i++)
		set_element(env, nfs, i, make_text(env, at.nf[i]));
	set_member(env, object, "turn", make_number(env, at.turn));
	set_member(env, object, "chain", make_text(env, at.chain));
	set_member(env, object, "nfs", nfs);
	return object;
}

napi_value call_state(napi_env env, napi_callback_info info)
{
	static const char *const names[] = {
	    [DATAPLANE_IDLE] = "idle",	     [DATAPLANE_OPEN] = "open",
	    [DATAPLANE_RUNNING] = "running", [DATAPLANE_DRAINING] = "draining",
	    [DATAPLANE_STOPPED] = "stopped", [DATAPLANE_FAILED] = "failed",
	};

	(void)info;
	return make_text(env, names[dataplane_state()]);
}

/* NULL: thrown. */
static double *read_counters(napi_env env, napi_value into, size_t *length)
{
	napi_typedarray_type type;
	void *data;

	if (napi_get_typedarray_info(env, into, &type, length, &data, NULL, NULL) == napi_ok &&
	    type == napi_float64_array && *length >= dataplane_counter_count(&mbx_program))
		return data;
	throw_usage(env, "counters needs a Float64Array of counterLayout's size");
	return NULL;
}

napi_value call_counters(napi_env env, napi_callback_info info)
{
	napi_value into;
	size_t length;
	double *counters;

	if (!read_arguments(env, info, &into, 1))
		return NULL;
	counters = read_counters(env, into, &length);
	if (counters != NULL)
		dataplane_counters(counters, length);
	return NULL;
}

/* instanceCounters(instance, into) */
napi_value call_instance_counters(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	uint32_t instance;
	size_t length;
	double *counters;

	if (!read_arguments(env, info, values, 2) ||
	    !read_u32(env, values[0], &instance, "instance"))
		return NULL;
	counters = read_counters(env, values[1], &length);
	if (counters != NULL)
		dataplane_instance_counters(instance, counters, length);
	return NULL;
}
