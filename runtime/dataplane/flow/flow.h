/* The record of a flow: a fixed part for every flow, then the parts that the
 * chain's subscribers need, at offsets that are constants of the generated
 * unit (struct stack_features); an absent part takes no memory. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../nf.h"
#include "../timer/wheel.h"
#include "key.h"

#define FLOW_NONE UINT32_MAX

enum flow_flag {
	FLOW_LIVE = 1 << 0,	     /* in the table */
	FLOW_MIDSTREAM = 1 << 1,     /* its SYN was not seen */
	FLOW_CLIENT_SECOND = 1 << 2, /* the client is the key's second end */
	FLOW_ENDING = 1 << 3,	     /* FLOW_END was raised; freed after the burst, or lingers */
	FLOW_BLOCKED = 1 << 4,	     /* a struct flow_block of it is in force */
	FLOW_ESTABLISHED_SEEN = 1 << 5,
	FLOW_CLIENT_SEEN = 1 << 6, /* packets of this side passed */
	FLOW_SERVER_SEEN = 1 << 7,
	FLOW_EMBRYONIC = 1 << 8,      /* no handshake yet: first to be evicted */
	FLOW_ACROSS = 1 << 9,	      /* each side comes in at a port of its own, as `port` says */
	FLOW_CLIENT_PREFIX = 1 << 10, /* its struct flow_prefix has this side's */
	FLOW_SERVER_PREFIX = 1 << 11,
};

/* Fixed part, two cache lines. Owned by the stack's lcore. All that a usual packet of
 * IPv4 touches is in the first one; the second has the rest of a larger key, and what is
 * touched when a flow begins, ends, or is silent. */
struct flow {
	uint32_t hash;
	uint32_t index;
	uint32_t generation;   /* 29 bits; raised when the record is freed */
	uint16_t flags;	       /* enum flow_flag */
	uint8_t proto;	       /* IP protocol */
	uint8_t state;	       /* enum tcp_flow_state for TCP */
	uint64_t last_seen;    /* nanoseconds */
	uint16_t port[2];      /* ingress port per enum mbx_direction */
	uint32_t listed;       /* milliseconds of last_seen when it was put in its list; wraps */
	uint32_t older, newer; /* eviction lists (embryonic, idle), flow indices */
	struct flow_key key;
	struct wheel_timer idle; /* the stack's own timer: idle, TIME-WAIT, embryonic */
	uint64_t started;	 /* nanoseconds, time of the first packet */
};

#define FLOW_LINE 64

_Static_assert(sizeof(struct flow) <= 2 * FLOW_LINE, "the fixed part is two cache lines");
_Static_assert(offsetof(struct flow, key.word[FLOW_KEY_WORDS_IP4 + FLOW_KEY_WORDS_ZONE]) <=
		   FLOW_LINE,
	       "a key of IPv4 is in the first line");
_Static_assert(offsetof(struct flow, idle) >= FLOW_LINE, "the timer is in the second line");

/* Optional parts. Arrays of two are by enum mbx_direction of the sender. */

struct flow_counters {
	uint64_t packets[2];
	uint64_t bytes[2]; /* of frames */
};

/* TTL, or hop limit, of each side's first packet, and whether another one came. */
struct flow_ttl {
	uint8_t first[2];
	uint8_t changed;
};

enum flow_ban_state {
	FLOW_BAN_NONE = 0,
	FLOW_BAN_NEW, /* packets before its cause may still be on their way */
	FLOW_BAN_OLD,
};

/* From when on something is forbidden: for packets after the one that caused
 * it. */
struct flow_ban {
	uint32_t seq;	 /* of a stream: payload that reaches it */
	uint32_t serial; /* of the burst that holds the cause */
	uint16_t packet; /* index in it; EVENT_NO_PACKET: before all */
	uint16_t active; /* enum flow_ban_state */
};

/* What one NF that `drops` has forbidden for a flow: payload that reaches a
 * sequence number of a direction, or everything. */
struct flow_block {
	struct flow_ban stream[2];
	struct flow_ban flow;
};

/* What the frames of each direction have before the flow's IP header, for frames
 * that the stack itself sends: `room` bytes for each direction. */
struct flow_prefix {
	uint8_t len[2]; /* and 1 more; 0: not seen, or longer than the room */
	uint8_t bytes[];
};

#define FLOW_PREFIX_SIZE(room) (sizeof(struct flow_prefix) + 2 * (room))
#define FLOW_PREFIX_LINK 30    /* Ethernet and four tags; any other link */
#define FLOW_PREFIX_TUNNEL 126 /* GENEVE over IPv6 with 40 bytes of options */

static inline struct mbx_flow flow_handle(const struct flow *f)
{
	return (struct mbx_flow){.index = f->index, .generation = f->generation};
}

/* Sender's side of a packet of this flow; `reversed` as in struct packet. */
static inline enum mbx_direction flow_direction(const struct flow *f, uint8_t reversed)
{
	return (enum mbx_direction)((reversed != 0) ^ ((f->flags & FLOW_CLIENT_SECOND) != 0));
}
