/* A client, the monitor, and a host behind a slow way (late_host.h). Tests include cmocka.h
 * first. */
#pragma once

#include "late_host.h"
#include "random.h"
#include "unheard_play.h"

#define STEPS 120
#define NEVER UINT32_MAX

/* Segments on their way, in order. */
struct way {
	struct host_segment segment[STEPS + 4];
	uint32_t first, count;
};

struct scene {
	struct rig *rig;
	struct late_host host;
	struct way there, back;
	uint64_t seed;
	uint32_t passed; /* packets of the client */
	uint32_t clock;
	size_t read;		       /* events of the rig */
	uint32_t heard_at[HOST_BYTES]; /* number of the packet, or NEVER */
	uint8_t heard[HOST_BYTES];
	uint32_t reported; /* what the client knows of the server's bytes */
	bool lies;	   /* its copies differ */
	bool mute;	   /* the server sends nothing */
	uint32_t ends;	   /* one of so many segments has a FIN or a reset */
	char log[STEPS * 2][120];
	unsigned int lines;
};

static inline uint32_t pick(struct scene *s, uint32_t below)
{
	return (uint32_t)(test_random(&s->seed) % below);
}

__attribute__((format(printf, 2, 3))) static inline void note(struct scene *s, const char *format,
							      ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(s->log[s->lines], sizeof(s->log[0]), format, arguments);
	va_end(arguments);
	s->lines = RTE_MIN(s->lines + 1, (unsigned int)RTE_DIM(s->log) - 1);
}

static inline void through(struct scene *s, int dir, const struct host_segment *g, uint8_t syn)
{
	uint8_t options[16] = {1, 1, 8, 10};
	uint32_t value = rte_cpu_to_be_32(dir == 0 ? g->clock : 7);
	uint32_t isn[] = {CLIENT_ISN, SERVER_ISN};
	uint8_t len = s->host.timestamps ? 12 : 0;
	struct tcp_spec spec = {.dir = dir,
				.seq = isn[dir] + !syn + g->at,
				.ack = g->flags & TCP_ACK ? isn[!dir] + 1 + g->ack : 0,
				.flags = g->flags,
				.window = g->window,
				.window_zero = g->window == 0,
				.options = options,
				.data = g->bytes,
				.len = g->len};

	memcpy(options + 4, &value, 4);
	if (syn && s->host.sack) {
		memcpy(options + len, (const uint8_t[]){1, 1, 4, 2}, 4);
		len += 4;
	}
	spec.options_len = len;
	tcp_send(s->rig, &spec);
}

/* What was raised of the client's bytes. */
static inline void listen_to(struct scene *s)
{
	for (; s->read < s->rig->event_count; s->read++) {
		const struct rig_event *e = &s->rig->events[s->read];

		if (e->type != EVENT_DATA_TCP || e->dir != 0)
			continue;
		for (uint64_t i = 0; i < e->length && e->offset + i < HOST_BYTES; i++) {
			s->heard[e->offset + i] = s->rig->bytes[e->bytes + i];
			s->heard_at[e->offset + i] = s->passed;
		}
	}
}

static inline void wrong(const struct scene *s, const char *what, uint32_t at)
{
	for (unsigned int i = 0; i < s->lines; i++)
		fprintf(stderr, "%s\n", s->log[i]);
	fail_msg("%s %u", what, at);
}

/* The client's segment passes, and is on its way if the monitor lets it. */
static inline void client_sends(struct scene *s, struct host_segment *g)
{
	s->passed++;
	g->number = s->passed;
	through(s, 0, g, 0);
	listen_to(s);
	note(s, "client %u: %u+%u ack %u window %u clock %u%s%s%s", g->number, g->at, g->len,
	     g->ack, g->window, g->clock, g->flags & TCP_FIN ? " FIN" : "",
	     g->flags & TCP_RST ? " RST" : "",
	     verdict(s->rig) == VERDICT_FORWARD ? "" : " dropped");
	if (verdict(s->rig) == VERDICT_FORWARD)
		s->there.segment[s->there.count++] = *g;
}

static inline void host_sends(struct scene *s, uint32_t len)
{
	struct host_segment *g = &s->back.segment[s->back.count];

	if (s->host.dead || s->back.count == RTE_DIM(s->back.segment))
		return;
	s->back.count++;
	late_host_speaks(&s->host, g, len);
	memset(g->bytes, 's', g->len);
}

/* One segment arrives at the host. */
static inline void arrives(struct scene *s)
{
	const struct host_segment *g = &s->there.segment[s->there.first];
	uint32_t from, to;

	if (s->there.first == s->there.count)
		return;
	s->there.first++;
	from = late_host_takes(&s->host, g);
	to = s->host.next - s->host.closed;
	note(s, "  host gets %u: has %u, edge %u%s%s", g->number, s->host.next, s->host.edge,
	     s->host.closed ? ", closed" : "", s->host.dead ? ", dead" : "");
	for (uint32_t at = from; at < to; at++)
		if (s->heard_at[at] > g->number || s->heard[at] != s->host.value[at])
			wrong(s, "the host's application gets unheard", at);
	if (pick(s, 4) == 0)
		s->host.read = s->host.next - s->host.closed;
	if (pick(s, 3) != 0)
		host_sends(s, pick(s, 4) == 0 && !s->mute ? pick(s, 40) : 0);
}

/* One segment of the host's passes the monitor. */
static inline void answers(struct scene *s)
{
	struct host_segment *g = &s->back.segment[s->back.first];

	if (s->back.first == s->back.count)
		return;
	s->back.first++;
	through(s, 1, g, 0);
	listen_to(s);
	s->reported = g->at + g->len;
	note(s, "  host says: %u+%u ack %u window %u", g->at, g->len, g->ack, g->window);
}

static inline void reads(struct scene *s)
{
	s->host.read = s->host.next - s->host.closed;
	if (pick(s, 2) == 0)
		host_sends(s, 0);
}

static inline void opens(struct scene *s, rig_maker make, uint64_t seed)
{
	struct host_segment g = {.flags = TCP_SYN, .clock = 100};

	s->seed = seed;
	s->rig = make(pool, 64, 1 << 18);
	for (uint32_t i = 0; i < HOST_BYTES; i++)
		s->heard_at[i] = NEVER;
	s->clock = 100;
	late_host_open(&s->host, 1 + pick(s, 200), 1 + pick(s, 100));
	s->lies = pick(s, 2);
	s->ends = 8u << pick(s, 5);
	s->host.timestamps = pick(s, 2);
	s->host.sack = pick(s, 2);
	s->host.clock = 100;
	g.window = (uint16_t)s->host.peer_window;
	through(s, 0, &g, 1);
	g.flags = TCP_SYN | TCP_ACK;
	g.window = (uint16_t)s->host.buffer;
	through(s, 1, &g, 1);
	g.flags = TCP_ACK;
	g.window = (uint16_t)s->host.peer_window;
	through(s, 0, &g, 0);
	s->read = s->rig->event_count;
	note(s, "buffer %u, peer's window %u%s%s", s->host.buffer, s->host.peer_window,
	     s->host.timestamps ? ", timestamps" : "", s->host.sack ? ", sack" : "");
}

static inline uint32_t near(struct scene *s, uint32_t at, uint32_t around)
{
	uint32_t to = at + pick(s, 2 * around + 1);

	return to < around ? 0 : to - around;
}
