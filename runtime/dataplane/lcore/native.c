#define _GNU_SOURCE
#include "native.h"

#include <errno.h>
#include <pthread.h>
#include <rte_pause.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crash.h"
#include "distributor.h"
#include "thread.h"

#define BATCH_MAX 256u
#define SPINS 1000u /* looks at an empty ring before it sleeps */
#define SLEEP_MS 10u
/* In which a handler has to return, when all is to end. A thread that is in none ends as
 * soon as it has its core, which others may keep for a while. */
#define CLOSE_SECONDS 1u
#define CLOSE_LATE_SECONDS 5u
#define CLOSE_LOOK_NS 20000000
#define SECOND_NS 1000000000

/* ---- the thread ---- */

static bool native_spin(struct native *n)
{
	for (unsigned int i = n->spins ? SPINS : 0; i > 0; i--) {
		if (inlet_look(&n->inlet))
			return true;
		rte_pause();
	}
	return inlet_look(&n->inlet);
}

static void native_run(struct native *n)
{
	struct inlet *in = &n->inlet;

	while (!__atomic_load_n(&in->stop, __ATOMIC_ACQUIRE)) {
		if (!native_spin(n)) {
			inlet_sleep(in, SLEEP_MS);
			continue;
		}
		__atomic_store_n(&in->busy, true, __ATOMIC_RELAXED);
		(void)n->nf->drain(in, BATCH_MAX);
		__atomic_store_n(&in->busy, false, __ATOMIC_RELEASE);
		inlet_publish(in);
	}
}

static void *native_main(void *arg)
{
	struct native *n = arg;
	char name[16];

	snprintf(name, sizeof(name), "mbx-%s", n->nf->name);
	lcore_thread_prepare(name);
	lcore_thread_pin(n->cpu);
	crash_watch_native(n);
	native_run(n);
	crash_forget();
	return NULL;
}

/* ---- open and close ---- */

static unsigned int natives_of(const struct program *p)
{
	unsigned int count = 0;

	for (uint8_t i = 0; i < p->chain_count; i++)
		for (uint8_t k = 0; k < p->chains[i]->nf_count; k++)
			count += p->chains[i]->nfs[k].drain != NULL;
	return count;
}

static bool is_waited_for(const struct program_chain *p, uint8_t outlet)
{
	for (uint8_t stage = 0; stage + 1u < p->stage_count; stage++)
		if (p->waits_for[stage] == outlet)
			return true;
	return false;
}

static struct ring ring_seen(const struct ring *of)
{
	const uint32_t at = __atomic_load_n(ring_word(of, RING_WORD_TAIL), __ATOMIC_RELAXED);

	return (struct ring){
	    .memory = of->memory, .capacity = of->capacity, .head = at, .tail = at};
}

static void native_init(struct native *n, struct runner *r, struct chain_run *cr, uint8_t nf)
{
	const struct chain *c = cr->chain;
	const struct program_nf *p = &c->program->nfs[nf];
	struct outlet *o = c->outlets[p->outlet];

	n->run = cr;
	n->number = nf;
	n->chain = c->program;
	n->nf = p;
	n->inlet.events = ring_seen(outlet_events(o));
	n->inlet.answers = ring_seen(outlet_answers(o));
	n->inlet.answered = n->inlet.answers.head;
	n->inlet.packet_memory = c->packet_memory;
	n->inlet.records = c->state[nf];
	n->inlet.flows = c->state[nf] != NULL ? flow_table_capacity(c->stack.table) : 0;
	n->inlet.instance = c->instance[nf];
	n->inlet.lcore = &r->sleeper;
	n->inlet.drains = &r->drains;
	n->inlet.by_burst = is_waited_for(c->program, p->outlet);
}

static void native_place(struct native *n, struct runner *main)
{
	struct fault fault;

	n->cpu = n->nf->core;
	if (cpus_take_core(&main->cpus, n->cpu))
		return;
	n->cpu = cpus_take(&main->cpus);
	fault_set(&fault, 0, FAULT_PLACED_ELSEWHERE,
		  "`%s` is placed on core %u, which this program may not use here: it runs on "
		  "core %u",
		  n->nf->name, n->nf->core, n->cpu);
	runner_warn(main, &fault);
}

