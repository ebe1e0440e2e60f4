/* The event log of a burst: records of 64-byte slots, in order of (packet,
 * ordinal). Network functions take turns in the path's order, each over the
 * whole log; what one publishes while handling an event stands immediately
 * before that event for those that come later. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <stdint.h>

#include "../nf.h"

#define EVENT_SLOT_SIZE 64
#define EVENT_SLOTS_MAX 8 /* per record, in the log and in rings */
#define EVENT_END UINT32_MAX
#define EVENT_NO_PACKET UINT16_MAX
#define EVENT_FROM_STACK UINT8_MAX

/* The built-in events that are raised; the catalog's order (a test compares).
 * User events are numbered from EVENT_USER in the generated unit. */
enum event_type {
	EVENT_PKT = 0, /* a frame without an IP header */
	EVENT_PKT_IP,  /* IP, none of the following */
	EVENT_PKT_TCP,
	EVENT_PKT_UDP,
	EVENT_PKT_ICMP,
	EVENT_PKT_MALFORMED,
	EVENT_FLOW_START,
	EVENT_FLOW_ESTABLISHED,
	EVENT_FLOW_REXMIT,
	EVENT_FLOW_OVERLAP,
	EVENT_FLOW_GAP,
	EVENT_FLOW_END,
	EVENT_FLOW_UDP,
	EVENT_FLOW_ICMP,
	EVENT_FLOW_ICMP_ERROR,
	EVENT_TIMER,
	EVENT_DATA_TCP,
	EVENT_BUILTIN,
	EVENT_USER = 32,
};

/* Why a flow ended; the catalog's FlowEndReason. */
enum event_flow_end_reason {
	FLOW_END_FIN = 0,
	FLOW_END_RST,
	FLOW_END_IDLE,
	FLOW_END_EVICTED,
	FLOW_END_SHUTDOWN,
};

enum event_flag {
	EVENT_MIDSTREAM = 1 << 0,
	EVENT_AFTER_GAP = 1 << 1, /* DATA: bytes before it are missing */
	EVENT_HELD = 1 << 2,	  /* DATA: the bytes are from memory; their packet may have left */
	EVENT_UNSETTLED = 1 << 3, /* DATA: who hears it may change before it is heard */
	EVENT_WAS_HEARD = 1 << 4, /* DATA: somebody has, as far as that matters */
	EVENT_MISSED = 1 << 5,	  /* GAP: of one NF, which has not heard these bytes */
	EVENT_FOLLOWED = 1 << 6,  /* DATA, unsettled: compared for who hears of overlaps */
	EVENT_UNCOUNTED = 1 << 7, /* counted once it is known that somebody hears it */
};

/* Head of every record; 40 bytes. The event's own fields and its snapshot of
 * the flow follow, laid out by the generated unit. */
struct event {
	uint32_t next; /* slot of the next in order, or EVENT_END */
	uint16_t type;
	uint16_t packet;      /* index in the burst, or EVENT_NO_PACKET */
	struct mbx_flow flow; /* index is FLOW_NONE where there is none */
	uint64_t time;	      /* nanoseconds since the epoch */
	uint8_t slots;
	uint8_t publisher; /* number of the NF, or EVENT_FROM_STACK */
	uint8_t dir;	   /* enum mbx_direction */
	uint8_t flags;	   /* enum event_flag */
	uint8_t target;	   /* TIMER: number of the NF that set it */
	uint8_t reserved[3];
	uint64_t offset; /* stream offset of DATA_TCP and of REXMIT, OVERLAP, GAP */
};

/* DATA_TCP as it stands in the log: two slots at most with its snapshot. */
struct event_data {
	struct event head;
	const uint8_t *data; /* contiguous, valid until the burst's records are gone */
	uintptr_t owner;     /* whose memory it is: memory/owner.h */
	uint32_t len;
	uint32_t seq; /* sequence number of the first byte */
};

struct event_log {
	uint8_t *slots;	   /* 64-byte aligned */
	uint32_t capacity; /* slots */
	uint32_t used;
	uint32_t stack_limit; /* the stack stops here: the rest is for publications */
	uint32_t first, last; /* EVENT_END when empty */
};

static inline void event_log_reset(struct event_log *log)
{
	log->used = 0;
	log->first = EVENT_END;
	log->last = EVENT_END;
}

static inline struct event *event_log_at(const struct event_log *log, uint32_t slot)
{
	return (struct event *)(log->slots + (size_t)slot * EVENT_SLOT_SIZE);
}

/* Slots that the stack may still fill. */
static inline uint32_t event_log_room(const struct event_log *log)
{
	return log->used < log->stack_limit ? log->stack_limit - log->used : 0;
}

/* Appends a record of `slots` slots at the end; its head is zeroed but for
 * `slots`. The caller has made sure of room (event_log_room). */
static inline struct event *event_log_append(struct event_log *log, unsigned int slots)
{
	uint32_t at = log->used;
	struct event *e = event_log_at(log, at);

	*e = (struct event){.next = EVENT_END, .slots = (uint8_t)slots};
	log->used += slots;
	if (log->last == EVENT_END)
		log->first = at;
	else
		event_log_at(log, log->last)->next = at;
	log->last = at;
	return e;
}

/* The slot behind a record; EVENT_END behind the last. Nearly always it is the `guess`,
 * which the CPU goes on with: to wait for each link would be most of a short handler's
 * time. The compiler is not told that both are the same. */
static __rte_always_inline uint32_t event_log_next(const struct event *e, uint32_t guess)
{
	__asm__("" : "+r"(guess));
	if (likely(e->next == guess))
		return guess;
	guess = e->next;
	__asm__ volatile("" : "+r"(guess));
	return guess;
}

/* Where a reader of the log stands: `link` is what points to the current
 * record, so that a publication can be put before it. */
struct event_cursor {
	uint32_t *link;
};

/* Inserts a record immediately before the cursor's current one; NULL when the
 * log is full. */
static inline struct event *event_log_insert(struct event_log *log, struct event_cursor *at,
					     unsigned int slots)
{
	struct event *e;

	if (log->used + slots > log->capacity)
		return NULL;
	e = event_log_at(log, log->used);
	*e = (struct event){.next = *at->link, .slots = (uint8_t)slots};
	*at->link = log->used;
	at->link = &e->next;
	log->used += slots;
	return e;
}
