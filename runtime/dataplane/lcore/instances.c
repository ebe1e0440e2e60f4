/* Instances of the dataplane: their memory, queues and threads. */
#include <errno.h>
#include <rte_lcore.h>
#include <stdlib.h>
#include <string.h>

#include "../port/device.h"
#include "../port/replay.h"
#include "crash.h"
#include "distributor.h"
#include "open.h"
#include "thread.h"

uint16_t runner_instances(const struct runner *main)
{
	return main->distributor != NULL ? main->distributor->count : 1;
}

struct runner *runner_instance(struct runner *main, uint16_t number)
{
	return main->distributor != NULL ? &main->distributor->instances[number].runner : main;
}

/* Of devices one queue each way is there anyway. */
uint32_t distributor_mbufs(const struct program *program, const struct dataplane_options *options)
{
	uint16_t instances = program_instances(program);
	bool replay = options->capture != NULL;
	uint32_t queues = instances * (replay ? 2u : 2u * program->port_count);
	uint32_t fed = queues * QUEUE_SLOTS, by_device = 0;

	if (instances == 1)
		return 0;
	if (devices_may_share_out(program, options))
		by_device = (instances - 1u) * program->port_count * 2 * DEVICE_DESCRIPTORS +
			    steer_mbufs(instances);
	return RTE_MAX(fed, by_device) + (instances + 1u) * 4 * POOL_CACHE;
}

void distributor_gate_set(struct distributor *d, enum distributor_gate gate)
{
	pthread_mutex_lock(&d->lock);
	d->gate = gate;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

/* ---- the instances' threads ---- */

static bool gate_passed(struct distributor *d)
{
	bool open;

	pthread_mutex_lock(&d->lock);
	while (d->gate == GATE_CLOSED)
		pthread_cond_wait(&d->changed, &d->lock);
	open = d->gate == GATE_OPEN;
	pthread_mutex_unlock(&d->lock);
	return open;
}

static void *instance_main(void *arg)
{
	struct instance *in = arg;
	struct distributor *d = in->main->distributor;
	char name[16];

	snprintf(name, sizeof(name), "mbx-lcore%u", in->number);
	lcore_thread_prepare(name);
	lcore_thread_pin(in->runner.cpu);
	/* For a share of the pool's cache; without it packets are taken one by one. */
	(void)rte_thread_register();
	if (gate_passed(d)) {
		crash_watch(&in->runner);
		runner_run(&in->runner);
		crash_forget();
		__atomic_fetch_sub(&d->running, 1, __ATOMIC_RELEASE);
		sleeper_wake(&in->main->sleeper);
	}
	rte_thread_unregister();
	return NULL;
}

static int threads_begin(struct distributor *d, struct fault *fault)
{
	for (uint16_t k = 0; k < d->count; k++) {
		struct instance *in = &d->instances[k];
		int error = pthread_create(&in->thread, NULL, instance_main, in);

		if (error != 0)
			return fault_set(fault, -error, FAULT_DATAPLANE_FAILED,
					 "the thread of instance %u cannot be made: %s", k,
					 strerror(error));
		in->begun = true;
	}
	return 0;
}

/* ---- open and close ---- */

/* With one CPU for several of them nobody may spin. */
static void cpus_deal(struct runner *main, uint16_t instances)
{
	unsigned int count = main->cpus.count;
	bool feeds = main->distributor->feeds;
	struct fault fault;

	if (!feeds)
		cpus_leave(&main->cpus, main->cpu);
	for (uint16_t k = 0; k < instances; k++)
		main->distributor->instances[k].runner.cpu = cpus_take(&main->cpus);
	if (count >= instances + (feeds ? 1u : 0u))
		return;
	main->one_cpu = true;
	fault_set(&fault, 0, FAULT_MORE_LCORES_THAN_CPUS,
		  "%u instances%s share %u %s: each would need one of its own", instances,
		  feeds ? " and the lcore that feeds them" : "", count,
		  count == 1 ? "CPU" : "CPUs");
	runner_warn(main, &fault);
}

/* At the capture's pace, parts of it would begin with a frame of their own each. */
static bool has_parts(const struct dataplane_options *options)
{
	return options->capture != NULL && options->laps > 0 && options->out == NULL &&
	       !options->recorded;
}

int distributor_create(struct runner *main, const struct program *program,
		       const struct dataplane_options *options, struct fault *fault)
{
	uint16_t instances = program_instances(program);
	struct distributor *d = calloc(1, sizeof(*d));

	if (d != NULL)
		d->instances =
		    aligned_alloc(RTE_CACHE_LINE_SIZE, instances * sizeof(*d->instances));
	if (d == NULL || d->instances == NULL) {
		free(d);
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory for %u instances",
				 instances);
	}
	memset(d->instances, 0, instances * sizeof(*d->instances));
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->changed, NULL);
	share_init(&d->share, program);
	d->feeds = !has_parts(options);
	main->distributor = d;
	main->port_count = program->port_count;
	return 0;
}

