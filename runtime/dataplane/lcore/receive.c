/* What an lcore takes next: timers that are due, and packets behind them. */
#include <rte_branch_prediction.h>
#include <rte_cycles.h>

#include "../packet/dynfield.h"
#include "../port/replay.h"
#include "steer.h"

#define WATCH_NS 100000000ull /* between two looks at the devices */
/* Timers of one chain before packets get their turn: bursts for one deadline each,
 * of which one that fills its log takes as long as many small ones. */
#define TICKS_AT_ONCE 64
#define TICKS_OF_A_FULL_LOG 16
/* A tick: 16 thousand in the time of a slot of 256 ms, 4 million in that of 65 s. */
#define TIMERS_PREPARED 64

/* Whether devices are still there. A cable that comes and goes all day is told
 * of some dozens of times. */
void ports_watch(struct runner *r)
{
	struct fault fault;

	if (likely(r->now - r->watched < WATCH_NS))
		return;
	r->watched = r->now;
	for (uint8_t i = 0; i < r->port_count; i++)
		if (port_watch(&r->port[i], &fault) &&
		    r->warning_count < RUNNER_WARNINGS_MAX - RUNNER_WARNINGS_LAST)
			runner_warn(r, &fault);
}

static bool any_spilled(const struct runner *r)
{
	for (uint8_t i = 0; i < r->chain_count; i++)
		if (chain_spilled(&r->chains[i]))
			return true;
	return false;
}

/* In replay time must not run ahead of a worker that sets timers, or of a function that
 * has its turn behind one: all that it says about one tick is known before the next. */
static bool timers_known(struct chain_run *cr)
{
	const struct program_chain *p = cr->chain->program;

	if (!cr->runner->replay)
		return true;
	for (uint8_t i = 0; i < p->nf_count; i++)
		if (p->nfs[i].timers)
			return cr->flying == 0 && chain_quiet(cr);
	return true;
}

/* Timers are looked at once a tick, before the tick's first packet: then what
 * fires when does not depend on how packets fall into bursts. Each deadline is a
 * burst of its own, with its own time. True: none is due any more. */
static bool chain_tick(struct chain_run *cr, uint64_t now)
{
	uint64_t tick = now / TIMER_TICK_NS, before = UINT64_MAX;

	if (cr->tick == tick)
		return true;
	if (!timers_known(cr) || !chain_has_stacked(cr))
		return false;
	for (unsigned int i = 0; i < TICKS_AT_ONCE;) {
		uint64_t due = timer_wheel_next(&cr->chain->stack.wheel);

		i += due == before ? TICKS_OF_A_FULL_LOG : 1;
		before = due;
		if (due > now) {
			cr->tick = tick;
			timer_wheel_prepare(&cr->chain->stack.wheel, now, TIMERS_PREPARED);
			return true;
		}
		if (!chain_takes(cr) || (cr->runner->replay && chain_spilled(cr)))
			return false;
		flight_begin(cr, BURST_TICK, due);
		chain_advance(cr);
		cr->runner->ticked = true;
		if (!timers_known(cr))
			return false;
	}
	return false;
}

static bool runner_tick(struct runner *r, uint64_t now)
{
	bool ready = true;

	for (uint8_t i = 0; i < r->chain_count; i++) {
		ready &= chain_tick(&r->chains[i], now);
		/* A chain before the next may still hand packets of earlier ticks on. */
		if (r->replay && i + 1 < r->chain_count && r->chains[i].flying > 0)
			return false;
	}
	return ready;
}

static struct chain_run *first_chain(struct runner *r, uint8_t port)
{
	for (uint8_t i = 0; i < r->chain_count; i++)
		if (chain_serves(&r->chains[i], port))
			return &r->chains[i];
	return NULL;
}

/* In replay a packet's time is when it was recorded, but never before the one
 * ahead of it. */
static void packets_set_time(struct runner *r, struct burst *b, const uint64_t *times)
{
	uint64_t time = r->now;

	for (uint16_t i = 0; i < b->count; i++) {
		if (r->replay)
			time =
			    RTE_MAX(time, times != NULL ? times[i] : packet_mbuf_time(b->mbuf[i]));
		b->packet[i].time = time;
	}
	r->now = time;
}

