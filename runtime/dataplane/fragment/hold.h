/* Fragments that wait in line until their datagram is judged: then all of them
 * leave as they came, or none does. A fragment stays in its burst's place until
 * the burst leaves; from then on it is kept here. */
#pragma once

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "../event/burst.h"

struct hold_pool;

/* A fragment whose burst has left. */
struct held_fragment {
	struct rte_mbuf *mbuf;
	struct held_fragment *next;
	uint8_t port; /* by which it is to leave */
};

/* All fragments of one datagram. Alive while the datagram is not whole, and while
 * a burst has one of them. */
struct fragment_hold {
	struct hold_pool *pool;
	struct fragment_hold *free;	    /* the next free one */
	struct held_fragment *first, *last; /* in order of arrival; or among the free */
	const struct rte_mbuf *whole;	    /* the frame that completes it */
	uint32_t places;		    /* packets of bursts that are its fragments */
	uint32_t mbufs;			    /* buffers that its fragments have */
	uint8_t cause;			    /* enum verdict of its drop; or VERDICT_FORWARD */
	bool waits;			    /* the datagram is not whole yet */
};

struct hold_pool {
	struct fragment_hold *free;
	struct held_fragment *free_fragments;
	struct counters *counters;
	uint32_t leaving; /* buffers of whole datagrams that have not left yet */
};

uint64_t hold_pool_memory(uint32_t holds, uint32_t fragments);
void hold_pool_init(struct hold_pool *pool, void *memory, uint32_t holds, uint32_t fragments,
		    struct counters *counters);

/* For one more datagram; NULL when all are taken. */
struct fragment_hold *hold_begin(struct hold_pool *pool);

/* No datagram comes of it: what is kept is dropped, and so is what comes later. */
void hold_refuse(struct fragment_hold *h, enum verdict cause);

/* `m` completes it. */
void hold_complete(struct fragment_hold *h, const struct rte_mbuf *m);

/* A fragment other than the last one leaves its burst with a verdict: it is kept,
 * or dropped and counted. Takes the mbuf. */
void hold_keep(struct fragment_hold *h, struct rte_mbuf *m, uint8_t port, enum verdict verdict);

/* The frame that completes a datagram is about to leave with a verdict. Returns
 * what holds for all of its fragments. */
enum verdict hold_judge(const struct fragment_hold *h, enum verdict verdict);

/* Takes the next fragment that was kept; NULL: there is none. */
struct rte_mbuf *hold_take(struct fragment_hold *h, uint8_t *port);

/* A place in a burst is no more. */
void hold_leave(struct fragment_hold *h);

/* Whether `m` is the frame that completes the datagram. */
static inline bool hold_is_completed_by(const struct fragment_hold *h, const struct rte_mbuf *m)
{
	return h->whole == m;
}
