/* A µStack: state and seams. The hot path is `monitor_run_tmpl` and
 * `l3_run_tmpl` (monitor.h, l3.h), instantiated by the generated unit with a
 * constant feature set, so that what the chain does not need is not there. */
#pragma once

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <stdbool.h>
#include <stdint.h>

#include "../event/burst.h"
#include "../event/event.h"
#include "../flow/flow.h"
#include "../flow/table.h"
#include "../memory/chunk.h"
#include "../tcp/reassembly.h"
#include "../timer/wheel.h"

enum checksum_policy {
	CHECKSUM_VERIFY = 0, /* a wrong one: the host ignores the packet, so do we */
	CHECKSUM_TRUST,	     /* not looked at: captures with offloaded checksums */
	CHECKSUM_DEVICE,     /* as the device says, in software where it does not */
};

/* Kinds of struct wheel_timer in flow records. */
enum stack_timer_kind {
	STACK_TIMER_IDLE = 1,	  /* the stack's own */
	STACK_TIMER_NF = 2,	  /* set by an NF: raises TIMER for it */
	STACK_TIMER_FRAGMENT = 3, /* the owner is a datagram, not a flow */
};

/* What one stack of one chain does. All members are compile-time constants of
 * the generated unit; offsets are bytes in the flow record (offsetof in the
 * generated record type) and only used where the feature is on. The members in
 * the first group are the features that the plan lists by these names. */
struct stack_features {
	bool flows;	      /* a flow table at all */
	bool tcp;	      /* TCP connections are tracked */
	bool udp;	      /* UDP flows */
	bool icmp;	      /* flows of ICMP queries */
	bool icmp_errors;     /* ICMP errors are matched to the flow that they concern */
	bool packet_events;   /* PKT and descendants are raised */
	bool packet_verdicts; /* who hears PKT_TCP may drop, and somebody hears bytes */
	bool counters;	      /* flow.packets, flow.bytes */
	bool rtt;	      /* flow.rtt */
	bool ttl;	      /* flow.ttl.changed */
	bool data_client;     /* bytes that the client sends are put in order */
	bool data_server;
	bool rexmit;	/* FLOW_REXMIT is heard */
	bool overlap;	/* FLOW_OVERLAP is heard: history is kept */
	bool gap;	/* FLOW_GAP is heard */
	bool drops;	/* an NF may drop: blocks are kept */
	bool unheard;	/* `unheard drop`: TCP bytes leave only once they are heard */
	bool injects;	/* an NF may reset: L2 headers are kept */
	bool nf_timers; /* an NF hears TIMER */
	bool stashes;	/* from start */
	bool fragments; /* IP datagrams are put together */

	enum checksum_policy checksum;
	enum overlap_policy overlap_policy;
	bool urgent_inline;
	bool malformed_drop;
	bool event_by_event;	     /* a round ends with each packet */
	uint8_t decap;		     /* enum packet_tunnel that are looked into */
	bool holds_fragments;	     /* in line, until their datagram is judged */
	bool drops_unread;	     /* an NF may drop: nothing passes that nobody could read */
	bool match_addresses;	     /* `match` asks for nothing that a fragment could not answer */
	uint32_t history;	     /* bytes of delivered data kept a direction */
	uint64_t idle_ns;	     /* of TCP, and where the following are 0 */
	uint64_t idle_udp_ns;	     /* of UDP, answered */
	uint64_t idle_icmp_ns;	     /* of ICMP queries, answered */
	uint64_t idle_unanswered_ns; /* of both, when less than theirs */

	uint16_t record_size;
	uint16_t record_used; /* up to what few packets touch */
	uint16_t tcp_at;      /* struct tcp_track */
	uint16_t counters_at; /* struct flow_counters */
	uint16_t ttl_at;      /* struct flow_ttl */
	uint16_t stream_at;   /* struct stream[2] */
	uint16_t digests_at;  /* struct stream_digests[2], where NFs may drop bytes */
	uint16_t blocks_at;   /* struct flow_block[blocks] */
	uint8_t blocks;	      /* NFs that may drop */
	uint16_t prefix_at;   /* struct flow_prefix */
	uint8_t prefix_room;  /* bytes of it a direction */
	uint16_t stash_at;    /* struct stash[stash_count] */
	uint8_t stash_count;
	uint16_t timers_at;  /* struct wheel_timer[timer_count] */
	uint8_t timer_count; /* NFs that hear TIMER */
};

