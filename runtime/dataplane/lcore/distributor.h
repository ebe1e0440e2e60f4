/* Several instances of the dataplane: one lcore has the ports, and feeds those that
 * run the chains. An instance shares nothing with another but the pool of packets.
 * A capture that is kept in memory, and not written again, is as a device with a queue
 * for each instance: nobody has to feed them. */
#pragma once

#include <pthread.h>

#include "dataplane.h"
#include "runner.h"
#include "share.h"

enum distributor_gate {
	GATE_CLOSED = 0,
	GATE_OPEN, /* instances run */
	GATE_LEFT, /* they will not run */
};

struct instance {
	struct runner runner;
	struct runner *main;
	struct queue *in[RUNNER_PORTS_MAX];  /* to it, by port; NULL: none */
	struct queue *out[RUNNER_PORTS_MAX]; /* from it */
	pthread_t thread;
	unsigned int number;
	bool begun; /* the thread exists */
} __rte_cache_aligned;

struct distributor {
	struct share share;
	bool feeds; /* false: each instance has its part of the capture in memory */
	struct instance *instances;
	uint16_t count; /* of these that exist */
	bool ended;	/* nothing is taken any more */
	uint32_t running;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum distributor_gate gate;
	/* Frames that an instance had sent and a device has not: they counted as sent. */
	uint64_t refused, refused_bytes, refused_own;
	struct rte_mbuf *mbuf[BURST_MAX];
	struct packet packet[BURST_MAX];
};

/* instances.c. Before the EAL pins the calling thread: it asks for the CPUs of the process. */
int distributor_create(struct runner *main, const struct program *program,
		       const struct dataplane_options *options, struct fault *fault);
/* After the ports and the packet memory of `main`: queues, chains, threads. What was
 * taken when it fails is for distributor_close(). */
int distributor_open(struct runner *main, const struct dataplane_options *options,
		     const struct runner_sizes *sizes, struct fault *fault);
void distributor_close(struct runner *main);

/* Until the end of all instances; on the main lcore. */
void distributor_run(struct runner *main);

void distributor_gate_set(struct distributor *d, enum distributor_gate gate);

static inline bool distributor_feeds(const struct distributor *d)
{
	return d->feeds;
}

bool distributor_has_more(const struct distributor *d);

/* Mbufs that are in queues, at most. */
uint32_t distributor_mbufs(const struct program *program, bool replay);

/* By number; with one instance only it is `main` itself. */
uint16_t runner_instances(const struct runner *main);
struct runner *runner_instance(struct runner *main, uint16_t number);
