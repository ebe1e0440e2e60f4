/* The lcore that has the ports: it shares out what comes in, and sends what instances
 * send. It never waits for an instance, so an instance may wait for it. */
#include "distributor.h"

#include <rte_branch_prediction.h>
#include <sched.h>

#include "../packet/dynfield.h"
#include "../port/replay.h"

bool distributor_has_more(const struct distributor *d)
{
	for (uint16_t k = 0; k < d->count; k++)
		for (uint8_t port = 0; port < d->instances[k].runner.port_count; port++)
			if (d->instances[k].out[port] != NULL &&
			    queue_has_more(d->instances[k].out[port]))
				return true;
	return false;
}

#define WAIT_NS 100000000ull /* for the end of instances; it wakes us */

/* ---- what instances send ---- */

static void transmit_run(struct runner *r, struct port *p, uint16_t count, bool own)
{
	struct distributor *d = r->distributor;
	uint64_t sent_bytes = 0, bytes = 0;
	uint16_t sent;

	if (count == 0)
		return;
	for (uint16_t i = 0; i < count; i++)
		bytes += rte_pktmbuf_pkt_len(d->mbuf[i]);
	sent = port_transmit(p, d->mbuf, count, &sent_bytes);
	if (likely(sent == count))
		return;
	if (own) {
		d->refused_own += count - sent;
		return;
	}
	d->refused += count - sent;
	d->refused_bytes += bytes - sent_bytes;
}

/* Runs of frames that count alike. */
static bool transmit_from(struct runner *r, struct port *p, struct queue *q)
{
	uint32_t there = RTE_MIN(queue_count(q), (uint32_t)BURST_MAX);
	const struct queue_frame *f;
	bool own = false;
	uint16_t count = 0;

	if (there == 0)
		return false;
	for (uint32_t i = 0; i < there; i++) {
		f = queue_at(q, i);
		if (f->own != own) {
			transmit_run(r, p, count, own);
			count = 0;
			own = f->own;
		}
		r->distributor->mbuf[count++] = f->mbuf;
	}
	queue_pass(q, there);
	transmit_run(r, p, count, own);
	return true;
}

static bool transmit_all(struct runner *r)
{
	struct distributor *d = r->distributor;
	bool any = false;

	for (uint8_t port = 0; port < r->port_count; port++)
		for (uint16_t k = 0; k < d->count; k++)
			if (d->instances[k].out[port] != NULL)
				any |= transmit_from(r, &r->port[port], d->instances[k].out[port]);
	return any;
}

/* ---- what comes in ---- */

/* In replay nothing may be lost: no more is taken than every instance has room for. */
static uint16_t room(const struct runner *r, uint8_t port)
{
	const struct distributor *d = r->distributor;
	uint32_t least = BURST_MAX;

	for (uint16_t k = 0; r->replay && k < d->count; k++)
		least = RTE_MIN(least, queue_room(d->instances[k].in[port]));
	return (uint16_t)least;
}

static uint64_t frame_time(struct runner *r, const struct port *p, uint16_t number)
{
	uint64_t time;

	if (!r->replay)
		return 0;
	time = p->times != NULL ? p->times[number] : packet_mbuf_time(r->distributor->mbuf[number]);
	r->now = RTE_MAX(time, r->now);
	return r->now;
}

static void share_out(struct runner *r, uint8_t port, uint16_t count)
{
	struct distributor *d = r->distributor;
	struct port *p = &r->port[port];

	packet_parse_bulk(d->packet, d->mbuf, count, p->link);
	for (uint16_t i = 0; i < count; i++) {
		const struct queue_frame f = {
		    .mbuf = d->mbuf[i],
		    .time = frame_time(r, p, i),
		    .link = (uint8_t)p->link,
		};
		struct queue *q = d->instances[share_instance(&d->share, &d->packet[i])].in[port];

		if (unlikely(queue_room(q) == 0))
			port_lose(p, d->mbuf[i]);
		else
			queue_put(q, &f);
	}
	for (uint16_t k = 0; k < d->count; k++)
		queue_publish(d->instances[k].in[port]);
}

static void clocks_set(struct distributor *d, uint8_t port, uint64_t now)
{
	for (uint16_t k = 0; k < d->count; k++)
		queue_set_clock(d->instances[k].in[port], now);
}

