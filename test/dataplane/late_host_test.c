/* Nothing dies behind the monitor, but all arrives there later: what the host hands to its
 * application was heard before its packet left, whatever a client sends who knows that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/late_scene.h"
#include "support/rig_finish.h"

#define SCRIPTS 4000

RIG_INSTANCE(judges, DROPPING, .data_server = true, .overlap_policy = OVERLAP_FIRST)
RIG_INSTANCE(guards, DROPPING, .data_server = true, .overlap_policy = OVERLAP_FIRST,
	     .unheard = true)

static const struct tcp_side *client_side(const struct scene *s)
{
	const struct rig_record *record =
	    (const struct rig_record *)flow_table_at(s->rig->stack.table, 0);

	return &record->tcp.side[0];
}

/* Where the monitor believes the host to wait. */
static uint32_t expected(const struct scene *s)
{
	return client_side(s)->next - CLIENT_ISN - 1;
}

/* Where a client sends who wants to be taken and not heard. */
static uint32_t place(struct scene *s)
{
	const struct tcp_side *side = client_side(s);

	switch (pick(s, 8)) {
	case 0:
		return s->host.next;
	case 1:
		return near(s, s->host.next, 20);
	case 2:
		return near(s, side->edge - CLIENT_ISN - 1, 8);
	case 3:
		return near(s, s->host.read + s->host.buffer, 8);
	case 4:
		return near(s, side->top - CLIENT_ISN - 1, 8);
	default:
		return expected(s);
	}
}

static void evades(struct scene *s)
{
	struct host_segment g = {.flags = TCP_ACK, .window = (uint16_t)s->host.peer_window};
	uint32_t kind = pick(s, s->ends);

	s->clock += pick(s, 3);
	g.clock = s->clock;
	if (pick(s, 6) == 0)
		g.clock += pick(s, 30);
	if (pick(s, 6) == 0)
		g.clock -= pick(s, 30);
	g.at = RTE_MIN(place(s), HOST_BYTES - 128);
	g.len = pick(s, 4) == 0 ? 0 : 1 + pick(s, pick(s, 4) == 0 ? 60 : 8);
	g.ack = s->reported;
	if (pick(s, 6) == 0)
		g.ack = near(s, s->host.sent, 60);
	if (g.ack > s->reported && g.at != expected(s))
		g.ack =
		    s->reported; /* early bytes that acknowledge what is under way are in doubt */
	if (kind < 2)
		g.flags |= TCP_FIN;
	if (kind == 2)
		g.flags |= TCP_RST;
	if (pick(s, 16) == 0)
		g.window = (uint16_t)pick(s, 300);
	for (uint32_t i = 0; i < g.len; i++)
		g.bytes[i] = (uint8_t)('a' + (g.at + i) % 26);
	if (s->lies && pick(s, 4) == 0)
		for (uint32_t i = 0; i < g.len; i++)
			g.bytes[i] -= 32;
	client_sends(s, &g);
}

static void step(struct scene *s)
{
	switch (pick(s, 8)) {
	case 0:
	case 1:
		arrives(s);
		break;
	case 2:
		answers(s);
		break;
	case 3:
		if (pick(s, 2) == 0)
			reads(s);
		break;
	default:
		evades(s);
		break;
	}
}

static uint32_t evasions(rig_maker make)
{
	static struct scene s;
	uint32_t taken = 0;

	for (uint64_t n = 0; n < SCRIPTS; n++) {
		memset(&s, 0, sizeof(s));
		opens(&s, make, n);
		for (uint32_t i = 0; i < STEPS; i++)
			step(&s);
		while (s.there.first < s.there.count)
			arrives(&s);
		taken += s.host.next;
		rig_finish(s.rig, tcp_clock);
	}
	return taken;
}

static void what_the_host_takes_has_left_unheard(void **state)
{
	(void)state;
	assert_true(evasions(judges_open) > 40 * SCRIPTS);
}

static void what_the_host_takes_has_left_unheard_though_that_drops(void **state)
{
	(void)state;
	assert_true(evasions(guards_open) > 40 * SCRIPTS);
}

