#define _GNU_SOURCE
#include "dataplane.h"

#include <errno.h>
#include <pthread.h>
#include <rte_cycles.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "crash.h"
#include "distributor.h"
#include "native.h"
#include "open.h"
#include "thread.h"

/* One per process, shared by Node's main thread, its workers and the lcore. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	enum dataplane_state state;
	bool begun;   /* the thread exists */
	bool opened;  /* `error` is known */
	bool started; /* somebody called dataplane_start */
	bool closing;
	int error;
	struct fault fault;
	const struct program *program;
	const struct dataplane_options *options; /* valid until opened */
	struct pool_plan plan;
	struct runner *runner;
	void (*ended)(void *arg);
	void *ended_arg;
	enum dataplane_reason reason;
} dp = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void state_set(enum dataplane_state state)
{
	pthread_mutex_lock(&dp.lock);
	dp.state = state;
	pthread_cond_broadcast(&dp.changed);
	pthread_mutex_unlock(&dp.lock);
}

static void report_opened(int error)
{
	pthread_mutex_lock(&dp.lock);
	dp.error = error;
	dp.opened = true;
	dp.options = NULL;
	if (error == 0)
		dp.state = DATAPLANE_OPEN;
	pthread_cond_broadcast(&dp.changed);
	pthread_mutex_unlock(&dp.lock);
}

/* True: start; false: close. */
static bool wait_for_start(void)
{
	bool start;

	pthread_mutex_lock(&dp.lock);
	while (!dp.started && !dp.closing)
		pthread_cond_wait(&dp.changed, &dp.lock);
	start = dp.started;
	pthread_mutex_unlock(&dp.lock);
	return start;
}

static void wait_for_close(void)
{
	pthread_mutex_lock(&dp.lock);
	while (!dp.closing)
		pthread_cond_wait(&dp.changed, &dp.lock);
	pthread_mutex_unlock(&dp.lock);
}

static void run(void)
{
	runner_run(dp.runner);
	natives_stop(dp.runner);
	runner_finish(dp.runner);
	dp.reason = __atomic_load_n(&dp.runner->stop, __ATOMIC_SEQ_CST) == RUNNER_RUN
			? DATAPLANE_CAPTURE_ENDED
			: DATAPLANE_WAS_STOPPED;
	state_set(DATAPLANE_STOPPED);
	dp.ended(dp.ended_arg);
}

static void *thread_main(void *arg)
{
	int error;

	(void)arg;
	lcore_thread_prepare("mbx-lcore");
	error = runner_open(dp.runner, dp.program, dp.options, &dp.plan, &dp.fault);
	report_opened(error);
	if (error == 0) {
		if (wait_for_start()) {
			crash_watch(dp.runner);
			run();
			crash_forget();
		}
		wait_for_close();
	}
	/* What a handler that does not return still uses stays. */
	if (!runner_close(dp.runner))
		dp.runner = NULL;
	return NULL;
}

