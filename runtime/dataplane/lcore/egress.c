/* What becomes of a burst's packets: each is sent, or freed and counted. */
#include <rte_branch_prediction.h>
#include <rte_cycles.h>

#include "../event/drop.h"
#include "../fragment/hold.h"
#include "runner.h"

uint8_t chain_peer(const struct chain_run *cr, uint8_t port)
{
	const struct program_chain *p = cr->chain->program;

	return port == p->near ? p->far : p->near;
}

void runner_inject(struct runner *r, uint8_t port, struct rte_mbuf *m)
{
	struct port *p = &r->port[port];
	uint64_t bytes = 0;

	p->own = true;
	r->counters.packets_injected += port_transmit(p, &m, 1, &bytes);
	p->own = false;
}

/* Frees a packet that was dropped. False: it was not. */
static bool free_dropped(struct runner *r, struct burst *b, uint16_t packet)
{
	uint64_t *counter = verdict_counter(&r->counters, (enum verdict)b->verdict[packet]);

	if (counter == NULL)
		return false;
	(*counter)++;
	rte_pktmbuf_free(b->mbuf[packet]);
	return true;
}

static void send_run(struct runner *r, uint8_t port, struct rte_mbuf **mbufs, uint16_t count)
{
	uint16_t sent;

	if (count == 0)
		return;
	if (port == PROGRAM_NO_PORT) {
		r->counters.drop_no_far_port += count;
		rte_pktmbuf_free_bulk(mbufs, count);
		return;
	}
	sent = port_transmit(&r->port[port], mbufs, count, &r->counters.bytes_out);
	r->counters.packets_out += sent;
	r->counters.drop_transmit += count - sent;
}

static bool stack_keeps(const struct burst *b, uint16_t packet)
{
	return b->verdict[packet] == VERDICT_HOLD || b->verdict[packet] == VERDICT_CONSUME;
}

/* What was sent because of a packet leaves behind it, whatever became of it. */
static bool injected_behind(const struct flight *f, uint16_t packet)
{
	for (uint16_t i = 0; i < f->injected_count; i++)
		if (f->injected_behind[i] == packet)
			return true;
	return false;
}

static void send_injected(struct runner *r, const struct flight *f, uint16_t packet)
{
	for (uint16_t i = 0; i < f->injected_count; i++)
		if (f->injected_behind[i] == packet)
			runner_inject(r, f->injected_port[i], f->injected[i]);
}

/* The frame that completes a datagram, behind all fragments that came before. */
static void send_datagram(struct runner *r, const struct flight *f, uint16_t packet)
{
	struct burst *b = f->burst;
	struct fragment_hold *h = b->held[packet];
	struct rte_mbuf *m;
	uint8_t port;

	b->verdict[packet] = (uint8_t)hold_judge(h, (enum verdict)b->verdict[packet]);
	while ((m = hold_take(h, &port)) != NULL) {
		struct rte_mbuf *own = b->mbuf[packet];

		b->mbuf[packet] = m;
		if (!free_dropped(r, b, packet)) {
			r->counters.unmatched += b->verdict[packet] == VERDICT_UNMATCHED;
			send_run(r, port, &m, 1);
		}
		b->mbuf[packet] = own;
	}
}

/* What waits for its datagram stays; what completes one is sent on behind it.
 * False: the packet itself is still to leave. */
static bool fragment_leaves(struct runner *r, const struct flight *f, uint16_t packet)
{
	struct burst *b = f->burst;
	struct fragment_hold *h = b->held[packet];
	bool completes = hold_is_completed_by(h, b->mbuf[packet]);

	if (completes)
		send_datagram(r, f, packet);
	else
		hold_keep(h, b->mbuf[packet], f->egress[packet], (enum verdict)b->verdict[packet]);
	hold_leave(h);
	return !completes;
}

/* Whether all packets leave by one port, and nothing with them: nearly every burst. */
static bool all_leave(const struct flight *f)
{
	const struct burst *b = f->burst;
	unsigned int other = 0;

	if (unlikely(b->any_held || f->injected_count > 0 || b->count == 0))
		return false;
	for (uint16_t i = 0; i < b->count; i++)
		other |= b->verdict[i] | (unsigned int)(f->egress[i] ^ f->egress[0]);
	return other == VERDICT_FORWARD;
}

