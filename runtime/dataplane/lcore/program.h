/* What a generated program tells the library about itself: constant tables, and
 * the entry points of its chains. One symbol, `mbx_program`, is all that the
 * library refers to. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../event/burst.h"
#include "../memory/stash.h"
#include "../ring/inlet.h"
#include "../ring/outlet.h"
#include "../stack/stack.h"

#define PROGRAM_NO_PORT UINT8_MAX
#define PROGRAM_NO_OUTLET UINT8_MAX
#define CHAIN_STAGES_MAX 65 /* a burst waits 64 times: the checker says so (MBX5012) */
#define PROGRAM_INSTANCES_MAX 128
#define CHAIN_INJECTED_MAX (4 * BURST_MAX) /* resets of a burst: four for each packet */

struct chain;

/* Runs one stage of a round over `b`: stage 0 is the stack (as b->kind says)
 * and the network functions up to and including the first that the packets wait
 * for; the following stages go on from there, once outlet `waits_for` of the
 * stage before has passed all that it was sent. */
typedef void (*chain_stage)(struct chain *c, struct burst *b);

/* A change that an answer of a worker asks for, between bursts or, for the
 * outlet that a waiting burst waits for, before its next stage. `b` is the burst
 * of the answer when it is still in flight, else NULL. Returns false when it
 * has to be tried again later because its target is full. */
typedef bool (*chain_answer)(struct chain *c, struct burst *b, const struct ring_answer *answer);

/* Sends what was kept for a worker's choice, as far as its ring has room. True:
 * all is sent. */
typedef bool (*chain_feed)(struct chain *c, struct stash *s);

/* Handles at most `limit` events of a worker in C; fewer where the packets of those
 * handled wait. Returns how many. */
typedef uint32_t (*chain_drain)(struct inlet *in, uint32_t limit);

/* Makes what an instance of an NF has for itself, before its first event. NULL: it
 * cannot, and says so in `why`, a text of at most `size` bytes with its end. */
typedef void *(*nf_start)(char *why, size_t size);

/* Gives that back, after the last event. */
typedef void (*nf_stop)(void *instance);

/* An NF of a chain. */
struct program_nf {
	const char *name;
	uint8_t outlet;	     /* number of its outlet in the chain, or PROGRAM_NO_OUTLET: it runs
				on the stack's core */
	uint16_t place;	     /* in the path's topological order, from 0 */
	uint32_t state_size; /* bytes of a record of per-flow state in C, its generation
				included; 0: none */
	chain_answer answer; /* for an outlet */
	bool timers;	     /* it may set timers, and not before the stack goes on */
	chain_feed feed;     /* for an outlet whose subscriptions keep bytes, else NULL */
	uint8_t stage;	     /* without an outlet: in which it runs */
	uint16_t core;	     /* with `drain`: where the chain places it */
	chain_drain drain;   /* for an outlet whose worker is in C, else NULL */
	nf_start start;	     /* where it prepares something, else NULL, as the next */
	nf_stop stop;
};

struct program_chain {
	const char *name;
	const char *stack_name;
	uint8_t near, far; /* ports by number, or PROGRAM_NO_PORT */
	const struct stack_features *features;
	uint32_t flows;	    /* bound of the table: this and the following two of one instance */
	uint64_t buffer;    /* bytes that may be held */
	uint32_t fragments; /* datagrams that are put together at one time */
	const struct program_nf *nfs;
	uint8_t nf_count;
	uint8_t outlet_count;
	uint8_t stage_count;
	chain_stage stage[CHAIN_STAGES_MAX];
	uint8_t waits_for[CHAIN_STAGES_MAX]; /* outlet after this stage; unused for the last */
	bool hands_on_all;		     /* the next chain gets what is forwarded, too */
	uint32_t chain_size; /* bytes of the generated state that begins with struct chain */
	const char *const *event_names; /* by event type; NULL where there is none */
	uint16_t event_types;
};

struct program {
	const char *name;
	const char *const *ports;
	uint8_t port_count;
	const struct program_chain *const *chains;
	uint8_t chain_count;
	uint8_t cores; /* instances of all chains, each on an lcore of its own; 0: one */
};

static inline uint16_t program_instances(const struct program *p)
{
	return p->cores > 1 ? p->cores : 1;
}

extern const struct program mbx_program;

/* Counts that belong to an NF in one chain. */
struct nf_counters {
	uint64_t handled; /* callbacks called, or events sent to the worker */
	uint64_t published;
	uint64_t dropped; /* packets it dropped */
	uint64_t switched;
	uint64_t lost; /* events it did not get: its worker was behind */
	uint64_t errors;
};

/* A running chain. The generated unit embeds it at the start of its own state. */
struct chain {
	const struct program_chain *program;
	struct stack stack;
	struct counters *counters;
	struct nf_counters *nf;	      /* by NF number in the chain */
	uint64_t *raised;	      /* by event type: recorded in the log */
	struct outlet **outlets;      /* by outlet number */
	void **state;		      /* by NF: per-flow state, zeroed, a record of state_size bytes
					 for each flow index; or NULL */
	void **instance;	      /* by NF: what it has prepared, or NULL */
	const uint8_t *packet_memory; /* base that payload offsets in rings count from */
	struct rte_mempool *mbufs;
	/* Sends a frame from any stage; takes the mbuf also when it fails. */
	int (*send)(struct chain *c, uint8_t port, struct rte_mbuf *m);
	void *runner; /* the lcore loop's state */
	struct rte_mbuf
	    *injected[CHAIN_INJECTED_MAX]; /* sent behind the packets that caused them, in order */
	uint16_t injected_behind[CHAIN_INJECTED_MAX]; /* the packet, or EVENT_NO_PACKET: behind the
							 burst */
	uint16_t injected_cause;		      /* of what is sent next */
	uint8_t injected_port[CHAIN_INJECTED_MAX];
	uint16_t injected_count;
	struct stash *owed, **owed_last; /* chosen by workers, and not sent yet */
};
