/* One lcore: its ports, the chains that it runs, and the bursts on their way
 * through them. All of it is the lcore's; other threads read counters and write
 * the words marked so.
 *
 * With several instances of the dataplane each is such an lcore. They belong to a main
 * one, which runs no chain, and feeds them where they have no ports of their own
 * (distributor.h). */
#pragma once

#include <rte_mempool.h>
#include <stdbool.h>
#include <stdint.h>

#include "../fault.h"
#include "../fragment/table.h"
#include "../memory/pools.h"
#include "../port/port.h"
#include "../port/queue.h"
#include "../ring/sleeper.h"
#include "cpus.h"
#include "latency.h"
#include "program.h"
#include "publish.h"

#define FLIGHTS_MAX 32 /* bursts of a chain on their way at once */
#define FLIGHT_INJECTED_MAX CHAIN_INJECTED_MAX
#define RETIRED_MAX 1024
#define RUNNER_PORTS_MAX 64
#define RUNNER_WARNINGS_MAX 64
#define RUNNER_WARNINGS_LAST 8	   /* of these, for what is said at the end */
#define BURST_LOG_SLOTS 16384	   /* a MB of address space; touched as used */
#define BURST_LOG_STACK_SLOTS 2048 /* the rest is for publications */
#define BURST_SLOT_NONE UINT16_MAX /* a burst that no verdict can come back to */
#define BURST_SERIAL_NONE 0	   /* of a burst that is not on its way */

enum flight_state {
	FLIGHT_STAGE = 0, /* `stage` runs next */
	FLIGHT_WAIT,	  /* for an outlet, until it has passed `position` */
	FLIGHT_ROUND,	  /* for room, then from the stack on again */
	FLIGHT_STAGED,	  /* all stages are done */
	FLIGHT_HANDED,	  /* what is not this chain's is with the next one, or nothing is */
};

/* A burst on its way through a chain. Flights of a chain overtake each other in
 * no stage and leave in the order in which they came. */
struct flight {
	struct burst *burst;
	struct flight *parent; /* in the chain before: it has the packets that we look at too */
	uint64_t position;
	uint64_t received; /* of the timestamp counter; where latencies are asked for */
	uint64_t waits_since, waits_at; /* the outlet's progress, and when it was seen first */
	uint8_t state;			/* enum flight_state */
	uint8_t stage;
	bool child;   /* the next chain is at it */
	uint8_t link; /* enum link_type of its packets */
	uint16_t injected_count;
	uint8_t from[BURST_MAX];   /* index of a packet in the parent's burst */
	uint8_t egress[BURST_MAX]; /* port a packet leaves by, or PROGRAM_NO_PORT */
	struct rte_mbuf *injected[FLIGHT_INJECTED_MAX];
	uint8_t injected_port[FLIGHT_INJECTED_MAX];
	uint16_t injected_behind[FLIGHT_INJECTED_MAX]; /* packet, or EVENT_NO_PACKET */
};

/* Flows that ended in a burst: free once every outlet has passed its events. */
struct retired {
	uint32_t dead;	     /* list by flow.newer */
	uint64_t *positions; /* by outlet */
};

/* A chain on this lcore. */
struct chain_run {
	struct chain_publications publications; /* first: lcore/publish.h */
	struct runner *runner;
	struct chain *chain;
	uint8_t number;
	struct chunk_pool chunks;
	struct flight *flights;	    /* FLIGHTS_MAX */
	uint16_t idle[FLIGHTS_MAX]; /* free ones; the last used is taken first: it is warm */
	uint16_t idle_count;
	uint16_t order[FLIGHTS_MAX]; /* those on their way: a ring, the oldest at `oldest` */
	uint16_t oldest, flying;
	uint64_t tick; /* timers up to here were looked at */
	struct retired retired[RETIRED_MAX];
	uint32_t retired_first, retired_count;
	bool ending;	       /* BURST_SHUTDOWN was begun */
	uint8_t *burst_memory; /* bursts, then their logs */
	uint64_t *positions;   /* of `retired` */
};

