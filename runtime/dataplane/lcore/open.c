#define _GNU_SOURCE
/* Takes what a run needs, in order, and gives it back in the other order. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "../eal/eal.h"
#include "../packet/dynfield.h"
#include "../port/capture_out.h"
#include "../port/device.h"
#include "../port/replay.h"
#include "distributor.h"
#include "native.h"
#include "open.h"

#define LARGEST_FRAMES 512u /* mbufs for two frames of 256 KB in replay */
#define PATIENCE_NS 5000000000ull

#define RING_EVENTS 8192u
#define RING_ANSWERS 4096u
#define RING_SPILL_REPLAY 65536u
#define RING_SPILL_LIVE 4096u

static uint32_t chosen(uint32_t asked, uint32_t ours)
{
	return asked != 0 ? asked : ours;
}

/* Packets that wait in rings: in replay a burst is taken when no spill holds
 * any, so that only one burst's are there. */
static uint32_t outlet_mbufs(const struct runner_sizes *s, bool replay)
{
	return s->ring_events + (replay ? BURST_MAX : s->ring_spill);
}

/* Descriptors, bursts on their way, packets in rings; and a third on top, which
 * is the quarter of all that held segments may take. */
static struct runner_sizes sizes_compute(const struct program *program,
					 const struct dataplane_options *options,
					 const struct laps_size *kept)
{
	uint32_t instances = program_instances(program);
	bool replay = options->capture != NULL;
	struct runner_sizes s = {
	    .ring_events = chosen(options->ring_events, RING_EVENTS),
	    .ring_answers = chosen(options->ring_answers, RING_ANSWERS),
	    .ring_spill = chosen(options->ring_spill, replay ? RING_SPILL_REPLAY : RING_SPILL_LIVE),
	    .mbufs = 4 * POOL_CACHE,
	};

	s.mbufs += replay ? LARGEST_FRAMES : program->port_count * 2 * DEVICE_DESCRIPTORS;
	s.mbufs += distributor_mbufs(program, options);
	for (uint8_t i = 0; i < program->chain_count; i++) {
		s.mbufs += instances * FLIGHTS_MAX * options->burst;
		s.mbufs += instances * program->chains[i]->outlet_count * outlet_mbufs(&s, replay);
	}
	s.mbufs += s.mbufs / 3;
	for (uint8_t i = 0; i < program->chain_count; i++) {
		const struct fragment_config fragments = chain_fragment_config(program->chains[i]);

		if (fragments.datagrams > 0)
			s.mbufs += instances * fragment_table_mbufs(&fragments);
	}
	/* A frame that is still on its way a lap later is copied. */
	s.frames = kept->mbufs > 0 ? kept->mbufs + s.mbufs : 0;
	s.frame_room = kept->room;
	return s;
}

static bool wants_pci(const struct dataplane_options *options)
{
	for (unsigned int i = 0; i < options->binding_count; i++)
		if (isdigit((unsigned char)options->bindings[i].device[0]))
			return true;
	return false;
}

static int memory_check(struct pool_plan *plan, const struct dataplane_options *options,
			struct fault *fault)
{
	uint64_t needed = pool_plan_bytes(plan), free_bytes = memory_available();
	uint64_t packets = plan->pool[0].bytes + (options->laps > 0 ? plan->pool[1].bytes : 0);

	plan->hugepages = eal_hugepages_free() > packets * 5 / 4 + (64u << 20);
	if (!plan->hugepages && wants_pci(options))
		return fault_set(fault, -ENOMEM, FAULT_HUGEPAGES_FAILED,
				 "a PCI device needs hugepages, %" PRIu64 " MB of them: "
				 "sysctl vm.nr_hugepages=%" PRIu64,
				 (needed >> 20) + 128, (needed >> 21) + 64);
	if (needed > free_bytes)
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY,
				 "%" PRIu64 " MB of memory are needed and %" PRIu64 " MB are free: "
				 "lower `flows` and `buffer` of the stacks",
				 needed >> 20, free_bytes >> 20);
	return 0;
}

static int ports_open_replay(struct runner *r, const struct dataplane_options *options,
			     const struct laps_part *part, struct fault *fault)
{
	const struct program_chain *first = r->program->chains[0];
	const struct replay_options replay = {
	    .path = options->capture,
	    .mbufs = r->memory.mbufs,
	    .frames = r->memory.frames,
	    .laps = options->laps,
	    .stamps = options->out != NULL,
	    .recorded = options->recorded,
	    .part = part,
	};
	struct capture_out_options out = {.path = options->out};
	int ret;

	for (uint8_t i = 0; i < r->program->chain_count; i++) {
		first = r->program->chains[i];
		if (first->near != PROGRAM_NO_PORT)
			break;
	}
	if (first->near == PROGRAM_NO_PORT)
		return fault_set(fault, -EINVAL, FAULT_NOTHING_TO_RUN_ON,
				 "%s has no chain with a port", r->program->name);
	r->replay_port = first->near;
	ret =
	    port_open_replay(&r->port[first->near], r->program->ports[first->near], &replay, fault);
	if (ret < 0 || options->out == NULL || first->far == PROGRAM_NO_PORT)
		return ret;
	replay_format(&r->port[first->near], &out.nanoseconds, &out.link_number);
	ret =
	    port_open_capture_out(&r->port[first->far], r->program->ports[first->far], &out, fault);
	if (ret == 0)
		r->out = &r->port[first->far];
	return ret;
}

