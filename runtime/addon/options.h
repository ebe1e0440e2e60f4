/* StartOptions of runtime/control/dataplane.ts, read into C. */
#pragma once

#include <node_api.h>
#include <stdbool.h>

#include "lcore/dataplane.h"

/* Owns its strings until start_options_free(), also after a failed read. */
struct start_options {
	struct dataplane_options options;
	struct dataplane_binding *bindings;
	char *capture, *out;
};

bool start_options_read(napi_env env, napi_value object, struct start_options *into);
void start_options_free(struct start_options *o);
