/* Scenarios as text, and back. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

#define DEFAULT_ISN 1000u
#define DEFAULT_WINDOW 16384u

static const char flag_letters[] = "FSRPAUEC";

static const struct {
	const char *word;
	uint8_t kind;
	bool value;
} actions[] = {
    {"connect", STEP_CONNECT, false}, {"write", STEP_WRITE, true},  {"read", STEP_READ, false},
    {"shut", STEP_SHUT, false},	      {"close", STEP_CLOSE, false}, {"new", STEP_NEW, true},
    {"wait", STEP_WAIT, true},
};

static const struct {
	const char *word;
	uint8_t bit;
} damages[] = {
    {"badsum", DAMAGE_TCP_SUM}, {"badip", DAMAGE_IP_SUM}, {"ipopt", DAMAGE_IP_OPTIONS},
    {"md5", DAMAGE_MD5},	{"bare", DAMAGE_BARE},	  {"reserved", DAMAGE_RESERVED},
};

static const char *const timestamp_words[] = {NULL, "nots", "tsold", "tszero", "tsahead"};
static const char *const cookie_words[] = {NULL, "tfoask", "tfo", "tfobad"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- read ---- */

static bool word_is(const char *at, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(at, word, len) == 0;
}

static uint8_t hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

static bool attribute_number(struct segment_spec *g, const char *at, size_t name, const char *value)
{
	long n = strtol(value, NULL, 0);

	if (word_is(at, name, "v"))
		g->copy = (uint8_t)n;
	else if (word_is(at, name, "ack"))
		g->ack = (int32_t)n;
	else if (word_is(at, name, "ack0")) {
		g->ack = (int32_t)n;
		g->ack_base = FROM_START;
	} else if (word_is(at, name, "win"))
		g->window = (uint16_t)n;
	else if (word_is(at, name, "urg"))
		g->urgent = (uint16_t)n;
	else if (word_is(at, name, "off"))
		g->offset = (uint8_t)n;
	else if (word_is(at, name, "iplen"))
		g->ip_more = (int16_t)n;
	else if (word_is(at, name, "pad"))
		g->pad = (uint8_t)n;
	else if (word_is(at, name, "ttl"))
		g->ttl = (uint8_t)n;
	else
		return false;
	return true;
}

static bool attribute_read(struct segment_spec *g, const char *at, size_t len)
{
	const char *value = memchr(at, '=', len);
	size_t name = value == NULL ? len : (size_t)(value - at);

	for (size_t i = 0; i < COUNT(damages); i++)
		if (word_is(at, len, damages[i].word)) {
			g->damage |= damages[i].bit;
			return true;
		}
	for (uint8_t i = 1; i < COUNT(timestamp_words); i++)
		if (word_is(at, len, timestamp_words[i])) {
			g->timestamp = i;
			return true;
		}
	for (uint8_t i = 1; i < COUNT(cookie_words); i++)
		if (word_is(at, len, cookie_words[i])) {
			g->cookie = i;
			return true;
		}
	if (value == NULL)
		return false;
	if (!word_is(at, name, "opt"))
		return attribute_number(g, at, name, value + 1);
	for (value++; value + 1 < at + len && g->option_len < SEGMENT_OPTIONS_MAX; value += 2)
		g->option[g->option_len++] =
		    (uint8_t)(hex_digit(value[0]) << 4 | hex_digit(value[1]));
	return true;
}

static bool segment_read(struct segment_spec *g, const char *at, size_t len)
{
	const char *end = at + len;
	char *rest;

	*g = (struct segment_spec){.ack_base = FROM_NEXT, .window = DEFAULT_WINDOW};
	for (; at < end && *at != '@'; at++) {
		const char *letter = *at == '-' ? NULL : strchr(flag_letters, *at);

		if (letter == NULL && *at != '-')
			return false;
		if (letter != NULL)
			g->flags |= (uint8_t)(1u << (letter - flag_letters));
	}
	if (at++ >= end)
		return false;
	if (*at == 'n' || *at == 'e')
		g->seq_base = *at++ == 'n' ? FROM_NEXT : FROM_EDGE;
	g->seq = (int32_t)strtol(at, &rest, 10);
	if (*rest == '+')
		g->len = (uint16_t)strtol(rest + 1, &rest, 10);
	if (g->len > SEGMENT_LEN_MAX)
		return false;
	for (at = rest; at < end && *at == '/';) {
		const char *next = memchr(at + 1, '/', (size_t)(end - at - 1));

		next = next == NULL ? end : next;
		if (!attribute_read(g, at + 1, (size_t)(next - at - 1)))
			return false;
		at = next;
	}
	return at == end;
}

static bool action_read(struct step *step, const char *at, size_t len)
{
	const char *value = memchr(at, '=', len);
	size_t name = value == NULL ? len : (size_t)(value - at);

	for (size_t i = 0; i < COUNT(actions); i++) {
		if (!word_is(at, name, actions[i].word) || actions[i].value != (value != NULL))
			continue;
		step->kind = actions[i].kind;
		step->value = value == NULL ? 0 : (int32_t)strtol(value + 1, NULL, 0);
		return true;
	}
	return false;
}