int runner_ports_open(struct runner *r, const struct dataplane_options *options,
		      const struct laps_part *part, struct fault *fault)
{
	int ret;

	r->port_count = r->program->port_count;
	ret = r->replay ? ports_open_replay(r, options, part, fault)
			: devices_open(r, options, fault);
	for (uint8_t i = 0; ret == 0 && i < r->port_count; i++) {
		if (r->port[i].ops != NULL)
			continue;
		if (options->laps > 0)
			port_open_laps_end(&r->port[i], r->program->ports[i]);
		else
			port_open_null(&r->port[i], r->program->ports[i]);
	}
	return ret;
}

int runner_chains_open(struct runner *r, const struct runner_sizes *sizes, struct fault *fault)
{
	uint8_t *chunks = r->memory.chunks;

	r->chains = calloc(r->program->chain_count, sizeof(*r->chains));
	if (r->chains == NULL)
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory for the chains");
	r->chain_count = r->program->chain_count;
	for (uint8_t i = 0; i < r->chain_count; i++) {
		int ret = chain_run_start(&r->chains[i], r, i, sizes, chunks, fault);

		if (ret < 0)
			return ret;
		chunks += chain_chunk_bytes(r->program->chains[i]);
	}
	return 0;
}

static int packets_open(struct runner *r, const struct runner_sizes *sizes, bool hugepages,
			struct fault *fault)
{
	const struct packet_memory_config config = {
	    .mbufs = sizes->mbufs,
	    .frames = sizes->frames,
	    .frame_room = sizes->frame_room,
	    .chunk_bytes = program_instances(r->program) * runner_chunk_bytes(r->program),
	    .hugepages = hugepages,
	};
	int ret = packet_memory_create(&r->memory, &config, fault);

	if (ret == 0 && packet_dynfields_register() < 0)
		ret = fault_set(fault, -ENOMEM, FAULT_EAL_FAILED,
				"DPDK has no room left in its packet descriptors");
	return ret;
}

void runner_describe(struct runner *r, const struct program *program,
		     const struct dataplane_options *options)
{
	cpu_set_t cpus;

	r->program = program;
	r->burst = options->burst;
	r->replay = options->capture != NULL;
	r->busy = options->busy;
	r->timed = options->latency;
	r->patience_ns = PATIENCE_NS;
	if (!r->eal)
		r->one_cpu =
		    sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) == 1;
}

/* Before the EAL pins this thread to one CPU. */
static void cpus_begin(struct runner *r)
{
	cpus_find(&r->cpus, r->program);
	r->cpu = cpus_take(&r->cpus);
}

static int sizes_find(struct runner_sizes *into, const struct program *program,
		      const struct dataplane_options *options, struct fault *fault)
{
	struct laps_size kept = {0};
	int ret = options->laps > 0 ? replay_measure(options->capture, &kept, fault) : 0;

	*into = sizes_compute(program, options, &kept);
	return ret;
}

static int take(struct runner *r, const struct dataplane_options *options,
		const struct runner_sizes *sizes, bool hugepages, struct fault *fault)
{
	int ret = packets_open(r, sizes, hugepages, fault);

	if (ret == 0 && (r->distributor == NULL || distributor_feeds(r->distributor)))
		ret = runner_ports_open(r, options, NULL, fault);
	if (ret == 0)
		ret = r->distributor != NULL ? distributor_open(r, options, sizes, fault)
					     : runner_chains_open(r, sizes, fault);
	return ret < 0 ? ret : natives_open(r, fault);
}

int runner_take(struct runner *r, const struct program *program,
		const struct dataplane_options *options, bool hugepages, struct fault *fault)
{
	struct runner_sizes sizes;
	int ret = sizes_find(&sizes, program, options, fault);

	runner_describe(r, program, options);
	cpus_begin(r);
	if (ret == 0 && program_instances(program) > 1)
		ret = distributor_create(r, program, options, fault);
	return ret < 0 ? ret : take(r, options, &sizes, hugepages, fault);
}

int runner_open(struct runner *r, const struct program *program,
		const struct dataplane_options *options, struct pool_plan *plan,
		struct fault *fault)
{
	struct eal_options eal = {.pci = wants_pci(options)};
	struct runner_sizes sizes;
	uint64_t resident;
	int ret;

	ret = eal_check(fault);
	if (ret == 0)
		ret = sizes_find(&sizes, program, options, fault);
	if (ret < 0)
		return ret;
	runner_plan(plan, program, &sizes);
	ret = memory_check(plan, options, fault);
	runner_describe(r, program, options);
	cpus_begin(r);
	eal.hugepages = plan->hugepages;
	eal.cpu = r->cpu;
	if (ret == 0 && program_instances(program) > 1)
		ret = distributor_create(r, program, options, fault);
	resident = memory_resident();
	if (ret == 0)
		ret = eal_start(&eal, fault);
	if (ret < 0)
		return ret;
	r->eal = true;
	/* Nobody can say before how much that is. */
	pool_plan_add(plan, 1, RTE_MAX(memory_resident(), resident) - resident, "DPDK");
	return take(r, options, &sizes, plan->hugepages, fault);
}

void runner_finish(struct runner *r)
{
	struct fault fault;

	if (r->out != NULL && !capture_out_finish(r->out, &fault))
		runner_warn(r, &fault);
	r->out = NULL;
}

bool runner_close(struct runner *r)
{
	if (!natives_close(r))
		return false;
	distributor_close(r);
	for (uint8_t i = 0; i < r->chain_count; i++)
		chain_run_end(&r->chains[i]);
	free(r->chains);
	r->chains = NULL;
	for (uint8_t i = 0; i < r->port_count; i++)
		port_close(&r->port[i]);
	if (r->main == NULL)
		packet_memory_destroy(&r->memory);
	if (r->eal)
		eal_stop();
	r->eal = false;
	return true;
}
