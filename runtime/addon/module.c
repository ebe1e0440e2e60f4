/* Entry point. Node calls it once for each environment: the main thread and
 * each worker; what runs is one per process, in the library. */
#include <stdlib.h>

#include "calls.h"
#include "values.h"

static void addon_free(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	free(data);
}

NAPI_MODULE_INIT()
{
	static const struct {
		const char *name;
		napi_callback call;
	} functions[] = {
	    {"describe", call_describe},
	    {"open", call_open},
	    {"memory", call_memory},
	    {"sharing", call_sharing},
	    {"onEnded", call_on_ended},
	    {"start", call_start},
	    {"stop", call_stop},
	    {"close", call_close},
	    {"warnings", call_warnings},
	    {"at", call_at},
	    {"state", call_state},
	    {"counters", call_counters},
	    {"instanceCounters", call_instance_counters},
	    {"abandon", call_abandon},
	    {"attach", call_attach},
	    {"detach", call_detach},
	    {"waitForEvents", call_wait_for_events},
	    {"placeThread", call_place_thread},
	    {"wake", call_wake},
	    {"clock", call_clock},
	    {"waitForRoom", call_wait_for_room},
	};
	struct addon *addon = calloc(1, sizeof(*addon));

	if (addon == NULL || napi_set_instance_data(env, addon, addon_free, NULL) != napi_ok) {
		free(addon);
		return throw_usage(env, "no memory");
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		napi_value function;

		if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH,
					 functions[i].call, NULL, &function) == napi_ok)
			set_member(env, exports, functions[i].name, function);
	}
	return exports;
}
