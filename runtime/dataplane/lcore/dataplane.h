/* The dataplane of this process, whole: what a host program calls, from its own
 * threads. It runs on a thread of its own. States go one way:
 *   idle - open - running - draining - stopped or failed - (closed) idle
 * and only once in a process, because the EAL does. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../fault.h"
#include "../memory/pools.h"
#include "program.h"

enum dataplane_state {
	DATAPLANE_IDLE = 0,
	DATAPLANE_OPEN,
	DATAPLANE_RUNNING,
	DATAPLANE_DRAINING,
	DATAPLANE_STOPPED,
	DATAPLANE_FAILED,
};

struct dataplane_binding {
	const char *port;   /* of the program */
	const char *device; /* a DPDK device string */
};

/* Who shares packets out to several instances. */
enum dataplane_rss {
	DATAPLANE_RSS_AUTO = 0, /* the devices, where all of them can */
	DATAPLANE_RSS_DEVICE,
	DATAPLANE_RSS_SOFTWARE,
};

/* Strings are copied where they are needed later. */
struct dataplane_options {
	const char *capture; /* NULL: live */
	const char *out;     /* NULL: forwarded packets go nowhere in replay */
	const struct dataplane_binding *bindings;
	unsigned int binding_count;
	uint32_t laps;	/* of a capture that is kept in memory; 0: it is read once */
	uint16_t burst; /* 1 to 256 */
	bool recorded;
	bool busy;
	enum dataplane_rss rss;
	bool latency;					/* how long packets take is counted */
	uint32_t ring_events, ring_answers, ring_spill; /* slots; 0: ours to choose */
};

enum dataplane_reason {
	DATAPLANE_CAPTURE_ENDED = 0,
	DATAPLANE_WAS_STOPPED,
	DATAPLANE_HAS_FAILED,
};

/* Of packets that left, in cycles of the timestamp counter. */
struct dataplane_latency {
	uint64_t packets;
	uint64_t p50;
	uint64_t p99;
	uint64_t longest;
};

struct dataplane_end {
	enum dataplane_reason reason;
	const struct fault *warnings;
	unsigned int warning_count;
	uint64_t cycles; /* that the lcore ran, of the timestamp counter */
	uint64_t cycles_per_second;
	struct dataplane_latency latency; /* zero where it was not asked for */
};

/* Takes all that is needed, and returns once it is there. */
int dataplane_open(const struct program *program, const struct dataplane_options *options,
		   struct fault *fault);
/* What was taken; what of it is in use is as of before the start, or of the end. */
const struct pool_plan *dataplane_memory(void);

/* Who shares packets out to the instances, for a person; nothing where there is one. */
void dataplane_sharing(char *text, size_t size);

/* `ended` is called once, from another thread, when nothing runs any more. */
int dataplane_start(void (*ended)(void *arg), void *arg, struct fault *fault);
void dataplane_stop(bool now);
void dataplane_end(struct dataplane_end *end);
#define DATAPLANE_PLACE_NFS 16

/* Where a thread is: one of these native NFs of a chain runs, or its stack. */
struct dataplane_place {
	uint32_t turn; /* another one than before: it has moved since */
	const char *chain;
	const char *nf[DATAPLANE_PLACE_NFS];
	unsigned int nf_count;
};

/* Of an instance, from any thread; behind the instances, of functions in C on cores of
 * their own. False: it is in no chain, or there is none of this number. */
bool dataplane_at(unsigned int instance, struct dataplane_place *at);

/* What has been warned of until now, by number from 0; NULL: no more. Also while
 * it runs; valid until it is closed. */
const struct fault *dataplane_warning(unsigned int number);

/* Gives everything back. No worker reads the memory any more. Also after open
 * without start. */
void dataplane_close(void);

enum dataplane_state dataplane_state(void);

/* The flat array of runtime/control/counters.ts: of all instances together, and of
 * one, without what happened before or behind it. */
size_t dataplane_counter_count(const struct program *program);
void dataplane_counters(double *into, size_t size);
void dataplane_instance_counters(unsigned int instance, double *into, size_t size);

/* Chains count over all instances: that of an instance is its number times the
 * program's chains, and its own number in the program. NULL where there is none, or
 * nothing is open. */
struct outlet *dataplane_outlet(unsigned int chain, unsigned int outlet);
/* The worker is gone: what it was sent and has not handled is lost, and counted. */
void dataplane_abandon(unsigned int chain, unsigned int outlet);
void dataplane_packet_memory(uint8_t **base, size_t *size);
void dataplane_wake(unsigned int chain);
/* Whether its lcore still takes what workers say. */
bool dataplane_drains(unsigned int chain);