static void flight_fill(struct runner *r, struct flight *f, uint8_t port, uint16_t count,
			uint8_t egress)
{
	struct burst *b = f->burst;

	b->port = port;
	b->count = count;
	f->link = (uint8_t)r->port[port].link;
	packets_set_time(r, b, r->port[port].times);
	for (uint16_t i = 0; i < count; i++) {
		b->flow[i] = NULL;
		b->verdict[i] = VERDICT_FORWARD;
		b->dropped_by[i] = 0;
		f->egress[i] = egress;
	}
}

static void count_received(struct runner *r, const struct burst *b)
{
	uint64_t bytes = 0;

	for (uint16_t i = 0; i < b->count; i++)
		bytes += rte_pktmbuf_pkt_len(b->mbuf[i]);
	r->counters.packets_in += b->count;
	r->counters.bytes_in += bytes;
}

/* A flight is begun only when there is a packet: the mbufs are received into
 * the burst that it will have. chain_takes() was true. */
static struct burst *next_burst(const struct chain_run *cr)
{
	return cr->flights[cr->idle[cr->idle_count - 1]].burst;
}

/* Packets of next_burst(), parsed. */
static void fly(struct chain_run *cr, uint8_t port, uint16_t count)
{
	struct runner *r = cr->runner;
	struct flight *f = flight_begin(cr, BURST_PACKETS, r->now);

	if (unlikely(r->timed))
		f->received = rte_rdtsc();
	flight_fill(r, f, port, count, chain_peer(cr, port));
	count_received(r, f->burst);
	chain_advance(cr);
}

static bool receive_from(struct runner *r, uint8_t port)
{
	struct chain_run *cr = first_chain(r, port);
	struct burst *b;
	uint16_t count;

	if (cr == NULL || !chain_takes(cr))
		return false;
	b = next_burst(cr);
	count = port_receive(&r->port[port], b->mbuf, r->burst);
	if (count == 0)
		return false;
	packet_parse_bulk(b->packet, b->mbuf, count, r->port[port].link);
	if (unlikely(r->steer != NULL))
		count = steer_keep(r, port, b, count);
	if (likely(count > 0))
		fly(cr, port, count);
	return true;
}

/* What another instance has received for this one. */
static bool receive_handed(struct runner *r, struct queue *q)
{
	struct chain_run *cr;
	struct burst *b;
	uint16_t count;
	uint8_t port;

	if (q == NULL || queue_count(q) == 0)
		return false;
	port = queue_first(q)->port;
	cr = first_chain(r, port);
	if (!chain_takes(cr))
		return false;
	b = next_burst(cr);
	count = queue_take(q, b->mbuf, r->burst);
	packet_parse_bulk(b->packet, b->mbuf, count, r->port[port].link);
	fly(cr, port, count);
	return true;
}

bool runner_flies(const struct runner *r)
{
	for (uint8_t i = 0; i < r->chain_count; i++)
		if (r->chains[i].flying > 0)
			return true;
	return false;
}

static bool workers_quiet(struct runner *r)
{
	for (uint8_t i = 0; i < r->chain_count; i++)
		if (!chain_quiet(&r->chains[i]))
			return false;
	return true;
}

bool runner_is_quiet(struct runner *r)
{
	return !runner_flies(r) && workers_quiet(r);
}

/* A frame for which no buffer is free, and will be: nobody is about to give one
 * back. */
bool runner_discard_unbuffered(struct runner *r)
{
	struct port *p = &r->port[r->replay_port];
	uint32_t bytes;

	if (p->ended || !runner_is_quiet(r))
		return false;
	bytes = replay_discard(p);
	p->counters.in++;
	p->counters.bytes_in += bytes;
	r->counters.packets_in++;
	r->counters.bytes_in += bytes;
	r->counters.drop_no_memory++;
	return true;
}

/* Wheels begin at the first packet's time: before it nothing can be due. */
void runner_clocks_begin(struct runner *r)
{
	struct port *p = &r->port[r->replay_port];

	if (!r->replay) {
		r->clocks_begun = true;
		r->now = clock_realtime_ns();
	} else if (r->fed) {
		struct queue *q = port_queue_in(p);

		r->clocks_begun = queue_count(q) > 0;
		r->now = r->clocks_begun ? queue_first(q)->time : 0;
	} else {
		r->clocks_begun = replay_ready(p);
		r->now = replay_next_time(p);
	}
	for (uint8_t i = 0; i < r->chain_count; i++) {
		timer_wheel_init(&r->chains[i].chain->stack.wheel, r->now);
		r->chains[i].chain->stack.now = r->now;
		r->chains[i].tick = r->now / TIMER_TICK_NS;
	}
}