static int thread_begin(struct fault *fault)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	sigset_t all, before;
	int error;

	/* Signals are Node's, but for those that a fault of our own raises. */
	sigfillset(&all);
	for (unsigned int i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(&all, own[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&dp.thread, NULL, thread_main, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		return fault_set(fault, -error, FAULT_DATAPLANE_FAILED,
				 "the dataplane's thread cannot be made: %s", strerror(error));
	dp.begun = true;
	return 0;
}

static void thread_join(void)
{
	if (dp.begun)
		pthread_join(dp.thread, NULL);
	dp.begun = false;
	free(dp.runner);
	dp.runner = NULL;
}

static int open_locked(struct fault *fault)
{
	int ret = thread_begin(fault);

	if (ret < 0)
		return ret;
	while (!dp.opened)
		pthread_cond_wait(&dp.changed, &dp.lock);
	if (dp.error < 0)
		*fault = dp.fault;
	return dp.error;
}

int dataplane_open(const struct program *program, const struct dataplane_options *options,
		   struct fault *fault)
{
	int ret = options_check(program, options, fault);

	if (ret < 0)
		return ret;
	pthread_mutex_lock(&dp.lock);
	if (dp.state != DATAPLANE_IDLE || dp.runner != NULL) {
		pthread_mutex_unlock(&dp.lock);
		return fault_set(fault, -EBUSY, FAULT_DATAPLANE_FAILED,
				 "the dataplane is open already");
	}
	dp.runner = calloc(1, sizeof(*dp.runner));
	dp.program = program;
	dp.options = options;
	dp.plan = (struct pool_plan){0};
	dp.opened = dp.started = dp.closing = false;
	ret = dp.runner == NULL ? fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory")
				: open_locked(fault);
	pthread_mutex_unlock(&dp.lock);
	if (ret < 0)
		thread_join();
	return ret;
}

const struct pool_plan *dataplane_memory(void)
{
	pthread_mutex_lock(&dp.lock);
	if (dp.state == DATAPLANE_OPEN || dp.state == DATAPLANE_STOPPED)
		runner_plan_use(&dp.plan, dp.runner);
	pthread_mutex_unlock(&dp.lock);
	return &dp.plan;
}

void dataplane_sharing(char *text, size_t size)
{
	*text = '\0';
	pthread_mutex_lock(&dp.lock);
	if (dp.runner != NULL)
		distributor_describe(dp.runner, text, size);
	pthread_mutex_unlock(&dp.lock);
}

int dataplane_start(void (*ended)(void *arg), void *arg, struct fault *fault)
{
	pthread_mutex_lock(&dp.lock);
	if (dp.state != DATAPLANE_OPEN) {
		pthread_mutex_unlock(&dp.lock);
		return fault_set(fault, -EINVAL, FAULT_DATAPLANE_FAILED,
				 "the dataplane is not open, or was started before");
	}
	dp.ended = ended;
	dp.ended_arg = arg;
	dp.started = true;
	dp.state = DATAPLANE_RUNNING;
	for (uint16_t k = 0; k < runner_instances(dp.runner); k++)
		__atomic_store_n(&runner_instance(dp.runner, k)->drains, true, __ATOMIC_SEQ_CST);
	pthread_cond_broadcast(&dp.changed);
	pthread_mutex_unlock(&dp.lock);
	return 0;
}

static void runner_stop(struct runner *r, uint32_t how)
{
	if (__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST) < how)
		__atomic_store_n(&r->stop, how, __ATOMIC_SEQ_CST);
	runner_wake(r);
}

void dataplane_stop(bool now)
{
	uint32_t how = now ? RUNNER_NOW : RUNNER_DRAIN;

	pthread_mutex_lock(&dp.lock);
	if (dp.state == DATAPLANE_RUNNING || dp.state == DATAPLANE_DRAINING) {
		dp.state = DATAPLANE_DRAINING;
		runner_stop(dp.runner, how);
		for (uint16_t k = 0; k < runner_instances(dp.runner); k++)
			runner_stop(runner_instance(dp.runner, k), how);
	}
	pthread_mutex_unlock(&dp.lock);
}

/* Of all instances. */
static struct dataplane_latency latency_of(struct runner *main)
{
	static struct latency all;

	all = main->latency;
	for (uint16_t k = 0; main->distributor != NULL && k < runner_instances(main); k++)
		latency_merge(&all, &runner_instance(main, k)->latency);
	return (struct dataplane_latency){
	    .packets = all.packets,
	    .p50 = latency_percentile(&all, 50),
	    .p99 = latency_percentile(&all, 99),
	    .longest = all.longest,
	};
}

void dataplane_end(struct dataplane_end *end)
{
	*end = (struct dataplane_end){.reason = dp.reason};
	if (dp.runner != NULL) {
		end->warnings = dp.runner->warnings;
		end->warning_count = __atomic_load_n(&dp.runner->warning_count, __ATOMIC_ACQUIRE);
		end->cycles = dp.runner->cycles;
		end->cycles_per_second = rte_get_tsc_hz();
		end->latency = latency_of(dp.runner);
	}
}

/* Of a function in C on a core of its own. */
static bool native_at(unsigned int number, struct dataplane_place *at)
{
	const struct native *n;

	if (number >= natives_count(dp.runner))
		return false;
	n = &dp.runner->natives->native[number];
	at->turn = __atomic_load_n(&n->inlet.turn, __ATOMIC_RELAXED);
	at->chain = n->chain->name;
	at->nf[0] = n->nf->name;
	at->nf_count = 1;
	return __atomic_load_n(&n->inlet.busy, __ATOMIC_ACQUIRE);
}

bool dataplane_at(unsigned int instance, struct dataplane_place *at)
{
	const struct program_chain *chain;
	const struct runner *r;

	*at = (struct dataplane_place){0};
	if (dp.runner == NULL)
		return false;
	if (instance >= runner_instances(dp.runner))
		return native_at(instance - runner_instances(dp.runner), at);
	r = runner_instance(dp.runner, (uint16_t)instance);
	chain = __atomic_load_n(&r->at_chain, __ATOMIC_ACQUIRE);
	at->turn = __atomic_load_n(&r->at_turn, __ATOMIC_RELAXED);
	if (chain == NULL)
		return false;
	at->chain = chain->name;
	for (uint16_t place = 0; at->nf_count < DATAPLANE_PLACE_NFS; at->nf_count++) {
		at->nf[at->nf_count] = stage_nf_next(chain, r->at_stage, &place);
		if (at->nf[at->nf_count] == NULL)
			break;
	}
	return true;
}

const struct fault *dataplane_warning(unsigned int number)
{
	struct dataplane_end now;

	dataplane_end(&now);
	return number < now.warning_count ? &now.warnings[number] : NULL;
}

void dataplane_close(void)
{
	dataplane_stop(true);
	pthread_mutex_lock(&dp.lock);
	dp.closing = true;
	pthread_cond_broadcast(&dp.changed);
	pthread_mutex_unlock(&dp.lock);
	thread_join();
	dp.state = DATAPLANE_IDLE;
}

enum dataplane_state dataplane_state(void)
{
	enum dataplane_state state;

	pthread_mutex_lock(&dp.lock);
	state = dp.state;
	pthread_mutex_unlock(&dp.lock);
	return state;
}

/* The one that runs it; NULL: none. */
static struct runner *runner_of(unsigned int chain)
{
	unsigned int instance;

	if (dp.runner == NULL)
		return NULL;
	instance = chain / dp.runner->program->chain_count;
	return instance < runner_instances(dp.runner)
		   ? runner_instance(dp.runner, (uint16_t)instance)
		   : NULL;
}

struct outlet *dataplane_outlet(unsigned int chain, unsigned int outlet)
{
	struct runner *r = runner_of(chain);
	const struct chain *c;

	if (r == NULL || dataplane_state() == DATAPLANE_IDLE)
		return NULL;
	c = r->chains[chain % r->chain_count].chain;
	return outlet < c->program->outlet_count ? c->outlets[outlet] : NULL;
}

void dataplane_abandon(unsigned int chain, unsigned int outlet)
{
	struct outlet *o = dataplane_outlet(chain, outlet);
	struct runner *r = runner_of(chain);

	if (o == NULL)
		return;
	outlet_abandon(o);
	/* While it runs, the lcore counts. */
	if (dataplane_state() == DATAPLANE_STOPPED)
		chain_count_left(&r->chains[chain % r->chain_count]);
	else
		runner_wake(r);
}

void dataplane_packet_memory(uint8_t **base, size_t *size)
{
	*base = dp.runner != NULL ? dp.runner->memory.base : NULL;
	*size = dp.runner != NULL ? dp.runner->memory.size : 0;
}

void dataplane_wake(unsigned int chain)
{
	struct runner *r = runner_of(chain);

	if (r != NULL)
		runner_wake(r);
}

bool dataplane_drains(unsigned int chain)
{
	const struct runner *r = runner_of(chain);

	return r != NULL && __atomic_load_n(&r->drains, __ATOMIC_SEQ_CST);
}

void dataplane_counters(double *into, size_t size)
{
	if (dp.runner != NULL && size >= dataplane_counter_count(dp.program))
		counters_of_all(dp.runner, into);
}

void dataplane_instance_counters(unsigned int instance, double *into, size_t size)
{
	if (dp.runner == NULL || size < dataplane_counter_count(dp.program) ||
	    instance >= runner_instances(dp.runner))
		return;
	counters_of(runner_instance(dp.runner, (uint16_t)instance), into);
}
