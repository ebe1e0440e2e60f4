#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "values.h"

/* One of two words; absent is the first. */
static bool read_choice(napi_env env, napi_value object, const char *name, const char *first,
			const char *second, bool *is_second)
{
	char *text = NULL;
	bool known;

	if (!member_text(env, object, name, true, &text))
		return false;
	*is_second = text != NULL && strcmp(text, second) == 0;
	known = text == NULL || *is_second || strcmp(text, first) == 0;
	free(text);
	if (!known)
		throw_usage(env, name);
	return known;
}

static bool read_rss(napi_env env, napi_value object, enum dataplane_rss *rss)
{
	static const char *const words[] = {
	    [DATAPLANE_RSS_AUTO] = "auto",
	    [DATAPLANE_RSS_DEVICE] = "device",
	    [DATAPLANE_RSS_SOFTWARE] = "software",
	};
	char *text = NULL;
	unsigned int word = 0;

	if (!member_text(env, object, "rss", true, &text))
		return false;
	while (text != NULL && word < 3 && strcmp(text, words[word]) != 0)
		word++;
	free(text);
	if (word == 3)
		throw_usage(env, "rss");
	*rss = (enum dataplane_rss)word;
	return word < 3;
}

static bool read_binding(napi_env env, napi_value ports, uint32_t index,
			 struct dataplane_binding *b)
{
	char *port = NULL, *device = NULL;
	napi_value object;
	bool ok = napi_get_element(env, ports, index, &object) == napi_ok &&
		  member_text(env, object, "name", false, &port) &&
		  member_text(env, object, "device", false, &device);

	b->port = port;
	b->device = device;
	return ok;
}

static bool read_bindings(napi_env env, napi_value object, struct start_options *into)
{
	napi_value ports;
	uint32_t count;

	if (!member_present(env, object, "ports", &ports))
		return true;
	if (napi_get_array_length(env, ports, &count) != napi_ok || count > UINT8_MAX) {
		throw_usage(env, "ports");
		return false;
	}
	into->bindings = calloc(count + 1, sizeof(*into->bindings));
	if (into->bindings == NULL) {
		throw_usage(env, "no memory");
		return false;
	}
	into->options.bindings = into->bindings;
	for (uint32_t i = 0; i < count; i++) {
		into->options.binding_count = i + 1;
		if (!read_binding(env, ports, i, &into->bindings[i]))
			return false;
	}
	return true;
}

static bool read_rings(napi_env env, napi_value object, struct dataplane_options *o)
{
	napi_value rings;

	return !member_present(env, object, "rings", &rings) ||
	       (member_u32(env, rings, "events", &o->ring_events) &&
		member_u32(env, rings, "answers", &o->ring_answers) &&
		member_u32(env, rings, "spill", &o->ring_spill));
}

bool start_options_read(napi_env env, napi_value object, struct start_options *into)
{
	struct dataplane_options *o = &into->options;
	uint32_t burst = 32, latency = 0;
	bool ok;

	*into = (struct start_options){0};
	ok = member_text(env, object, "capture", true, &into->capture) &&
	     member_text(env, object, "out", true, &into->out) &&
	     member_u32(env, object, "burst", &burst) &&
	     member_u32(env, object, "laps", &o->laps) &&
	     member_u32(env, object, "latency", &latency) &&
	     read_choice(env, object, "speed", "max", "recorded", &o->recorded) &&
	     read_choice(env, object, "poll", "adaptive", "busy", &o->busy) &&
	     read_rss(env, object, &o->rss) && read_rings(env, object, o) &&
	     read_bindings(env, object, into);
	o->capture = into->capture;
	o->out = into->out;
	o->latency = latency != 0;
	o->burst = (uint16_t)(burst <= UINT16_MAX ? burst : UINT16_MAX);
	return ok;
}

void start_options_free(struct start_options *o)
{
	for (unsigned int i = 0; i < o->options.binding_count; i++) {
		free((void *)(uintptr_t)o->bindings[i].port);
		free((void *)(uintptr_t)o->bindings[i].device);
	}
	free(o->bindings);
	free(o->capture);
	free(o->out);
}