/* Every instance has done all that it was fed, and what it sent has left. */
static bool all_quiet(const struct runner *r)
{
	for (uint16_t k = 0; k < r->distributor->count; k++) {
		const struct instance *in = &r->distributor->instances[k];

		if (!queue_is_quiet(in->in[r->replay_port]))
			return false;
		for (uint8_t port = 0; port < r->port_count; port++)
			if (in->out[port] != NULL && !queue_is_empty(in->out[port]))
				return false;
	}
	return true;
}

static bool take_from(struct runner *r, uint8_t port)
{
	struct distributor *d = r->distributor;
	uint16_t max = room(r, port);
	uint16_t count = max > 0 ? port_receive(&r->port[port], d->mbuf, max) : 0;

	if (count == 0)
		return false;
	share_out(r, port, count);
	if (r->replay)
		clocks_set(d, port, r->now);
	return true;
}

/* Of a capture, once it is time for the next frame. */
static bool take_replay(struct runner *r)
{
	struct port *p = &r->port[r->replay_port];

	if (p->ended || !replay_ready(p) || replay_wait(p) > 0)
		return false;
	if (take_from(r, r->replay_port))
		return true;
	return room(r, r->replay_port) > 0 && all_quiet(r) && runner_discard_unbuffered(r);
}

static bool take_live(struct runner *r)
{
	bool any = false;

	r->now = RTE_MAX(clock_realtime_ns(), r->now);
	ports_watch(r);
	for (uint8_t port = 0; port < r->port_count; port++)
		any |= take_from(r, port);
	return any;
}

static void end_all(struct runner *r)
{
	struct distributor *d = r->distributor;

	for (uint16_t k = 0; k < d->count; k++)
		for (uint8_t port = 0; port < r->port_count; port++)
			if (d->instances[k].in[port] != NULL)
				queue_end(d->instances[k].in[port]);
	d->ended = true;
}

static bool take(struct runner *r)
{
	bool any = r->replay ? take_replay(r) : take_live(r);

	if (runner_stop_asked(r) != RUNNER_RUN || (r->replay && r->port[r->replay_port].ended))
		end_all(r);
	return any;
}

/* What was for an instance that has ended before it. */
static void count_left(struct runner *r, struct queue *q)
{
	for (; queue_count(q) > 0; queue_pass(q, 1)) {
		struct rte_mbuf *m = queue_first(q)->mbuf;

		r->counters.packets_in++;
		r->counters.bytes_in += rte_pktmbuf_pkt_len(m);
		r->counters.drop_shutdown++;
		rte_pktmbuf_free(m);
	}
}

static void count_all_left(struct runner *r)
{
	const struct distributor *d = r->distributor;

	for (uint16_t k = 0; k < d->count; k++)
		for (uint8_t port = 0; port < r->port_count; port++)
			if (d->instances[k].in[port] != NULL)
				count_left(r, d->instances[k].in[port]);
	for (unsigned int i = 0; d->handed != NULL && i < d->count * d->count; i++)
		if (d->handed[i] != NULL)
			count_left(r, d->handed[i]);
}

/* Instances have their packets by themselves. */
static void wait_for_all(struct runner *r)
{
	struct distributor *d = r->distributor;

	while (__atomic_load_n(&d->running, __ATOMIC_ACQUIRE) > 0) {
		(void)runner_stop_asked(r);
		if (d->by_device) {
			r->now = RTE_MAX(clock_realtime_ns(), r->now);
			ports_watch(r);
		}
		runner_sleep(r, WAIT_NS);
	}
}

void distributor_run(struct runner *r)
{
	struct distributor *d = r->distributor;
	uint64_t since = clock_monotonic_ns();

	d->running = d->count;
	distributor_gate_set(d, GATE_OPEN);
	if (!d->feeds)
		wait_for_all(r);
	while (__atomic_load_n(&d->running, __ATOMIC_ACQUIRE) > 0) {
		bool any = transmit_all(r);

		if (!d->ended)
			any |= take(r);
		if (any && r->one_cpu)
			sched_yield(); /* an instance may wait for this CPU, with a full queue */
		if (any)
			since = 0;
		else if (since == 0)
			since = clock_monotonic_ns();
		else
			runner_idle(r, since);
	}
	while (transmit_all(r))
		;
	count_all_left(r);
}