/* Records of flows that have ended are kept until every worker has passed their
 * end. In replay a burst waits for these, rather than that its flows find none. */
static bool records_wait(const struct runner *r)
{
	for (uint8_t i = 0; i < r->chain_count; i++) {
		const struct chain_run *cr = &r->chains[i];
		const struct flow_table *t = cr->chain->stack.table;

		if (t != NULL && (cr->retired_count > 0 || cr->flying > 0) &&
		    flow_table_capacity(t) - flow_table_in_use(t) < r->burst)
			return true;
	}
	return false;
}

/* Its part of the capture has ended, and the others' not yet. */
static void follow_end(struct runner *r)
{
	if (r->clocks_begun && r->now < r->until && !any_spilled(r) && runner_tick(r, r->until))
		r->now = r->until;
}

/* One burst of the capture, once nothing is in anybody's way. */
static bool receive_replay(struct runner *r)
{
	struct port *p = &r->port[r->replay_port];
	struct chain_run *cr = first_chain(r, r->replay_port);

	if (unlikely(p->ended)) {
		follow_end(r);
		return false;
	}
	if (any_spilled(r) || records_wait(r) || !replay_ready(p) || replay_wait(p) > 0)
		return false;
	if (!r->clocks_begun)
		runner_clocks_begin(r);
	if (!runner_tick(r, RTE_MAX(replay_next_time(p), r->now)) || !chain_takes(cr))
		return false;
	r->now = RTE_MAX(replay_next_time(p), r->now);
	return receive_from(r, r->replay_port) || runner_discard_unbuffered(r);
}

/* Time goes on for this instance while the capture has frames for others only: so
 * what ends by idling does not depend on how flows are shared out. */
static void follow_clock(struct runner *r, struct queue *q, uint64_t clock, bool ended)
{
	struct port *p = &r->port[r->replay_port];

	if (r->clocks_begun && clock > r->now) {
		if (!runner_tick(r, clock))
			return;
		r->now = clock;
	}
	p->ended = ended;
	if (runner_is_quiet(r))
		queue_say_quiet(q);
}

/* The same of a share of the capture. What was asked first is older than what was
 * found: an empty queue has nothing that is before the clock. */
static bool receive_share(struct runner *r)
{
	struct port *p = &r->port[r->replay_port];
	struct queue *q = port_queue_in(p);
	bool ended = queue_ended(q);
	uint64_t clock = queue_clock(q), time;

	if (p->ended || any_spilled(r) || records_wait(r))
		return false;
	if (queue_count(q) == 0) {
		follow_clock(r, q, clock, ended);
		return false;
	}
	time = queue_first(q)->time;
	if (!r->clocks_begun)
		runner_clocks_begin(r);
	if (!runner_tick(r, RTE_MAX(time, r->now)) || !chain_takes(first_chain(r, r->replay_port)))
		return false;
	r->now = RTE_MAX(time, r->now);
	return receive_from(r, r->replay_port);
}

static bool receive_live(struct runner *r)
{
	bool any = false;

	r->now = RTE_MAX(clock_realtime_ns(), r->now);
	ports_watch(r);
	runner_tick(r, r->now);
	for (uint16_t k = 0; r->steer != NULL && k < r->steer->count; k++)
		any |= receive_handed(r, steer_from(r->steer, k));
	if (r->steer != NULL && r->steer->ended)
		return any;
	for (uint8_t port = 0; port < r->port_count; port++)
		any |= receive_from(r, port);
	return any;
}

static bool receive_live_share(struct runner *r)
{
	bool any = false;

	r->now = RTE_MAX(clock_realtime_ns(), r->now);
	runner_tick(r, r->now);
	for (uint8_t port = 0; port < r->port_count; port++) {
		struct queue *q = port_queue_in(&r->port[port]);
		bool ended = queue_ended(q);

		any |= receive_from(r, port);
		r->port[port].ended = ended && queue_count(q) == 0;
	}
	return any;
}

/* Packets, and the timers before them. True: there was something. */
bool runner_receive(struct runner *r)
{
	bool any;

	r->ticked = false;
	if (r->fed)
		any = r->replay ? receive_share(r) : receive_live_share(r);
	else
		any = r->replay ? receive_replay(r) : receive_live(r);
	return any || r->ticked;
}
