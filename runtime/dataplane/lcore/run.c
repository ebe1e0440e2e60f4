/* The loop of an lcore: what workers said, timers, packets; then the end. */
#include <rte_branch_prediction.h>
#include <sched.h>

#include "../packet/dynfield.h"
#include "../port/replay.h"
#include "../stack/fragment.h"
#include "runner.h"

#define SPIN_NS 1000000ull	 /* empty polls before the first sleep */
#define SPIN_WAITING_NS 20000ull /* the same when only a worker can bring work */
#define SLEEP_MAX_NS 200000ull
#define WATCH_NS 100000000ull /* between two looks at the devices */
/* Timers of one chain before packets get their turn: bursts for one deadline each,
 * of which one that fills its log takes as long as many small ones. */
#define TICKS_AT_ONCE 64
#define TICKS_OF_A_FULL_LOG 16
/* A tick: 16 thousand in the time of a slot of 256 ms, 4 million in that of 65 s. */
#define TIMERS_PREPARED 64

void runner_warn(struct runner *r, const struct fault *fault)
{
	unsigned int count = r->warning_count;

	if (count == RUNNER_WARNINGS_MAX)
		return;
	r->warnings[count] = *fault;
	__atomic_store_n(&r->warning_count, count + 1, __ATOMIC_RELEASE);
}

/* Whether devices are still there. A cable that comes and goes all day is told
 * of some dozens of times. */
static void ports_watch(struct runner *r)
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

/* All that does not need a packet. */
static bool runner_advance(struct runner *r)
{
	bool any = false;

	for (uint8_t i = 0; i < r->chain_count; i++) {
		struct chain_run *cr = &r->chains[i];

		any |= chain_answers(cr);
		any |= chain_feed_owed(cr);
		any |= chain_publish(cr);
		any |= chain_advance(cr);
		any |= chain_retire(cr);
	}
	return any;
}