/* What of a port of the feeder's an instance sees. */
static int port_share(struct instance *in, uint8_t port, const struct dataplane_options *options)
{
	struct runner *main = in->main, *r = &in->runner;
	bool takes = !main->replay || port == main->replay_port;
	bool gives = !main->replay || &main->port[port] == main->out;

	r->port_count = port + 1u;
	if (takes)
		in->in[port] = queue_create(QUEUE_SLOTS, &main->sleeper, &r->sleeper);
	if (gives)
		in->out[port] = queue_create(QUEUE_SLOTS, &r->sleeper, &main->sleeper);
	if ((takes && in->in[port] == NULL) || (gives && in->out[port] == NULL))
		return -ENOMEM;
	if (takes || gives)
		return port_open_queue(&r->port[port], main->port[port].name, in->in[port],
				       in->out[port], main->replay);
	if (options->laps > 0)
		port_open_laps_end(&r->port[port], main->port[port].name);
	else
		port_open_null(&r->port[port], main->port[port].name);
	return 0;
}

static int ports_share(struct instance *in, const struct dataplane_options *options,
		       struct fault *fault)
{
	int ret = 0;

	for (uint8_t port = 0; ret == 0 && port < in->main->port_count; port++)
		ret = port_share(in, port, options);
	return ret == 0 ? 0
			: fault_set(fault, ret, FAULT_NO_MEMORY, "no memory for instance %u",
				    in->number);
}

/* A queue of each device, and what others hand on to it. */
static int ports_queue(struct instance *in, struct fault *fault)
{
	struct distributor *d = in->main->distributor;
	struct runner *r = &in->runner;

	for (uint8_t port = 0; port < in->main->port_count; port++) {
		r->port_count = port + 1u;
		if (port_open_device_queue(&r->port[port], &in->main->port[port],
					   (uint16_t)in->number) < 0)
			return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY,
					 "no memory for instance %u", in->number);
	}
	in->steer = (struct steer){.share = &d->share,
				   .handed = d->handed,
				   .self = (uint16_t)in->number,
				   .count = program_instances(in->main->program)};
	r->steer = &in->steer;
	return 0;
}

static int handed_open(struct distributor *d, uint16_t instances, struct fault *fault)
{
	struct runner *runner[PROGRAM_INSTANCES_MAX];

	for (uint16_t k = 0; k < instances; k++)
		runner[k] = &d->instances[k].runner;
	d->handed = steer_create(runner, instances);
	return d->handed != NULL
		   ? 0
		   : fault_set(fault, -ENOMEM, FAULT_NO_MEMORY,
			       "no memory for queues between %u instances", instances);
}

/* Ports of its own, over its part of the capture. */
static int ports_own(struct instance *in, const struct dataplane_options *options,
		     struct fault *fault)
{
	const struct share_part part =
	    share_part(&in->main->distributor->share, (uint16_t)in->number);
	struct runner *r = &in->runner;
	int ret = runner_ports_open(r, options, &part.part, fault);

	if (ret == 0)
		r->until = replay_end_time(&r->port[r->replay_port]);
	return ret;
}

static int instance_open(struct runner *main, uint16_t number,
			 const struct dataplane_options *options, const struct runner_sizes *sizes,
			 struct fault *fault)
{
	struct instance *in = &main->distributor->instances[number];
	struct runner *r = &in->runner;
	int ret;

	in->number = number;
	in->main = main;
	runner_describe(r, main->program, options);
	r->main = main;
	r->fed = main->distributor->feeds;
	r->one_cpu = main->one_cpu;
	r->patience_ns = main->patience_ns;
	r->replay_port = main->replay_port;
	r->memory = main->memory;
	r->memory.chunks += number * runner_chunk_bytes(main->program);
	if (main->distributor->by_device)
		ret = ports_queue(in, fault);
	else
		ret = r->fed ? ports_share(in, options, fault) : ports_own(in, options, fault);
	return ret < 0 ? ret : runner_chains_open(r, sizes, fault);
}

int distributor_open(struct runner *main, const struct dataplane_options *options,
		     const struct runner_sizes *sizes, struct fault *fault)
{
	struct distributor *d = main->distributor;
	uint16_t instances = program_instances(main->program);
	int ret = d->by_device ? handed_open(d, instances, fault) : 0;

	/* Only now is known whether somebody feeds them. */
	cpus_deal(main, instances);
	for (uint16_t k = 0; ret == 0 && k < instances; k++) {
		d->count = k + 1u;
		ret = instance_open(main, k, options, sizes, fault);
	}
	return ret < 0 ? ret : threads_begin(d, fault);
}

static void instance_close(struct instance *in)
{
	for (uint8_t port = 0; port < in->runner.port_count; port++) {
		queue_destroy(in->in[port]);
		queue_destroy(in->out[port]);
	}
	(void)runner_close(&in->runner);
}

void distributor_close(struct runner *main)
{
	struct distributor *d = main->distributor;

	if (d == NULL)
		return;
	if (d->gate == GATE_CLOSED)
		distributor_gate_set(d, GATE_LEFT);
	for (uint16_t k = 0; k < d->count; k++)
		if (d->instances[k].begun)
			pthread_join(d->instances[k].thread, NULL);
	for (uint16_t k = 0; k < d->count; k++)
		instance_close(&d->instances[k]);
	steer_destroy(d->handed, program_instances(main->program));
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d->instances);
	free(d);
	main->distributor = NULL;
}
