/* Frames between the lcore that has the ports and an instance of the dataplane, or
 * between two instances: one producer, one consumer. What the instance sees of the
 * first is a port. */
#pragma once

#include <rte_common.h>

#include "../ring/sleeper.h"
#include "port.h"

#define QUEUE_SLOTS 1024u /* between the lcore that has the ports and an instance */
#define QUEUE_TAKE_MAX 256

struct queue_frame {
	struct rte_mbuf *mbuf;
	uint64_t time; /* of a capture, nanoseconds; 0: live */
	uint8_t link;  /* enum link_type */
	uint8_t port;  /* that it came in by, where a queue is for several */
	bool own;      /* the stack itself sends it */
};

/* Head and tail count frames and wrap at 2^32. */
struct queue {
	struct sleeper *producer, *consumer;
	uint32_t slots; /* a power of two */
	/* The producer's. */
	uint32_t head __rte_cache_aligned; /* frames before it are there */
	uint32_t next;			   /* frames before it are put, and may be there later */
	uint64_t clock; /* no frame that comes later is earlier than this; 0: live */
	uint32_t ended; /* none comes any more */
	/* The consumer's. */
	uint32_t tail __rte_cache_aligned;
	uint32_t looked; /* the head that it saw last */
	uint32_t quiet;	 /* up to here all is done, and nothing is on its way */
	uint64_t times[QUEUE_TAKE_MAX];
	struct queue_frame frame[] __rte_cache_aligned;
};

/* `slots`: a power of two. NULL: no memory. */
struct queue *queue_create(uint32_t slots, struct sleeper *producer, struct sleeper *consumer);
/* Frees what is still in it. */
void queue_destroy(struct queue *q);

/* ---- the producer ---- */

static inline uint32_t queue_room(const struct queue *q)
{
	return q->slots - (q->next - __atomic_load_n(&q->tail, __ATOMIC_ACQUIRE));
}

/* There is room. Nobody sees it before queue_publish(). */
static inline void queue_put(struct queue *q, const struct queue_frame *f)
{
	q->frame[q->next++ & (q->slots - 1)] = *f;
}

static inline void queue_publish(struct queue *q)
{
	if (q->head == q->next)
		return;
	__atomic_store_n(&q->head, q->next, __ATOMIC_RELEASE);
	sleeper_nudge(q->consumer);
}

/* All frames before `clock` were published. */
void queue_set_clock(struct queue *q, uint64_t clock);
void queue_end(struct queue *q);

/* Whether the consumer has done all that it was sent. */
static inline bool queue_is_quiet(const struct queue *q)
{
	return __atomic_load_n(&q->quiet, __ATOMIC_ACQUIRE) == q->head;
}

/* ---- the consumer ---- */

/* Frames that are there. */
static inline uint32_t queue_count(struct queue *q)
{
	q->looked = __atomic_load_n(&q->head, __ATOMIC_ACQUIRE);
	return q->looked - q->tail;
}

static inline bool queue_ended(const struct queue *q)
{
	return __atomic_load_n(&q->ended, __ATOMIC_ACQUIRE) != 0;
}

static inline uint64_t queue_clock(const struct queue *q)
{
	return __atomic_load_n(&q->clock, __ATOMIC_ACQUIRE);
}

/* More has come since it was looked at. */
static inline bool queue_has_more(const struct queue *q)
{
	return __atomic_load_n(&q->head, __ATOMIC_ACQUIRE) != q->looked;
}

static inline bool queue_is_empty(const struct queue *q)
{
	return __atomic_load_n(&q->head, __ATOMIC_ACQUIRE) == q->tail;
}

/* By number of queue_count(). */
static inline const struct queue_frame *queue_at(const struct queue *q, uint32_t number)
{
	return &q->frame[(q->tail + number) & (q->slots - 1)];
}

/* The first of queue_count(), which is not 0. */
static inline const struct queue_frame *queue_first(const struct queue *q)
{
	return queue_at(q, 0);
}

static inline void queue_pass(struct queue *q, uint32_t count)
{
	__atomic_store_n(&q->tail, q->tail + count, __ATOMIC_RELEASE);
	sleeper_nudge(q->producer);
}

/* Frames of the first one's port, from the front; returns how many. queue_count() was
 * not 0. */
uint16_t queue_take(struct queue *q, struct rte_mbuf **mbufs, uint16_t max);

static inline void queue_say_quiet(struct queue *q)
{
	if (q->quiet == q->tail)
		return;
	__atomic_store_n(&q->quiet, q->tail, __ATOMIC_RELEASE);
	sleeper_nudge(q->producer);
}

/* ---- as a port of the instance ---- */

/* `in`: NULL: nothing comes in. `out`: NULL: what is sent is forgotten. With
 * `lossless` a full queue is waited for: its consumer never waits for us.
 * 0 or -ENOMEM. */
int port_open_queue(struct port *p, const char *name, struct queue *in, struct queue *out,
		    bool lossless);

/* Of a port that port_open_queue() made; or NULL. */
struct queue *port_queue_in(const struct port *p);
bool port_is_queue(const struct port *p);
