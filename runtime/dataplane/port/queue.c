#include "queue.h"

#include <errno.h>
#include <rte_mbuf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "../timer/wheel.h"

struct queue_port {
	struct queue *in, *out;
};

struct queue *queue_create(uint32_t slots, struct sleeper *producer, struct sleeper *consumer)
{
	size_t size = sizeof(struct queue) + slots * sizeof(struct queue_frame);
	struct queue *q =
	    aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_ALIGN_CEIL(size, (size_t)RTE_CACHE_LINE_SIZE));

	if (q == NULL)
		return NULL;
	memset(q, 0, size);
	q->slots = slots;
	q->producer = producer;
	q->consumer = consumer;
	return q;
}

void queue_destroy(struct queue *q)
{
	if (q == NULL)
		return;
	for (uint32_t at = q->tail; at != q->next; at++)
		rte_pktmbuf_free(q->frame[at & (q->slots - 1)].mbuf);
	free(q);
}

void queue_set_clock(struct queue *q, uint64_t clock)
{
	__atomic_store_n(&q->clock, clock, __ATOMIC_RELEASE);
}

void queue_end(struct queue *q)
{
	__atomic_store_n(&q->ended, 1, __ATOMIC_RELEASE);
	sleeper_nudge(q->consumer);
}

uint16_t queue_take(struct queue *q, struct rte_mbuf **mbufs, uint16_t max)
{
	uint8_t port = queue_first(q)->port;
	uint32_t there = RTE_MIN(q->looked - q->tail, (uint32_t)max);
	uint16_t count = 0;

	while (count < there && queue_at(q, count)->port == port) {
		mbufs[count] = queue_at(q, count)->mbuf;
		count++;
	}
	queue_pass(q, count);
	return count;
}

/* As of a capture that is replayed: a burst ends where timers may be due, and where
 * the link type changes. */
static uint16_t queue_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	const struct queue_port *s = p->state;
	struct queue *q = s->in;
	uint32_t there = q != NULL ? queue_count(q) : 0;
	const struct queue_frame *first, *f;
	uint16_t count = 0;

	if (there == 0)
		return 0;
	first = queue_first(q);
	max = (uint16_t)RTE_MIN(RTE_MIN(there, (uint32_t)max), (uint32_t)QUEUE_TAKE_MAX);
	while (count < max) {
		f = queue_at(q, count);
		if (f->link != first->link ||
		    f->time / TIMER_TICK_NS != first->time / TIMER_TICK_NS)
			break;
		mbufs[count] = f->mbuf;
		q->times[count++] = f->time;
	}
	p->link = (enum link_type)first->link;
	p->times = first->time != 0 ? q->times : NULL;
	queue_pass(q, count);
	return count;
}

static uint16_t queue_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	const struct queue_port *s = p->state;
	struct queue *q = s->out;
	struct queue_frame f = {.link = (uint8_t)p->link, .own = p->own};
	uint16_t sent;

	if (q == NULL) {
		rte_pktmbuf_free_bulk(mbufs, count);
		return count;
	}
	sent = (uint16_t)RTE_MIN(queue_room(q), (uint32_t)count);
	for (uint16_t i = 0; i < sent; i++) {
		f.mbuf = mbufs[i];
		queue_put(q, &f);
	}
	queue_publish(q);
	return sent;
}

static uint16_t queue_transmit_all(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	uint16_t sent = queue_transmit(p, mbufs, count);

	while (sent < count) {
		sched_yield();
		sent += queue_transmit(p, mbufs + sent, count - sent);
	}
	return sent;
}

static void queue_port_close(struct port *p)
{
	free(p->state);
	p->state = NULL;
}

static const struct port_ops queue_ops = {
    .receive = queue_receive,
    .transmit = queue_transmit,
    .close = queue_port_close,
};

static const struct port_ops lossless_ops = {
    .receive = queue_receive,
    .transmit = queue_transmit_all,
    .close = queue_port_close,
};

int port_open_queue(struct port *p, const char *name, struct queue *in, struct queue *out,
		    bool lossless)
{
	struct queue_port *s = malloc(sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	*s = (struct queue_port){.in = in, .out = out};
	*p = (struct port){.ops = lossless ? &lossless_ops : &queue_ops,
			   .state = s,
			   .name = name,
			   .link = LINK_ETHERNET,
			   .ended = in == NULL};
	return 0;
}

bool port_is_queue(const struct port *p)
{
	return p->ops == &queue_ops || p->ops == &lossless_ops;
}

struct queue *port_queue_in(const struct port *p)
{
	const struct queue_port *s = p->state;

	return port_is_queue(p) ? s->in : NULL;
}