/* In order, in runs that leave by the same port. */
static void send_packets(struct runner *r, struct flight *f)
{
	struct rte_mbuf *run[BURST_MAX];
	struct burst *b = f->burst;
	uint8_t port = PROGRAM_NO_PORT;
	uint16_t count = 0;

	if (likely(all_leave(f))) {
		send_run(r, f->egress[0], b->mbuf, b->count);
		return;
	}
	for (uint16_t i = 0; i < b->count; i++) {
		bool gone = false;

		if (unlikely(b->any_held) && b->held[i] != NULL) {
			send_run(r, port, run, count);
			count = 0;
			gone = fragment_leaves(r, f, i);
		}
		gone = gone || free_dropped(r, b, i) || stack_keeps(b, i);
		if (!gone) {
			r->counters.unmatched += b->verdict[i] == VERDICT_UNMATCHED;
			if (f->egress[i] != port) {
				send_run(r, port, run, count);
				port = f->egress[i];
				count = 0;
			}
			run[count++] = b->mbuf[i];
		}
		if (unlikely(f->injected_count > 0) && injected_behind(f, i)) {
			send_run(r, port, run, count);
			count = 0;
			send_injected(r, f, i);
		}
	}
	send_run(r, port, run, count);
	send_injected(r, f, EVENT_NO_PACKET);
}

/* The same in the chain before, which sends the packets. */
static void injected_write_back(struct runner *r, struct flight *f)
{
	struct flight *parent = f->parent;

	for (uint16_t i = 0; i < f->injected_count; i++) {
		uint16_t behind = f->injected_behind[i];

		if (parent->injected_count == FLIGHT_INJECTED_MAX) {
			runner_inject(r, f->injected_port[i], f->injected[i]);
			continue;
		}
		parent->injected[parent->injected_count] = f->injected[i];
		parent->injected_port[parent->injected_count] = f->injected_port[i];
		parent->injected_behind[parent->injected_count++] =
		    behind == EVENT_NO_PACKET ? behind : f->from[behind];
	}
}

/* The chain before goes on with what was decided here. */
static void write_back(struct flight *f)
{
	struct flight *parent = f->parent;
	struct burst *b = f->burst, *to = parent->burst;

	for (uint16_t i = 0; i < b->count; i++) {
		uint8_t at = f->from[i];

		to->mbuf[at] = b->mbuf[i];
		to->verdict[at] = b->verdict[i];
		if (b->verdict[i] != VERDICT_UNMATCHED)
			parent->egress[at] = f->egress[i];
		if (unlikely(b->any_held) && b->held[i] != NULL)
			burst_hold(to, at, b->held[i]);
	}
	parent->child = false;
}

void flight_leave(struct chain_run *cr, struct flight *f)
{
	struct runner *r = cr->runner;
	uint64_t sent = r->counters.packets_out;

	if (f->parent == NULL) {
		send_packets(r, f);
		if (unlikely(r->timed))
			latency_add(&r->latency, rte_rdtsc() - f->received,
				    r->counters.packets_out - sent);
		return;
	}
	injected_write_back(r, f);
	write_back(f);
}

void flight_abort(struct chain_run *cr, struct flight *f)
{
	struct runner *r = cr->runner;
	struct burst *b = f->burst;

	for (uint16_t i = 0; i < f->injected_count; i++)
		rte_pktmbuf_free(f->injected[i]);
	if (f->parent != NULL) {
		write_back(f);
		return;
	}
	for (uint16_t i = 0; i < b->count; i++) {
		if (b->any_held && b->held[i] != NULL) {
			if (b->verdict[i] < VERDICT_DROP)
				b->verdict[i] = VERDICT_DROP_SHUTDOWN;
			if (fragment_leaves(r, f, i))
				continue;
		}
		if (free_dropped(r, b, i) || stack_keeps(b, i))
			continue;
		r->counters.drop_shutdown++;
		rte_pktmbuf_free(b->mbuf[i]);
	}
}
