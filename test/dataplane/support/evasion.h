/* What a run of an evasion case said, as one line of words that a table holds: the
 * events but for the bytes themselves, and the counters that tell why a packet or a
 * segment was ignored. */
#pragma once

#include <stdarg.h>

#include "capture.h"

#define EVASION_TEXT_MAX 512

struct evasion_text {
	char text[EVASION_TEXT_MAX];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static inline void evasion_say(struct evasion_text *t,
								     const char *format, ...)
{
	va_list arguments;
	int n;

	if (t->len > 0 && t->len + 1 < sizeof(t->text))
		t->text[t->len++] = ' ';
	va_start(arguments, format);
	n = vsnprintf(t->text + t->len, sizeof(t->text) - t->len, format, arguments);
	va_end(arguments);
	t->len = RTE_MIN(t->len + (size_t)n, sizeof(t->text) - 1);
}

static inline void evasion_event(struct evasion_text *t, const struct rig_event *e)
{
	static const char *const ends[] = {
	    [FLOW_END_FIN] = "fin",	      [FLOW_END_RST] = "rst",
	    [FLOW_END_IDLE] = "idle",	      [FLOW_END_EVICTED] = "evicted",
	    [FLOW_END_SHUTDOWN] = "shutdown",
	};
	const char *side = e->dir == MBX_CLIENT ? "client" : "server";

	if (e->type == EVENT_FLOW_START)
		evasion_say(t, e->flags & EVENT_MIDSTREAM ? "midstream" : "start");
	else if (e->type == EVENT_FLOW_ESTABLISHED)
		evasion_say(t, "established");
	else if (e->type == EVENT_FLOW_OVERLAP)
		evasion_say(t, "%s:%s:%lu+%lu", e->reason == 0 ? "conflict" : "unknown", side,
			    e->offset, e->length);
	else if (e->type == EVENT_FLOW_GAP)
		evasion_say(t, "gap:%s:%lu+%lu", side, e->offset, e->length);
	else if (e->type == EVENT_FLOW_END)
		evasion_say(t, "end:%s", ends[e->reason]);
}

/* `ttl` stands before the first event of a flow whose TTL has changed. */
static inline void evasion_events(const struct rig *r, struct evasion_text *t)
{
	bool told = false;

	*t = (struct evasion_text){.len = 0};
	for (size_t i = 0; i < r->event_count; i++) {
		if (r->events[i].ttl_changed && !told)
			evasion_say(t, "ttl");
		told = told || r->events[i].ttl_changed;
		evasion_event(t, &r->events[i]);
	}
}

static inline bool evasion_tells_why(const char *name)
{
	static const char *const prefixes[] = {"tcp.ignored_", "checksum.", "seen.malformed",
					       "fragments."};

	for (size_t i = 0; i < RTE_DIM(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static inline void evasion_counters(const struct rig *r, struct evasion_text *t)
{
	const uint64_t *counter = (const void *)&r->counters;

	*t = (struct evasion_text){.len = 0};
	for (unsigned int i = 0; i < counter_count; i++)
		if (counter[i] != 0 && evasion_tells_why(counter_infos[i].name))
			evasion_say(t, "%s:%lu", counter_infos[i].name, counter[i]);
}