/* In replay time must not run ahead of a worker that sets timers: all that it says
 * about one tick is known before the next. */
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
	if (!timers_known(cr))
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
static void packets_set_time(struct runner *r, struct burst *b)
{
	uint64_t time = r->now;

	for (uint16_t i = 0; i < b->count; i++) {
		if (r->replay)
			time = RTE_MAX(time, packet_mbuf_time(b->mbuf[i]));
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
	packet_parse_bulk(b->packet, b->mbuf, count, r->port[port].link);
	packets_set_time(r, b);
	for (uint16_t i = 0; i < count; i++) {
		b->flow[i] = NULL;
		b->verdict[i] = VERDICT_FORWARD;
		b->dropped_by[i] = BURST_NOT_DROPPED;
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
 * the burst that it will have. */
static bool receive_from(struct runner *r, uint8_t port)
{
	struct chain_run *cr = first_chain(r, port);
	struct flight *f;
	struct burst *b;
	uint16_t count;

	if (cr == NULL || !chain_takes(cr))
		return false;
	b = cr->flights[cr->idle[cr->idle_count - 1]].burst;
	count = port_receive(&r->port[port], b->mbuf, r->burst);
	if (count == 0)
		return false;
	f = flight_begin(cr, BURST_PACKETS, r->now);
	flight_fill(r, f, port, count, chain_peer(cr, port));
	count_received(r, b);
	chain_advance(cr);
	return true;
}

static bool anything_flies(const struct runner *r)
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

/* A frame for which no buffer is free, and will be: nobody is about to give one
 * back. */
static bool discard_unbuffered(struct runner *r)
{
	struct port *p = &r->port[r->replay_port];
	uint32_t bytes;

	if (p->ended || anything_flies(r) || !workers_quiet(r))
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
static void clocks_begin(struct runner *r)
{
	struct port *p = &r->port[r->replay_port];

	r->clocks_begun = !r->replay || replay_ready(p);
	r->now = r->replay ? replay_next_time(p) : clock_realtime_ns();
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

/* One burst of the capture, once nothing is in anybody's way. */
static bool receive_replay(struct runner *r)
{
	struct port *p = &r->port[r->replay_port];
	struct chain_run *cr = first_chain(r, r->replay_port);

	if (p->ended || any_spilled(r) || records_wait(r) || !replay_ready(p) || replay_wait(p) > 0)
		return false;
	if (!r->clocks_begun)
		clocks_begin(r);
	if (!runner_tick(r, RTE_MAX(replay_next_time(p), r->now)) || !chain_takes(cr))
		return false;
	r->now = RTE_MAX(replay_next_time(p), r->now);
	return receive_from(r, r->replay_port) || discard_unbuffered(r);
}

static bool receive_live(struct runner *r)
{
	bool any = false;

	r->now = RTE_MAX(clock_realtime_ns(), r->now);
	ports_watch(r);
	runner_tick(r, r->now);
	for (uint8_t port = 0; port < r->port_count; port++)
		any |= receive_from(r, port);
	return any;
}

/* Packets, and the timers before them. True: there was something. */
static bool runner_receive(struct runner *r)
{
	bool any;

	r->ticked = false;
	any = r->replay ? receive_replay(r) : receive_live(r);
	return any || r->ticked;
}

/* Nanoseconds until something happens by itself. */
static uint64_t sleep_limit(struct runner *r)
{
	uint64_t limit = SLEEP_MAX_NS;

	if (r->replay) {
		uint64_t wait = replay_wait(&r->port[r->replay_port]);

		return wait > 0 ? RTE_MIN(wait, limit) : limit;
	}
	for (uint8_t i = 0; i < r->chain_count; i++) {
		uint64_t due = timer_wheel_next(&r->chains[i].chain->stack.wheel);
		uint64_t left = due > r->now ? due - r->now : TIMER_TICK_NS;

		limit = RTE_MIN(limit, left);
	}
	return limit;
}

/* Nothing was to do since `since`. Whoever shares the CPU with a worker must not
 * spin while that has something to do. */
static void runner_idle(struct runner *r, uint64_t since)
{
	bool waiting = r->replay || anything_flies(r);
	uint64_t idle = clock_monotonic_ns() - since;

	if (waiting && (r->one_cpu || idle > SPIN_WAITING_NS))
		runner_sleep(r, sleep_limit(r));
	else if (!r->busy && idle > SPIN_NS)
		runner_sleep(r, sleep_limit(r));
	else if (r->one_cpu)
		sched_yield();
}

static uint32_t stop_asked(struct runner *r)
{
	r->stop_seen = __atomic_load_n(&r->stop, __ATOMIC_SEQ_CST);
	return r->stop_seen;
}

static bool capture_ended(const struct runner *r)
{
	return r->replay && r->port[r->replay_port].ended;
}

static void run_until_stopped(struct runner *r)
{
	uint64_t since = clock_monotonic_ns();

	while (stop_asked(r) == RUNNER_RUN && !capture_ended(r)) {
		bool any = runner_advance(r);

		any |= runner_receive(r);
		if (any)
			since = 0;
		else if (since == 0)
			since = clock_monotonic_ns();
		else
			runner_idle(r, since);
	}
}

/* Ends all flows of a chain, once nothing else of it is on its way. True: done,
 * and nothing is on its way to its workers either. */
static bool chain_end(struct chain_run *cr)
{
	if (cr->flying > 0)
		return false;
	if (!cr->ending) {
		/* What workers say about the last packets finds its flows alive. */
		if (!chain_quiet(cr))
			return false;
		cr->ending = true;
		flight_begin(cr, BURST_SHUTDOWN, cr->runner->now);
		chain_advance(cr);
	}
	/* The last flows are given back too, once every worker has passed their end. */
	return cr->flying == 0 && chain_quiet(cr) && cr->retired_count == 0;
}

static bool runner_end(struct runner *r)
{
	/* In order: what one chain still hands on, the next has to see before its end. */
	for (uint8_t i = 0; i < r->chain_count; i++)
		if (!chain_end(&r->chains[i]))
			return false;
	return true;
}

static void warn_timed_out(struct runner *r)
{
	struct fault fault;

	fault_set(&fault, 0, FAULT_DRAIN_TIMED_OUT,
		  "a worker did not finish within %u seconds: what it had not handled is lost",
		  (unsigned int)(r->patience_ns / 1000000000ull));
	runner_warn(r, &fault);
}

/* What the workers' rings have moved since the start. */
static uint64_t workers_progress(const struct runner *r)
{
	uint64_t sum = 0;

	for (uint8_t i = 0; i < r->chain_count; i++) {
		const struct chain *c = r->chains[i].chain;

		for (uint8_t k = 0; k < c->program->outlet_count; k++)
			sum +=
			    __atomic_load_n(ring_word(outlet_events(c->outlets[k]), RING_WORD_TAIL),
					    __ATOMIC_RELAXED);
	}
	return sum;
}

static void drain(struct runner *r)
{
	uint64_t since = clock_monotonic_ns(), progress = workers_progress(r);

	for (;;) {
		bool any = runner_advance(r);
		uint64_t now;

		if (stop_asked(r) == RUNNER_NOW || (runner_end(r) && !any))
			return;
		now = clock_monotonic_ns();
		if (any || workers_progress(r) != progress) {
			progress = workers_progress(r);
			since = now;
		} else if (now - since > r->patience_ns) {
			warn_timed_out(r);
			return;
		} else {
			runner_sleep(r, SLEEP_MAX_NS);
		}
	}
}

/* From the last chain on: a child gives its packets back to its parent. */
static void abort_all(struct runner *r)
{
	for (unsigned int i = r->chain_count; i-- > 0;) {
		struct chain_run *cr = &r->chains[i];

		for (uint16_t place = 0; place < cr->flying; place++) {
			flight_abort(cr, chain_flight(cr, place));
			stack_free_datagrams(&cr->chain->stack, chain_flight(cr, place)->burst);
		}
		stack_fragments_end(&cr->chain->stack);
		cr->flying = 0;
	}
}

void runner_run(struct runner *r)
{
	struct fault fault;

	clocks_begin(r);
	run_until_stopped(r);
	if (stop_asked(r) != RUNNER_NOW)
		drain(r);
	abort_all(r);
	if (r->replay && replay_fault(&r->port[r->replay_port], &fault))
		runner_warn(r, &fault);
}