/* Words that other threads write. */
enum runner_stop {
	RUNNER_RUN = 0,
	RUNNER_DRAIN,
	RUNNER_NOW,
};

struct distributor;
struct natives;
struct steer;

struct runner {
	const struct program *program;
	struct runner *main;		 /* whose memory it uses and who warns; NULL: itself */
	struct distributor *distributor; /* of its instances, or NULL */
	struct natives *natives;	 /* of all instances, or NULL */
	struct cpus cpus;		 /* of the main one */
	unsigned int cpu;		 /* that it is to run on */
	bool fed;			 /* its ports are queues from `main` */
	struct steer *steer;		 /* its ports are queues of devices; or NULL */
	uint64_t until; /* replay: time goes on to here when there are no more frames */
	struct counters counters;
	struct port port[RUNNER_PORTS_MAX]; /* by number in the program */
	uint8_t port_count;
	struct chain_run *chains;
	uint8_t chain_count;
	struct packet_memory memory;
	uint16_t burst; /* most packets taken at once */
	bool replay;	/* time is the capture's, and nothing may be lost */
	uint8_t replay_port;
	struct port *out;  /* the capture that is written, or NULL */
	bool eal;	   /* it was started */
	bool clocks_begun; /* the first packet's time is known, or it is live */
	bool busy;	   /* never sleeps */
	bool one_cpu;	   /* whoever waits gives the CPU to others */
	bool ticked;	   /* timers were due in this turn */
	uint32_t serial;
	uint64_t now;			      /* nanoseconds since the epoch, or of the capture */
	uint64_t patience_ns;		      /* a drain that gets nowhere for so long ends */
	struct sleeper sleeper;		      /* any thread */
	uint32_t stop;			      /* enum runner_stop; any thread */
	uint32_t stop_seen;		      /* of `stop`, by the loop */
	const struct program_chain *at_chain; /* a stage of it runs, or NULL: read in a crash */
	uint8_t at_stage;
	uint32_t at_turn; /* of all stages: when it stands still, a handler does not return */
	uint64_t watched; /* when ports were last looked after */
	uint64_t cycles;  /* of the timestamp counter, from the first poll until all had left */
	struct fault warnings[RUNNER_WARNINGS_MAX]; /* of its instances, too */
	unsigned int warning_count;		    /* only grows; read by any thread */
	bool drains;				    /* takes what workers say: read by any thread */
	bool timed;				    /* latencies are asked for */
	struct latency latency;
};

/* run.c: receives until the capture ends or somebody says stop; drains. */
void runner_run(struct runner *r);
void runner_warn(struct runner *r, const struct fault *fault);
/* Nothing was to do since `since`. */
void runner_idle(struct runner *r, uint64_t since);
/* What was asked for: enum runner_stop. */
uint32_t runner_stop_asked(struct runner *r);

/* idle.c */
uint64_t clock_monotonic_ns(void);
uint64_t clock_realtime_ns(void);
void runner_wake(struct runner *r);
/* Sleeps until something may be to do, at most `limit_ns`. */
void runner_sleep(struct runner *r, uint64_t limit_ns);

/* flight.c */
bool chain_takes(struct chain_run *cr);
/* False: the stack is in the middle of a burst, because events did not fit the log or it
 * waits for the bursts before. */
bool chain_has_stacked(const struct chain_run *cr);
/* A burst with nothing in it; chain_takes() was true. */
/* What a stage or an answer sent leaves behind the packets of this flight that
 * caused it; NULL: at once. */
void flight_collect(struct chain_run *cr, struct flight *f);

struct flight *flight_begin(struct chain_run *cr, enum burst_kind kind, uint64_t now);
/* Moves all flights of the chain on as far as they get. True when any moved. */
bool chain_advance(struct chain_run *cr);
/* Runs what was published since the last call; false: nothing was. */
bool chain_publish(struct chain_run *cr);
/* Prepares a burst for use. */
void burst_begin(struct chain_run *cr, struct burst *b, enum burst_kind kind, uint64_t now);
int chain_send(struct chain *c, uint8_t port, struct rte_mbuf *m);