/* What a raised event is about; the generated `raise` stores what is heard. */
struct event_site {
	struct flow *flow;   /* NULL: no flow */
	uint16_t packet;     /* index in the burst, or EVENT_NO_PACKET */
	uint8_t dir;	     /* enum mbx_direction */
	uint8_t reason;	     /* FLOW_END: event_flow_end_reason; MALFORMED: packet_malformed_reason;
				OVERLAP: 0 conflict, 1 unknown; FLOW_UDP, FLOW_ICMP: 0 start, 1 end;
				FLOW_ICMP_ERROR: icmp_kind */
	uint8_t flags;	     /* enum event_flag */
	uint8_t nf;	     /* TIMER: number of the NF */
	uint64_t time;	     /* nanoseconds */
	uint64_t offset;     /* REXMIT, OVERLAP, GAP, DATA: position in the stream */
	uint64_t length;     /* the same: bytes; FLOW_ICMP_ERROR: MTU */
	const uint8_t *data; /* DATA */
	uintptr_t owner;     /* DATA */
	uint32_t seq;	     /* DATA */
	uint16_t icmp;	     /* FLOW_ICMP_ERROR: type << 8 | code */
};

struct stack;

/* What the generated unit gives the stack: constants, so all is inlined. */
struct stack_hooks {
	/* The stack's `match`. */
	bool (*match)(const struct packet *p);
	/* A new flow: sets its subscription masks from filters that hold for life. */
	void (*subscribe)(struct stack *s, struct flow *f, const struct packet *p);
	/* Whether bytes of this direction have a hearer now, or may get one in this
	 * round: else they are neither held nor raised. */
	bool (*wants_data)(const struct stack *s, const struct flow *f, enum mbx_direction dir);
	/* Whether holes or overlaps of the flow have a hearer: then streams are
	 * followed although nobody wants their bytes. */
	bool (*follows)(const struct flow *f);
	/* Whether something was raised in this round on which a network function may
	 * switch the flow's subscriptions. */
	bool (*unsettled)(const struct stack *s, const struct flow *f);
	/* Records the event if somebody hears it. Room has been made sure of. */
	void (*raise)(struct stack *s, struct burst *b, enum event_type type,
		      const struct event_site *site);
};

/* What the cold functions need of the features. */
struct stack_layout {
	uint16_t stash_at;
	uint16_t timers_at;
	uint8_t stash_count;
	uint8_t timer_count;
};

/* One instance of a stack: all its state. */
struct stack {
	struct flow_table *table; /* NULL without flows */
	struct timer_wheel wheel;
	struct chunk_pool *chunks;
	struct counters *counters;
	void *chain;			  /* the generated unit's state */
	uint64_t now;			  /* nanoseconds */
	struct fragment_table *fragments; /* NULL where they pass unread */
	uint32_t round; /* number of the run over a burst's packets; not 0; wraps */
	bool ends;	/* nothing lingers any more */
	bool tentative; /* bytes are remembered that stack_judge_bytes() may forget */
	/* Eviction order: oldest embryonic, then oldest idle. Flow indices. */
	uint32_t embryonic_first, embryonic_last;
	uint32_t active_first, active_last;
	uint32_t active_since; /* `listed` of the first active one */
	uint32_t active_turn;  /* the active one that is looked at next */
	uint32_t looks_left;   /* of these */
	bool crowded;	       /* more than half of the places are taken */
	enum link_type link;
	uint32_t flows_max; /* live flows; the table has room for ended ones beside. Who
			     * knows the number asked for sets it after stack_init() */
	struct stack_layout layout;
	struct reassembly reassembly;
};

/* Slots that one packet's events may take, released data and publications not
 * counted: FLOW_END of an evicted or reopened flow, START, ESTABLISHED, REXMIT,
 * OVERLAP, GAP, PKT, END with their snapshots. */
#define STACK_SLOTS_PER_PACKET 64

/* Pages that one packet may take, at most: its own bytes, held or in doubt and
 * remembered, and what was in doubt and is delivered now. */
#define STACK_PAGES_PER_PACKET 192u

/* A flow that was closed stays in the table for so long, so that late copies of
 * its segments do not begin another one. */
