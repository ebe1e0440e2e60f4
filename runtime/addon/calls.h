/* What the module exports, as runtime/control/dataplane.ts declares it. Each
 * checks its arguments and calls the library. */
#pragma once

#include <node_api.h>

#define ATTACHED_MAX 16

/* What one environment (the main thread or a worker) holds. */
struct addon {
	struct attached {
		uint32_t chain, outlet;
		napi_ref buffers[3]; /* events, answers, packets; NULL: not in use */
	} attached[ATTACHED_MAX];
};

napi_value call_describe(napi_env env, napi_callback_info info);

napi_value call_open(napi_env env, napi_callback_info info);
napi_value call_memory(napi_env env, napi_callback_info info);
napi_value call_sharing(napi_env env, napi_callback_info info);
napi_value call_on_ended(napi_env env, napi_callback_info info);
napi_value call_start(napi_env env, napi_callback_info info);
napi_value call_stop(napi_env env, napi_callback_info info);
napi_value call_close(napi_env env, napi_callback_info info);
napi_value call_warnings(napi_env env, napi_callback_info info);
napi_value call_at(napi_env env, napi_callback_info info);
napi_value call_state(napi_env env, napi_callback_info info);
napi_value call_counters(napi_env env, napi_callback_info info);
napi_value call_instance_counters(napi_env env, napi_callback_info info);
napi_value call_abandon(napi_env env, napi_callback_info info);

napi_value call_attach(napi_env env, napi_callback_info info);
napi_value call_detach(napi_env env, napi_callback_info info);
napi_value call_wait_for_events(napi_env env, napi_callback_info info);
napi_value call_place_thread(napi_env env, napi_callback_info info);
napi_value call_wake(napi_env env, napi_callback_info info);
napi_value call_clock(napi_env env, napi_callback_info info);
napi_value call_wait_for_room(napi_env env, napi_callback_info info);