/* Whoever shares a CPU lets others have it. */
static void sharing_find(struct runner *main)
{
	struct natives *all = main->natives;
	unsigned int lcores = runner_instances(main), shared = 0;
	struct fault fault;

	if (main->distributor != NULL && main->distributor->feeds)
		lcores++;
	for (unsigned int i = 0; i < all->count; i++) {
		struct native *n = &all->native[i];

		n->spins = !cpus_shared(&main->cpus, n->cpu);
		shared += !n->spins;
	}
	main->one_cpu |= cpus_shared(&main->cpus, main->cpu);
	for (uint16_t k = 0; k < runner_instances(main); k++) {
		struct runner *r = runner_instance(main, k);

		r->one_cpu |= cpus_shared(&main->cpus, r->cpu);
	}
	if (shared == 0)
		return;
	fault_set(&fault, 0, FAULT_MORE_LCORES_THAN_CPUS,
		  "%u %s and %u placed %s in C are on %u %s, and some share one: each would need "
		  "one of its own",
		  lcores, lcores == 1 ? "lcore" : "lcores", all->count,
		  all->count == 1 ? "function" : "functions", main->cpus.count,
		  main->cpus.count == 1 ? "CPU" : "CPUs");
	runner_warn(main, &fault);
}

static void natives_init(struct runner *main)
{
	struct natives *all = main->natives;

	for (uint16_t k = 0; k < runner_instances(main); k++) {
		struct runner *r = runner_instance(main, k);

		for (uint8_t i = 0; i < r->chain_count; i++) {
			const struct chain *c = r->chains[i].chain;

			for (uint8_t nf = 0; nf < c->program->nf_count; nf++) {
				if (c->program->nfs[nf].drain == NULL)
					continue;
				native_init(&all->native[all->count], r, &r->chains[i], nf);
				native_place(&all->native[all->count++], main);
			}
		}
	}
}

int natives_open(struct runner *main, struct fault *fault)
{
	unsigned int count = natives_of(main->program) * runner_instances(main);
	size_t size = sizeof(struct natives) + count * sizeof(struct native);

	if (count == 0)
		return 0;
	size = RTE_ALIGN_CEIL(size, (size_t)RTE_CACHE_LINE_SIZE);
	main->natives = aligned_alloc(RTE_CACHE_LINE_SIZE, size);
	if (main->natives == NULL)
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory for %u threads",
				 count);
	memset(main->natives, 0, size);
	natives_init(main);
	sharing_find(main);
	for (unsigned int i = 0; i < count; i++) {
		struct native *n = &main->natives->native[i];
		int error = pthread_create(&n->thread, NULL, native_main, n);

		if (error != 0)
			return fault_set(fault, -error, FAULT_DATAPLANE_FAILED,
					 "the thread of `%s` cannot be made: %s", n->nf->name,
					 strerror(error));
		n->begun = true;
	}
	return 0;
}

static bool native_is_busy(const struct native *n)
{
	return __atomic_load_n(&n->inlet.busy, __ATOMIC_ACQUIRE);
}

static unsigned int native_patience(const struct native *n)
{
	return native_is_busy(n) ? CLOSE_SECONDS : CLOSE_LATE_SECONDS;
}

static bool native_joins(const struct native *n)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += CLOSE_LOOK_NS;
	until.tv_sec += until.tv_nsec / SECOND_NS;
	until.tv_nsec %= SECOND_NS;
	return pthread_timedjoin_np(n->thread, NULL, &until) == 0;
}

/* `since`: when it was told to. */
static bool native_ends(const struct native *n, uint64_t since)
{
	while (!native_joins(n))
		if (clock_monotonic_ns() - since > native_patience(n) * (uint64_t)SECOND_NS)
			return false;
	return true;
}

/* All of them together: they end at one time. */
static void threads_end(struct natives *all)
{
	uint64_t since = clock_monotonic_ns();

	for (unsigned int i = 0; i < all->count; i++)
		__atomic_store_n(&all->native[i].inlet.stop, true, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < all->count; i++) {
		struct native *n = &all->native[i];

		if (!n->begun || n->stuck)
			continue;
		n->stuck = !native_ends(n, since);
		n->begun = n->stuck;
	}
}

static void warn_stuck(struct runner *main, const struct native *n)
{
	struct fault fault;

	fault_set(&fault, 0, FAULT_HANDLER_BUSY,
		  "`%s` on core %u does not end within %u s, and the program ends without it: %s",
		  n->nf->name, n->cpu, native_patience(n),
		  native_is_busy(n) ? "its handler does not return" : "others keep the core busy");
	runner_warn(main, &fault);
}

void natives_stop(struct runner *main)
{
	struct natives *all = main->natives;

	if (all == NULL)
		return;
	threads_end(all);
	for (unsigned int i = 0; i < all->count; i++) {
		struct native *n = &all->native[i];

		chain_abandon(n->run, n->number, n->stuck);
		if (n->stuck)
			warn_stuck(main, n);
	}
}

bool natives_close(struct runner *main)
{
	struct natives *all = main->natives;

	if (all == NULL)
		return true;
	threads_end(all);
	for (unsigned int i = 0; i < all->count; i++)
		if (all->native[i].begun)
			return false;
	free(all);
	main->natives = NULL;
	return true;
}