/* hand_on.c: what the next chain gets, if there is one; false: it takes nothing now. */
bool flight_hand_on(struct chain_run *cr, struct flight *f);

/* egress.c */
void flight_leave(struct chain_run *cr, struct flight *f);
/* The program ends: whatever is not dropped yet is. */
void flight_abort(struct chain_run *cr, struct flight *f);
/* A frame that the stack itself sends. */
void runner_inject(struct runner *r, uint8_t port, struct rte_mbuf *m);
/* Where packets that came in by `port` leave the chain, or PROGRAM_NO_PORT. */
uint8_t chain_peer(const struct chain_run *cr, uint8_t port);

/* receive.c: timers and packets; true when there were any. */
bool runner_receive(struct runner *r);
/* Whether the devices are still there. */
void ports_watch(struct runner *r);
/* In replay: passes over a frame for which no buffer is free, nor will be. */
bool runner_discard_unbuffered(struct runner *r);
/* Nobody is about to give a buffer back: no burst is on its way, nor at a worker. */
bool runner_is_quiet(struct runner *r);
/* Some burst is still on its way. */
bool runner_flies(const struct runner *r);
/* Wheels begin at the first packet's time: before it nothing can be due. */
void runner_clocks_begin(struct runner *r);

/* answers.c: what workers said, applied until it is all done or stuck. */
bool chain_answers(struct chain_run *cr);
/* The worker of this function is gone: what it was sent and has not handled is lost.
 * `reads`: it is not, and still reads what it was sent, which stays. */
void chain_abandon(struct chain_run *cr, uint8_t nf, bool reads);
/* The same of all whose outlets were abandoned, when the chain runs no more. */
void chain_count_left(struct chain_run *cr);
/* Sends what workers have chosen of bytes that were kept; true: some is sent. */
bool chain_feed_owed(struct chain_run *cr);
/* In replay no more is taken until this is false. */
bool chain_spilled(const struct chain_run *cr);
/* Nothing is on its way to or from any worker of the chain. */
bool chain_quiet(struct chain_run *cr);

/* retire.c */
void flight_retire(struct chain_run *cr, uint32_t dead);
bool chain_retire(struct chain_run *cr);

/* chain_start.c */
struct runner_sizes {
	uint32_t ring_events, ring_answers, ring_spill; /* slots of every outlet */
	uint32_t mbufs;
	uint32_t frames;     /* mbufs that a capture is kept in */
	uint16_t frame_room; /* bytes of data in each */
};
int chain_run_start(struct chain_run *cr, struct runner *r, uint8_t number,
		    const struct runner_sizes *sizes, uint8_t *chunk_memory, struct fault *fault);
void chain_run_end(struct chain_run *cr);
/* Bursts, their logs and flights, and what else of a chain is for bursts. */
uint64_t chain_burst_bytes(const struct program_chain *p);
uint64_t chain_state_bytes(const struct program_chain *p, const struct program_nf *nf);
struct flow_table_config chain_table_config(const struct program_chain *p);
struct fragment_config chain_fragment_config(const struct program_chain *p);

/* sizes.c: what will be taken, before it is: by all instances. */
void runner_plan(struct pool_plan *plan, const struct program *program,
		 const struct runner_sizes *sizes);
/* What of it is in use, while nothing runs. */
void runner_plan_use(struct pool_plan *plan, struct runner *r);
uint64_t chain_chunk_bytes(const struct program_chain *p);
uint64_t runner_chunk_bytes(const struct program *program); /* of one instance */

/* Whether a chain looks at what comes in by a port. */
static inline bool chain_serves(const struct chain_run *cr, uint8_t port)
{
	const struct program_chain *p = cr->chain->program;

	if (cr->runner->replay)
		return p->near != PROGRAM_NO_PORT;
	return p->near == port || p->far == port;
}

static inline struct flight *chain_flight(const struct chain_run *cr, uint16_t place)
{
	return &cr->flights[cr->order[(cr->oldest + place) % FLIGHTS_MAX]];
}
