/* Scenarios from a seed: mostly a connection as hosts make it, with what an
 * attacker, a lossy path or an odd stack would send in between. */
#include <string.h>

#include "scenario.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, ECE = 64, CWR = 128 };

struct maker {
	struct scenario *s;
	uint64_t state;
	int32_t good; /* what the host has to get next, if all goes well */
	bool reused;
};

/* splitmix64 (Steele, Lea and Flood, 2014). */
static uint64_t next(struct maker *m)
{
	uint64_t z = m->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* From `low` to `high`, both included. */
static int32_t between(struct maker *m, int32_t low, int32_t high)
{
	return low + (int32_t)(next(m) % (uint64_t)(high - low + 1));
}

static bool percent(struct maker *m, int32_t chance)
{
	return between(m, 0, 99) < chance;
}

static int32_t one_of(struct maker *m, const int32_t *list, size_t count)
{
	return list[next(m) % count];
}

#define ONE_OF(m, ...)                                                                             \
	one_of(m, (const int32_t[]){__VA_ARGS__},                                                  \
	       sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

/* The next step, to be filled in; the last one again when there is no room. */
static struct step *step_add(struct maker *m, enum step_kind kind)
{
	struct scenario *s = m->s;
	struct step *step;

	if (s->step_count < SCENARIO_STEPS_MAX)
		s->step_count++;
	step = &s->step[s->step_count - 1];
	*step = (struct step){.kind = kind};
	if (percent(m, 35))
		step->pace = percent(m, 50) ? PACE_BURST : PACE_DELAY;
	return step;
}

static struct segment_spec *segment_add(struct maker *m, uint8_t flags, int32_t seq, uint16_t len)
{
	struct step *step = step_add(m, STEP_SEGMENT);

	step->segment = (struct segment_spec){.ack_base = FROM_NEXT, .window = 16384};
	step->segment.flags = flags;
	step->segment.seq = seq;
	step->segment.len = len;
	return &step->segment;
}

static void act(struct maker *m, enum step_kind kind, int32_t value)
{
	step_add(m, kind)->value = value;
}

static uint16_t some_length(struct maker *m)
{
	if (percent(m, 8))
		return (uint16_t)between(m, 500, 1400);
	return (uint16_t)between(m, 1, 8);
}

/* ---- what is wrong with a segment ---- */

static void spoil_ack(struct maker *m, struct segment_spec *g)
{
	if (percent(m, 20)) {
		g->ack_base = FROM_START;
		g->ack = ONE_OF(m, -1, 0, 1, -100, 100);
		return;
	}
	g->ack = ONE_OF(m, -1, 1, -2, 2, -10, 10, -70000, 70000, -200000, 2000000000);
}

static void spoil_option(struct maker *m, struct segment_spec *g)
{
	static const struct {
		uint8_t len, bytes[SEGMENT_OPTIONS_MAX];
	} options[] = {
	    {4, {0xfd, 4, 0xaa, 0xbb}},
	    {2, {8, 0}},
	    {4, {8, 0xff, 0, 0}},
	    {2, {8, 10}},
	    {4, {2, 4, 0, 1}},
	    {4, {1, 3, 3, 14}},
	    {10, {8, 10, 0, 0, 0, 1, 0, 0, 0, 0}},
	    {10, {5, 10, 0, 0, 0, 5, 0, 0, 0, 9}},
	    {4, {0, 19, 18, 0}},
	};
	size_t which = (size_t)between(m, 0, sizeof(options) / sizeof(options[0]) - 1);

	g->option_len = options[which].len;
	memcpy(g->option, options[which].bytes, g->option_len);
}

/* What the host remembers of a timestamp depends on whether it has acknowledged
 * what was before: nobody sees that inside a burst. */
static void answers_await(struct maker *m)
{
	for (uint8_t i = 0; i < m->s->step_count; i++)
		if (m->s->step[i].pace == PACE_BURST)
			m->s->step[i].pace = PACE_ANSWER;
}

static void spoil(struct maker *m, struct segment_spec *g)
{
	switch (between(m, 0, 13)) {
	case 0:
	case 1:
	case 2:
		spoil_ack(m, g);
		break;
	case 3:
		g->timestamp = (uint8_t)between(m, TIMESTAMP_NONE, TIMESTAMP_AHEAD);
		if (g->timestamp == TIMESTAMP_AHEAD)
			answers_await(m);
		break;
	case 4:
		g->timestamp = TIMESTAMP_OLD;
		break;
	case 5:
		g->damage |= (uint8_t)ONE_OF(m, DAMAGE_TCP_SUM, DAMAGE_IP_SUM, DAMAGE_IP_OPTIONS,
					     DAMAGE_RESERVED);
		break;
	case 6:
		g->damage |= DAMAGE_MD5;
		break;
	case 7:
		g->offset = (uint8_t)ONE_OF(m, 1, 4, 6, 7, 15);
		break;
	case 8:
		g->ip_more = (int16_t)ONE_OF(m, -30, -10, -2, -1, 1, 20);
		break;
	case 9:
		g->pad = (uint8_t)between(m, 1, 40);
		break;
	case 10:
		g->ttl = 1;
		break;
	case 11:
		spoil_option(m, g);
		break;
	case 12:
		g->flags = (uint8_t)ONE_OF(m, 0, PSH, URG, FIN, FIN | PSH, ECE | CWR, PSH | URG);
		break;
	default:
		g->window = (uint16_t)ONE_OF(m, 0, 1, 65535);
		break;
	}
}

/* ---- segments ---- */

static struct segment_spec *good_data(struct maker *m)
{
	uint16_t len = some_length(m);
	struct segment_spec *g = segment_add(m, ACK | (percent(m, 50) ? PSH : 0), m->good, len);

	m->good += len;
	return g;
}

static void odd_data(struct maker *m)
{
	struct segment_spec *g;

	g = segment_add(m, ACK, m->good + between(m, -10, 14), (uint16_t)between(m, 1, 12));
	g->copy = percent(m, 50) ? 0 : (uint8_t)between(m, 1, 3);
	if (percent(m, 10))
		g->flags |= FIN;
}

static void edge_data(struct maker *m)
{
	struct segment_spec *g = segment_add(m, ACK, between(m, -6, 2), (uint16_t)between(m, 1, 8));

	g->seq_base = FROM_EDGE;
	if (percent(m, 40)) {
		g->seq_base = FROM_NEXT;
		g->seq = between(m, -2, 2);
	}
	g->copy = (uint8_t)between(m, 0, 1);
}

static void spoiled_data(struct maker *m)
{
	int32_t at = m->good;

	spoil(m, good_data(m));
	/* In most cases the right bytes come as well. */
	m->good = percent(m, 80) ? at : m->good;
	if (m->good == at && percent(m, 70))
		m->s->step[m->s->step_count - 1].segment.copy = (uint8_t)between(m, 1, 3);
}

static void place_sign(struct maker *m, struct segment_spec *g)
{
	if (percent(m, 40)) {
		g->seq = m->good;
	} else if (percent(m, 60)) {
		g->seq_base = FROM_NEXT;
		g->seq = ONE_OF(m, 0, 0, 1, -1, 2, 4, 100, -100, -20000, 1000000, 0x7fffffff);
	} else {
		g->seq_base = FROM_EDGE;
		g->seq = ONE_OF(m, 0, -1, 1);
	}
}

static void reset(struct maker *m)
{
	struct segment_spec *g =
	    segment_add(m, RST | (percent(m, 40) ? ACK : 0), 0, percent(m, 15) ? 4 : 0);

	place_sign(m, g);
	if (percent(m, 30))
		spoil(m, g);
	g->flags |= percent(m, 10) ? (uint8_t)ONE_OF(m, FIN, SYN, URG | PSH) : 0;
	g->flags |= RST;
}

static void syn(struct maker *m)
{
	struct segment_spec *g =
	    segment_add(m, SYN | (percent(m, 25) ? ACK : 0), 0, percent(m, 20) ? 4 : 0);

	if (percent(m, 30))
		g->seq = ONE_OF(m, -1, 0, 999, -1000, 100000, -100000);
	else
		place_sign(m, g);
	g->copy = 1;
	if (percent(m, 20))
		spoil(m, g);
	g->flags |= SYN;
}

static void fin(struct maker *m)
{
	struct segment_spec *g;
	uint16_t len = percent(m, 50) ? 0 : some_length(m);
	int32_t more = percent(m, 70) ? 0 : between(m, -8, 8);

	g = segment_add(m, FIN | ACK, m->good + more, len);
	if (more == 0 && percent(m, 50))
		m->good += len + 1;
	if (percent(m, 20))
		spoil(m, g);
}

static void urgent(struct maker *m)
{
	uint16_t len = (uint16_t)between(m, 0, 8);
	struct segment_spec *g = segment_add(m, ACK | URG, m->good, len);

	g->urgent = (uint16_t)ONE_OF(m, 0, 1, 2, 3, 5, 8, 9, 1000);
	if (percent(m, 80))
		m->good += len;
}

static void signal_only(struct maker *m)
{
	struct segment_spec *g = segment_add(m, ACK, m->good, 0);

	if (percent(m, 30)) {
		g->seq = m->good - 1; /* keep-alive */
		g->len = (uint16_t)between(m, 0, 1);
		g->copy = 2;
		return;
	}
	spoil_ack(m, g);
}

static void application(struct maker *m)
{
	switch (between(m, 0, 5)) {
	case 0:
		act(m, STEP_SHUT, 0);
		break;
	case 1:
		act(m, STEP_READ, 0);
		break;
	default:
		act(m, STEP_WRITE, between(m, 1, 3000));
		break;
	}
}

static void handshake(struct maker *m);

/* Ends the connection in one of the usual ways and begins another. */
static void reuse(struct maker *m)
{
	if (m->reused)
		return;
	m->reused = true;
	switch (between(m, 0, 3)) {
	case 0:
		act(m, STEP_SHUT, 0);
		segment_add(m, FIN | ACK, m->good, 0);
		segment_add(m, ACK, m->good + 1, 0);
		break;
	case 1:
		segment_add(m, FIN | ACK, m->good, 0);
		act(m, STEP_SHUT, 0);
		segment_add(m, ACK, m->good + 1, 0);
		break;
	case 2:
		segment_add(m, RST, m->good, 0);
		break;
	default:
		break;
	}
	act(m, STEP_NEW, ONE_OF(m, 100000, -100000, 1000, -1000, 1, 0x70000000));
	m->good = 0;
	handshake(m);
}

/* ---- how it begins ---- */

static void odd_begin(struct maker *m)
{
	switch (between(m, 0, 6)) {
	case 0:
		syn(m);
		break;
	case 1:
		reset(m);
		break;
	case 2:
		spoil(m, segment_add(m, ACK, 0, percent(m, 50) ? 4 : 0));
		break;
	case 3:
		spoil(m, segment_add(m, SYN, -1, 0));
		break;
	case 4:
		segment_add(m, SYN, -1, percent(m, 50) ? 4 : 0)->copy = 1;
		break;
	case 5:
		segment_add(m, ACK, between(m, -5, 5), 4)->copy = (uint8_t)between(m, 0, 1);
		break;
	default:
		segment_add(m, (uint8_t)ONE_OF(m, SYN | FIN, SYN | RST, SYN | PSH, FIN, FIN | ACK),
			    -1, 0);
		break;
	}
}

static void handshake(struct maker *m)
{
	struct segment_spec *g;
	bool odd = percent(m, 30);

	if (m->s->client && !m->reused)
		act(m, STEP_CONNECT, 0);
	if (odd && percent(m, 50))
		odd_begin(m);
	g = segment_add(m, m->s->client && !m->reused ? SYN | ACK : SYN, -1, 0);
	if (m->s->client && !m->reused && percent(m, 20))
		g->flags = SYN;
	if (m->s->fastopen) {
		g->cookie = (uint8_t)between(m, COOKIE_NONE, COOKIE_WRONG);
		g->len = percent(m, 70) ? 4 : 0;
		m->good = g->cookie == COOKIE_RIGHT || percent(m, 10) ? g->len : 0;
	}
	if (odd && percent(m, 60))
		odd_begin(m);
	if (m->s->client && percent(m, 30))
		segment_add(m, SYN | ACK, -1, 0);
	if (!percent(m, 15))
		segment_add(m, ACK, m->good, 0);
}

static void body(struct maker *m)
{
	int32_t chance = between(m, 0, 99);

	if (chance < 30)
		good_data(m);
	else if (chance < 50)
		odd_data(m);
	else if (chance < 66)
		spoiled_data(m);
	else if (chance < 72)
		edge_data(m);
	else if (chance < 77)
		signal_only(m);
	else if (chance < 82)
		application(m);
	else if (chance < 86)
		reset(m);
	else if (chance < 90)
		syn(m);
	else if (chance < 94)
		fin(m);
	else if (chance < 97)
		urgent(m);
	else
		reuse(m);
}

void scenario_random(struct scenario *s, uint64_t seed)
{
	struct maker m = {.s = s, .state = seed};
	int32_t steps;

	*s = (struct scenario){.seed = seed};
	s->isn = percent(&m, 30) ? 0xfffffff0u + (uint32_t)between(&m, 0, 20) : (uint32_t)next(&m);
	s->client = percent(&m, 20);
	s->small = percent(&m, 25);
	s->fastopen = !s->client && !s->small && percent(&m, 10);
	s->oob_inline = !s->small && !s->fastopen && percent(&m, 40);
	s->lazy = percent(&m, 30);
	s->timestamps = percent(&m, 45);
	s->sack = percent(&m, 45);
	s->scaled = percent(&m, 45);
	s->scale = s->scaled ? (uint8_t)ONE_OF(&m, 0, 1, 7, 14, 15) : 0;
	handshake(&m);
	steps = between(&m, 2, 11);
	for (int32_t i = 0; i < steps; i++)
		body(&m);
	if (percent(&m, 30))
		fin(&m);
}
