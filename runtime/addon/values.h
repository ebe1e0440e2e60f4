/* Between JavaScript's values and C's. A function that returns false has thrown. */
#pragma once

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

#define VALUE_TEXT_MAX 4096

/* Throws an Error with `.code`. Returns NULL, so that a call can end with it. */
napi_value throw_fault(napi_env env, const struct fault *fault);
napi_value throw_usage(napi_env env, const char *message);

/* Arguments of a call; those that are not given are undefined. */
bool read_arguments(napi_env env, napi_callback_info info, napi_value *values, size_t count);
bool read_u32(napi_env env, napi_value value, uint32_t *number, const char *what);

/* Members of an object. An absent optional one leaves what is there. */
bool member_text(napi_env env, napi_value object, const char *name, bool optional, char **text);
bool member_u32(napi_env env, napi_value object, const char *name, uint32_t *number);
bool member_present(napi_env env, napi_value object, const char *name, napi_value *value);

napi_value make_text(napi_env env, const char *text);
napi_value make_number(napi_env env, double number);
napi_value make_boolean(napi_env env, bool value);
napi_value make_null(napi_env env);
napi_value make_object(napi_env env);
napi_value make_array(napi_env env);
void set_member(napi_env env, napi_value object, const char *name, napi_value value);
void set_element(napi_env env, napi_value array, size_t index, napi_value value);