static bool step_read(struct step *step, const char *at, size_t len)
{
	*step = (struct step){.kind = STEP_SEGMENT};
	if (len > 0 && at[len - 1] == '~') {
		step->pace = PACE_BURST;
		len--;
	} else if (len > 0 && at[len - 1] == '.') {
		step->pace = PACE_DELAY;
		len--;
	}
	if (len > 0 && *at == '!')
		return action_read(step, at + 1, len - 1);
	return segment_read(&step->segment, at, len);
}

static bool option_read(struct scenario *s, const char *at, size_t len)
{
	if (word_is(at, len, "client"))
		s->client = true;
	else if (word_is(at, len, "small"))
		s->small = true;
	else if (word_is(at, len, "inline"))
		s->oob_inline = true;
	else if (word_is(at, len, "fastopen"))
		s->fastopen = true;
	else if (word_is(at, len, "lazy"))
		s->lazy = true;
	else if (word_is(at, len, "ts"))
		s->timestamps = true;
	else if (word_is(at, len, "sack"))
		s->sack = true;
	else if (len > 3 && memcmp(at, "ws=", 3) == 0) {
		s->scaled = true;
		s->scale = (uint8_t)atoi(at + 3);
	} else if (len > 4 && memcmp(at, "isn=", 4) == 0)
		s->isn = (uint32_t)strtoul(at + 4, NULL, 0);
	else
		return false;
	return true;
}

bool scenario_read(struct scenario *s, const char *text, const char **at)
{
	bool options = true;

	*s = (struct scenario){.isn = DEFAULT_ISN};
	for (*at = text + strspn(text, " \t\n"); **at != '\0'; *at += strspn(*at, " \t\n")) {
		size_t len = strcspn(*at, " \t\n");

		if (options && word_is(*at, len, ":")) {
			options = false;
		} else if (options) {
			if (!option_read(s, *at, len))
				return false;
		} else if (s->step_count == SCENARIO_STEPS_MAX ||
			   !step_read(&s->step[s->step_count++], *at, len)) {
			return false;
		}
		*at += len;
	}
	return !options;
}

/* ---- write ---- */

struct text {
	char *at;
	size_t left;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, t->left, format, args);
	va_end(args);
	if (n < 0)
		return;
	n = (size_t)n < t->left ? n : (int)t->left - 1;
	t->at += n;
	t->left -= (size_t)n;
}

static void segment_write(struct text *t, const struct segment_spec *g)
{
	for (int i = 7; i >= 0; i--)
		if (g->flags & 1 << i)
			put(t, "%c", flag_letters[i]);
	put(t, "%s@", g->flags == 0 ? "-" : "");
	put(t, "%s", g->seq_base == FROM_NEXT ? "n" : g->seq_base == FROM_EDGE ? "e" : "");
	put(t, "%d", g->seq);
	if (g->len > 0)
		put(t, "+%u", g->len);
	if (g->copy != 0)
		put(t, "/v=%u", g->copy);
	if (g->ack_base == FROM_START)
		put(t, "/ack0=%d", g->ack);
	else if (g->ack != 0)
		put(t, "/ack=%d", g->ack);
	if (g->window != DEFAULT_WINDOW)
		put(t, "/win=%u", g->window);
	if (g->urgent != 0)
		put(t, "/urg=%u", g->urgent);
	if (g->offset != 0)
		put(t, "/off=%u", g->offset);
	if (g->ip_more != 0)
		put(t, "/iplen=%d", g->ip_more);
	if (g->pad != 0)
		put(t, "/pad=%u", g->pad);
	if (g->ttl != 0)
		put(t, "/ttl=%u", g->ttl);
	if (g->timestamp != TIMESTAMP_AS_AGREED)
		put(t, "/%s", timestamp_words[g->timestamp]);
	if (g->cookie != COOKIE_NONE)
		put(t, "/%s", cookie_words[g->cookie]);
	for (size_t i = 0; i < COUNT(damages); i++)
		if (g->damage & damages[i].bit)
			put(t, "/%s", damages[i].word);
	if (g->option_len > 0)
		put(t, "/opt=");
	for (uint8_t i = 0; i < g->option_len; i++)
		put(t, "%02x", g->option[i]);
}

static void action_write(struct text *t, const struct step *step)
{
	for (size_t i = 0; i < COUNT(actions); i++) {
		if (actions[i].kind != step->kind)
			continue;
		put(t, "!%s", actions[i].word);
		if (actions[i].value)
			put(t, "=%d", step->value);
	}
}

const char *scenario_write(const struct scenario *s, char *text, size_t size)
{
	struct text t = {text, size};

	put(&t, "%s%s%s%s%s%s%s", s->client ? "client " : "", s->small ? "small " : "",
	    s->oob_inline ? "inline " : "", s->fastopen ? "fastopen " : "", s->lazy ? "lazy " : "",
	    s->timestamps ? "ts " : "", s->sack ? "sack " : "");
	if (s->scaled)
		put(&t, "ws=%u ", s->scale);
	if (s->isn != DEFAULT_ISN)
		put(&t, "isn=0x%x ", s->isn);
	put(&t, ":");
	for (uint8_t i = 0; i < s->step_count; i++) {
		put(&t, " ");
		if (s->step[i].kind == STEP_SEGMENT)
			segment_write(&t, &s->step[i].segment);
		else
			action_write(&t, &s->step[i]);
		put(&t, "%s",
		    s->step[i].pace == PACE_BURST   ? "~"
		    : s->step[i].pace == PACE_DELAY ? "."
						    : "");
	}
	return text;
}