#define STACK_LINGER_NS 5000000000ull

/* Records that a table keeps beside the live flows, at most: those of flows that
 * ended in bursts which are still on their way. At least those of one burst. */
#define STACK_SPARE_FLOWS 4096

/* Sets up an instance. `table` is NULL when the features have no flows; `chunks`
 * is set up already, and may be NULL when there are neither data nor stashes. The
 * caller sets `chain` and `link`. */
void stack_init(struct stack *s, const struct stack_features *features, struct flow_table *table,
		struct chunk_pool *chunks, struct counters *counters, uint64_t now);

/* Makes flows' records free for use again; after the burst, once no consumer
 * can hold their index. `dead` is the burst's list. */
void stack_free_flows(struct stack *s, uint32_t dead);

/* Once the network functions have handled a round: DATA events that were raised
 * while it was open who would hear them. What somebody heard stays remembered where
 * copies are compared, what reached nobody is forgotten. */
void stack_judge_bytes(struct stack *s, struct burst *b, const struct stack_features *f);

/* Whether memory for bytes may not last for one more packet. */
static inline bool stack_is_short(const struct stack *s)
{
	return s->reassembly.limit > 0 && s->chunks->available < STACK_PAGES_PER_PACKET;
}

/* Whether events still point into memory that the streams have given up. */
static inline bool stack_lends(const struct stack *s)
{
	return s->chunks->capacity - s->chunks->available >
	       s->reassembly.pages + s->chunks->stashed;
}

/* Gives back memory that the burst's events point into; once its records are
 * gone. Who needs bytes for longer has held their owner. */
void stack_free_burst(struct stack *s, struct burst *b);

/* Gives back the datagrams that the burst put together; once it is done. */
void stack_free_datagrams(struct stack *s, struct burst *b);

/* ---- of the stack's own parts, cold ---- */

/* Eviction lists: a flow is in the embryonic or in the active one. */
void stack_list_append(struct stack *s, struct flow *f, bool embryonic);
void stack_list_remove(struct stack *s, struct flow *f);

/* The flow whose place is needed most: the oldest embryonic one, or the one that
 * was idle longest, as far as the lists know. */
struct flow *stack_victim(struct stack *s);

/* Whether a packet moves its flow, which is in the older half of its list by time; `now` in
 * milliseconds. Not while nobody is evicted soon: its neighbours are in no cache. */
static inline bool stack_list_is_old(const struct stack *s, const struct flow *f, uint32_t now)
{
	uint32_t span = now - s->active_since;

	return unlikely(s->crowded && now - f->listed > span / 2) && !(f->flags & FLOW_EMBRYONIC);
}

/* A packet of a flow. To move each flow at each packet would touch its neighbours, which
 * are cold; one that is old in its list is moved, and that is rare. So what is heard of
 * twice in the time that the list spans never becomes the first of it, whatever an
 * attacker begins; what was not moved before, stack_list_look() moves. */
static inline void stack_list_keep(struct stack *s, struct flow *f)
{
	if (!stack_list_is_old(s, f, (uint32_t)(f->last_seen / TIMER_TICK_NS)))
		return;
	stack_list_remove(s, f);
	stack_list_append(s, f, false);
}

/* A flow has begun. When more than half of the places have come to be taken, each one that
 * begins looks at two that are active, in turn, and those that were heard of since they were
 * listed go to the end: so that is done with all of them before the table is full. */
void stack_list_look(struct stack *s);

/* Takes a flow out of table, lists and timers, onto the burst's list of the dead. */
void stack_flow_bury(struct stack *s, struct burst *b, struct flow *f);

/* Takes away all flows that have ended, in no order: nothing is raised for these. */
void stack_bury_ended(struct stack *s, struct burst *b);

/* After FLOW_END: no timer of an NF fires any more, no byte is kept. */
void stack_flow_silence(struct stack *s, struct flow *f);

static inline void *stack_flow_part(const struct flow *f, uint16_t at)
{
	return (void *)((uintptr_t)f + at);
}

/* Marks a feature in the object's section `.mbx.features`; where the code is
 * folded away, so is the mark. */
#define STACK_FEATURE(name)                                                                        \
	__asm__ volatile(".pushsection .mbx.features,\"\",@progbits\n\t.asciz \"" name             \
			 "\"\n\t.popsection")
