/* The loop of an lcore: what workers said, timers, packets; then the end. */
#include <rte_branch_prediction.h>
#include <pthread.h>
#include <rte_cycles.h>
#include <sched.h>

#include "../port/replay.h"
#include "../stack/fragment.h"
#include "distributor.h"

#define SPIN_NS 1000000ull	 /* empty polls before the first sleep */
#define SPIN_WAITING_NS 20000ull /* the same when only a worker can bring work */
#define SLEEP_MAX_NS 200000ull

void runner_warn(struct runner *r, const struct fault *fault)
{
	static pthread_mutex_t several = PTHREAD_MUTEX_INITIALIZER;
	struct runner *keeper = r->main != NULL ? r->main : r;
	unsigned int count;

	pthread_mutex_lock(&several);
	count = keeper->warning_count;
	if (count < RUNNER_WARNINGS_MAX) {
		keeper->warnings[count] = *fault;
		__atomic_store_n(&keeper->warning_count, count + 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&several);
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

/* Nanoseconds until something happens by itself. */
static uint64_t sleep_limit(struct runner *r)
{
	uint64_t limit = SLEEP_MAX_NS;

	if (r->replay && !r->fed) {
		uint64_t wait = replay_wait(&r->port[r->replay_port]);

		return wait > 0 ? RTE_MIN(wait, limit) : limit;
	}
	for (uint8_t i = 0; !r->replay && i < r->chain_count; i++) {
		uint64_t due = timer_wheel_next(&r->chains[i].chain->stack.wheel);
		uint64_t left = due > r->now ? due - r->now : TIMER_TICK_NS;

		limit = RTE_MIN(limit, left);
	}
	return limit;
}

/* Nothing was to do since `since`. Whoever shares the CPU with a worker must not
 * spin while that has something to do. */
void runner_idle(struct runner *r, uint64_t since)
{
	bool waiting = r->replay || runner_flies(r);
	uint64_t idle = clock_monotonic_ns() - since;

	if (waiting && (r->one_cpu || idle > SPIN_WAITING_NS))
		runner_sleep(r, sleep_limit(r));
	else if (!r->busy && idle > SPIN_NS)
		runner_sleep(r, sleep_limit(r));
	else if (r->one_cpu)
		sched_yield();
}

uint32_t runner_stop_asked(struct runner *r)
{
	r->stop_seen = __atomic_load_n(&r->stop, __ATOMIC_SEQ_CST);
	return r->stop_seen;
}

static bool capture_ended(const struct runner *r)
{
	return r->replay && r->port[r->replay_port].ended &&
	       (r->now >= r->until || !r->clocks_begun);
}

static void run_until_stopped(struct runner *r)
{
	uint64_t since = clock_monotonic_ns();

	while (runner_stop_asked(r) == RUNNER_RUN && !capture_ended(r)) {
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

/* All that it was fed has come in: the feeder ends first, and so does each instance that
 * hands on. */
static bool fed_ended(const struct runner *r)
{
	if (r->steer != NULL)
		return steer_has_ended(r->steer);
	for (uint8_t i = 0; i < r->port_count; i++)
		if (port_queue_in(&r->port[i]) != NULL && !r->port[i].ended)
			return false;
	return true;
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

/* What the feeder had taken before it was told to stop is finished, unless a worker
 * stands still. False: that was so. */
static bool run_until_fed(struct runner *r)
{
	uint64_t since = clock_monotonic_ns(), progress = workers_progress(r), asked = 0;

	while (runner_stop_asked(r) != RUNNER_NOW && !fed_ended(r)) {
		bool any = runner_advance(r);

		any |= runner_receive(r);
		if (any || workers_progress(r) != progress) {
			progress = workers_progress(r);
			since = 0;
			continue;
		}
		if (since == 0)
			since = clock_monotonic_ns();
		if (r->stop_seen == RUNNER_DRAIN && asked == 0)
			asked = clock_monotonic_ns();
		if (asked != 0 && clock_monotonic_ns() - RTE_MAX(asked, since) > r->patience_ns) {
			warn_timed_out(r);
			return false;
		}
		runner_idle(r, since);
	}
	return true;
}

static void drain(struct runner *r)
{
	uint64_t since = clock_monotonic_ns(), progress = workers_progress(r);

	for (;;) {
		bool any = runner_advance(r);
		uint64_t now;

		if (runner_stop_asked(r) == RUNNER_NOW || (runner_end(r) && !any))
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

/* Of several that read it the first one says what was wrong with it. */
static bool reads_capture(const struct runner *r)
{
	if (!r->replay || r->fed || r->port[r->replay_port].ops == NULL)
		return false;
	return r->main == NULL || r == runner_instance(r->main, 0);
}

void runner_run(struct runner *r)
{
	struct fault fault;
	bool drains = true;
	uint64_t begin;

	if (r->distributor == NULL)
		runner_clocks_begin(r);
	begin = rte_rdtsc();
	if (r->distributor != NULL)
		distributor_run(r);
	else if (!r->fed)
		run_until_stopped(r);
	if (r->steer != NULL)
		steer_end(r->steer);
	if (r->fed || r->steer != NULL)
		drains = run_until_fed(r);
	if (drains && runner_stop_asked(r) != RUNNER_NOW)
		drain(r);
	r->cycles = rte_rdtsc() - begin;
	abort_all(r);
	__atomic_store_n(&r->drains, false, __ATOMIC_SEQ_CST);
	if (reads_capture(r) && replay_fault(&r->port[r->replay_port], &fault))
		runner_warn(r, &fault);
}
