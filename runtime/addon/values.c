#include "values.h"

#include <stdlib.h>

/* Node-API calls fail when an exception is pending or an argument has another
 * type than was asked for: either way the caller ends with what was thrown. */
static bool done(napi_status status)
{
	return status == napi_ok;
}

napi_value throw_fault(napi_env env, const struct fault *fault)
{
	(void)napi_throw_error(env, fault->code, fault->message);
	return NULL;
}

napi_value throw_usage(napi_env env, const char *message)
{
	(void)napi_throw_type_error(env, FAULT_DATAPLANE_FAILED, message);
	return NULL;
}

bool read_arguments(napi_env env, napi_callback_info info, napi_value *values, size_t count)
{
	size_t given = count;

	return done(napi_get_cb_info(env, info, &given, values, NULL, NULL));
}

bool read_u32(napi_env env, napi_value value, uint32_t *number, const char *what)
{
	double d;

	if (done(napi_get_value_double(env, value, &d)) && d >= 0 && d <= UINT32_MAX &&
	    d == (double)(uint32_t)d) {
		*number = (uint32_t)d;
		return true;
	}
	throw_usage(env, what);
	return false;
}

bool member_present(napi_env env, napi_value object, const char *name, napi_value *value)
{
	napi_valuetype type;

	return done(napi_get_named_property(env, object, name, value)) &&
	       done(napi_typeof(env, *value, &type)) && type != napi_undefined && type != napi_null;
}

bool member_text(napi_env env, napi_value object, const char *name, bool optional, char **text)
{
	napi_value value;
	size_t length;

	if (!member_present(env, object, name, &value)) {
		if (!optional)
			throw_usage(env, name);
		return optional;
	}
	if (!done(napi_get_value_string_utf8(env, value, NULL, 0, &length)) ||
	    length >= VALUE_TEXT_MAX) {
		throw_usage(env, name);
		return false;
	}
	*text = malloc(length + 1);
	return *text != NULL &&
	       done(napi_get_value_string_utf8(env, value, *text, length + 1, &length));
}

bool member_u32(napi_env env, napi_value object, const char *name, uint32_t *number)
{
	napi_value value;

	return !member_present(env, object, name, &value) || read_u32(env, value, number, name);
}

napi_value make_text(napi_env env, const char *text)
{
	napi_value value = NULL;

	(void)napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
	return value;
}

napi_value make_number(napi_env env, double number)
{
	napi_value value = NULL;

	(void)napi_create_double(env, number, &value);
	return value;
}

napi_value make_boolean(napi_env env, bool from)
{
	napi_value value = NULL;

	(void)napi_get_boolean(env, from, &value);
	return value;
}

napi_value make_null(napi_env env)
{
	napi_value value = NULL;

	(void)napi_get_null(env, &value);
	return value;
}

napi_value make_object(napi_env env)
{
	napi_value value = NULL;

	(void)napi_create_object(env, &value);
	return value;
}

napi_value make_array(napi_env env)
{
	napi_value value = NULL;

	(void)napi_create_array(env, &value);
	return value;
}

void set_member(napi_env env, napi_value object, const char *name, napi_value value)
{
	(void)napi_set_named_property(env, object, name, value);
}

void set_element(napi_env env, napi_value array, size_t index, napi_value value)
{
	(void)napi_set_element(env, array, (uint32_t)index, value);
}
