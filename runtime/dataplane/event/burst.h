/* Up to 256 packets on their way through a chain, with all that was found out
 * about them. A burst is run in rounds when its events do not fit the log:
 * stack, network functions, stack, …; its packets leave after the last round. */
#pragma once

#include <rte_mbuf.h>
#include <stdint.h>
#include <string.h>

#include "../counter.h"
#include "../flow/flow.h"
#include "../packet/packet.h"
#include "../tcp/track.h"
#include "event.h"

#define BURST_MAX 256
#define BURST_OUTLETS_MAX 256

struct fragment_hold;

/* What becomes of a packet; all but FORWARD, HOLD and CONSUME name the counter
 * of the drop. */
enum verdict {
	VERDICT_FORWARD = 0,
	VERDICT_HOLD,	   /* a fragment: waits for its datagram */
	VERDICT_CONSUME,   /* taken by the stack (seam, unused) */
	VERDICT_UNMATCHED, /* not this chain's: handed on unchanged */
	VERDICT_DROP,	   /* first drop cause: an NF said drop */
	VERDICT_DROP_FLOW,
	VERDICT_DROP_BLOCKED,
	VERDICT_DROP_REWRITTEN,
	VERDICT_DROP_UNKEPT,
	VERDICT_DROP_UNHEARD,
	VERDICT_DROP_MALFORMED,
	VERDICT_DROP_UNREAD,
	VERDICT_DROP_OVERLOAD,
	VERDICT_DROP_ERROR,
	VERDICT_DROP_FRAGMENT_REFUSED,
	VERDICT_DROP_FRAGMENT_EXPIRED,
	VERDICT_DROP_FRAGMENT_EVICTED,
	VERDICT_DROP_SHUTDOWN,
};

#define BURST_NO_NF UINT8_MAX /* whoever drops a packet is no NF */

/* Why a burst is run. */
enum burst_kind {
	BURST_PACKETS = 0,
	BURST_TICK,	    /* timers that are due; no packets */
	BURST_PUBLICATIONS, /* what workers published; no packets, the log is filled */
	BURST_SHUTDOWN,	    /* ends all flows; no packets */
};

struct burst {
	uint16_t count;	   /* packets */
	uint16_t next;	   /* first packet the stack has not finished */
	uint16_t port;	   /* ingress, index in the program */
	uint16_t complete; /* the stack has raised all events of all packets */
	uint16_t guessed;  /* packets whose flows are being fetched */
	uint16_t found;	   /* packets whose flows are known, as of then, in `flow` */
	uint8_t kind;	   /* enum burst_kind */
	uint16_t slot;	   /* among the bursts in flight: rings name it */
	uint32_t serial;   /* of the burst, wraps */
	uint64_t now;	   /* nanoseconds */
	struct counters *counters;
	struct event_log log;
	uint32_t dead; /* list of ended flows (flow.newer), freed after the burst */
	/* A release of held bytes that found the log full goes on in the next round. */
	uint32_t resume_stream; /* id, or STREAM_NONE */
	uint8_t resume_stage;	/* how far the stack has come with packet `next` */
	struct chunk *released; /* memory that events point into: stack_free_burst() */
	uint8_t any_blocked;	/* a packet belongs to a flow that an NF blocked */
	uint8_t behind;		/* there are bursts before it whose verdicts may be to come */
	uint8_t wants_front;	/* goes on when there are none */
	bool any_held;		/* `held` is set */
	bool any_late;		/* `late` is set */
	uint16_t whole_count;	/* packets that are datagrams which this burst completed */
	struct flow *flow[BURST_MAX];
	uint8_t verdict[BURST_MAX]; /* enum verdict */
	/* A bit for each NF that dropped the packet, by number among those that drop:
	 * of several that run at one time none may hide another. */
	uint64_t dropped_by[BURST_MAX];
	struct rte_mbuf *mbuf[BURST_MAX];
	struct packet packet[BURST_MAX];
	struct fragment_hold *held[BURST_MAX]; /* of a fragment that waits, and of the frame
						  that completes its datagram; else NULL */
	uint8_t whole[BURST_MAX];	       /* indices of these packets: freed after the burst */
	uint64_t late[BURST_OUTLETS_MAX / 64]; /* a bit for each outlet that it has given up */
	/* Of the packet's flow before the packet; where an NF may reset. */
	struct tcp_numbers numbers[BURST_MAX];
	uint16_t spoken[BURST_MAX]; /* its flags with the packet: who has spoken */
};

/* Says to which datagram's fragments a packet belongs, now that one does. */
static inline void burst_hold(struct burst *b, uint16_t packet, struct fragment_hold *hold)
{
	if (!b->any_held)
		memset(b->held, 0, sizeof(b->held));
	b->any_held = true;
	b->held[packet] = hold;
}

/* It has waited for an outlet's worker long enough: later functions have their turn
 * without what that says. */
static inline void burst_give_up(struct burst *b, uint8_t outlet)
{
	if (!b->any_late)
		memset(b->late, 0, sizeof(b->late));
	b->any_late = true;
	b->late[outlet / 64] |= 1ull << (outlet % 64);
}

/* What this worker says of the burst comes too late for some: they have had their turn,
 * or their round. */
static inline bool burst_is_late(const struct burst *b, uint8_t outlet)
{
	return unlikely(b->any_late) && (b->late[outlet / 64] >> (outlet % 64) & 1) != 0;
}

/* Whether one NF has dropped the packet before. */
static inline bool burst_dropped_by(const struct burst *b, uint16_t packet, uint8_t block)
{
	return block < 64 && (b->dropped_by[packet] >> block & 1) != 0;
}

/* Whether a drop's cause is an NF, and not the stack. */
static inline bool verdict_is_of_nf(uint8_t verdict)
{
	return (verdict >= VERDICT_DROP && verdict <= VERDICT_DROP_BLOCKED) ||
	       verdict == VERDICT_DROP_OVERLOAD || verdict == VERDICT_DROP_ERROR;
}

/* Any drop wins. Of several NFs' causes the first of the enumeration is counted: who
 * said so first depends on how fast workers are. */
static inline void burst_drop(struct burst *b, uint16_t packet, enum verdict cause, uint8_t block)
{
	if (b->verdict[packet] < VERDICT_DROP ||
	    (block < 64 && verdict_is_of_nf(b->verdict[packet]) && cause < b->verdict[packet]))
		b->verdict[packet] = (uint8_t)cause;
	if (block < 64)
		b->dropped_by[packet] |= 1ull << block;
}
