/* Several instances of the dataplane: one lcore has the ports, and feeds those that
 * run the chains. An instance shares nothing with another but the pool of packets.
 * Where devices share out by themselves, each instance has a queue of each; then nobody
 * has to feed them, and an instance hands on what is another's (steer.h). A capture that
 * is kept in memory, and not written again, is as such a device. */
#pragma once

#include <pthread.h>

#include "dataplane.h"
#include "runner.h"
#include "share.h"
#include "steer.h"

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
	struct steer steer;
	pthread_t thread;
	unsigned int number;
	bool begun; /* the thread exists */
} __rte_cache_aligned;

struct distributor {
	struct share share;
	bool feeds;	/* false: each instance has its packets by itself */
	bool by_device; /* from a queue of each device, else a part of the capture in memory */
	struct rss rss; /* of the devices */
	char why[160];	/* devices are there and do not share out; "": they do */
	struct queue **handed; /* from each instance to each, in rows by who hands on, or NULL */
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

/* Mbufs that are in queues, at most: between lcores, and of devices. */
uint32_t distributor_mbufs(const struct program *program, const struct dataplane_options *options);

/* devices.c: finds the devices, lets them share out where they can and may, starts them. */
int devices_open(struct runner *r, const struct dataplane_options *options, struct fault *fault);
/* That nobody can say before they are there. */
bool devices_may_share_out(const struct program *program, const struct dataplane_options *options);

/* Who shares packets out, for a person; with one instance nothing. */
void distributor_describe(const struct runner *main, char *text, size_t size);

/* By number; with one instance only it is `main` itself. */
uint16_t runner_instances(const struct runner *main);
struct runner *runner_instance(struct runner *main, uint16_t number);