/* ---- who sends the same again until it is acknowledged ---- */

#define HONEST_BYTES 600u

static void honest_sends(struct scene *s, uint32_t at, uint32_t len)
{
	struct host_segment g = {.at = at,
				 .len = RTE_MIN(len, HONEST_BYTES - RTE_MIN(at, HONEST_BYTES)),
				 .ack = s->reported,
				 .flags = TCP_ACK,
				 .window = (uint16_t)s->host.peer_window};

	s->clock += pick(s, 3);
	g.clock = s->clock;
	for (uint32_t i = 0; i < g.len; i++)
		g.bytes[i] = (uint8_t)('a' + (g.at + i) % 26);
	if (g.at + g.len == HONEST_BYTES)
		g.flags |= TCP_FIN;
	if (pick(s, 8) == 0)
		return; /* lost before the monitor */
	client_sends(s, &g);
	if (verdict(s->rig) != VERDICT_FORWARD)
		wrong(s, "dropped: packet", g.number);
	if (s->there.count > s->there.first && pick(s, 8) == 0)
		s->there.count--; /* or behind it */
}

/* What the host has said last of its window, as far as that has passed. */
static uint32_t honest_edge(const struct scene *s)
{
	const struct host_segment *g = &s->back.segment[RTE_MAX(s->back.first, 1u) - 1];

	return s->back.first == 0 ? s->host.buffer : g->ack + g->window;
}

static void honest_step(struct scene *s, uint32_t *sent)
{
	uint32_t una = s->back.first == 0 ? 0 : s->back.segment[s->back.first - 1].ack;
	uint32_t edge = honest_edge(s);

	*sent = RTE_MAX(*sent, una);
	if (pick(s, 3) == 0 || edge <= *sent) { /* again, or a probe of the window */
		honest_sends(s, una, edge <= una ? 1 : RTE_MIN(edge - una, 1 + pick(s, 60)));
	} else {
		uint32_t len = RTE_MIN(edge - *sent, 1 + pick(s, 60));

		honest_sends(s, *sent, len);
		*sent = RTE_MIN(*sent + len, HONEST_BYTES);
	}
}

/* There is room for so many; of the host's what was not seen is lost. */
static void honest_tidy(struct scene *s)
{
	if (s->there.first == s->there.count)
		s->there.first = s->there.count = 0;
	if (s->back.count < STEPS)
		return;
	s->back.segment[0] = s->back.segment[s->back.count - 1];
	s->back.count = 1;
	s->back.first = 0;
	answers(s);
}

static void honest_connection(struct scene *s, uint64_t seed)
{
	const struct rig_record *record;
	uint32_t sent = 0;

	memset(s, 0, sizeof(*s));
	opens(s, seed % 2 == 0 ? judges_open : guards_open, seed);
	s->mute = true;
	for (uint32_t i = 0; i < 100000 && !s->host.closed; i++) {
		s->lines = 0;
		if (s->there.count < STEPS)
			honest_step(s, &sent);
		if (pick(s, 2) == 0)
			arrives(s);
		if (pick(s, 8) == 0)
			reads(s);
		if (pick(s, 2) == 0)
			answers(s);
		honest_tidy(s);
	}
	if (!s->host.closed)
		wrong(s, "it hangs at", s->host.next);
	host_sends(s, 0);
	s->back.first = s->back.count - 1;
	answers(s);
	record = (const struct rig_record *)flow_table_at(s->rig->stack.table, 0);
	assert_true(tcp_track_closed(&record->tcp, MBX_CLIENT));
	assert_int_equal(s->rig->flows[0].len[0], HONEST_BYTES);
	rig_finish(s->rig, tcp_clock);
}

static void an_honest_connection_loses_something(void **state)
{
	static struct scene s;

	(void)state;
	for (uint64_t n = 0; n < SCRIPTS / 4; n++)
		honest_connection(&s, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_host_takes_has_left_unheard),
	    cmocka_unit_test(what_the_host_takes_has_left_unheard_though_that_drops),
	    cmocka_unit_test(an_honest_connection_loses_something),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 256, 2048);
	return pool == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
