#define _GNU_SOURCE
#include "dataplane.h"

#include <errno.h>
#include <pthread.h>
#include <rte_cycles.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crash.h"
#include "open.h"

/* V8's compiler threads go first: without that they starve beside a thread that
 * spins, and handlers stay slow for ever. */
#define LCORE_NICE 10
#define TIMER_SLACK_NS 10000ul

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
	bool draining; /* an lcore takes answers: read without the lock */
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

static void thread_prepare(void)
{
	pthread_setname_np(pthread_self(), "mbx-lcore");
	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), LCORE_NICE);
	(void)prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
}

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
	__atomic_store_n(&dp.draining, false, __ATOMIC_SEQ_CST);
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
	thread_prepare();
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
	runner_close(dp.runner);
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
	__atomic_store_n(&dp.draining, true, __ATOMIC_SEQ_CST);
	pthread_cond_broadcast(&dp.changed);
	pthread_mutex_unlock(&dp.lock);
	return 0;
}

void dataplane_stop(bool now)
{
	uint32_t how = now ? RUNNER_NOW : RUNNER_DRAIN;

	pthread_mutex_lock(&dp.lock);
	if (dp.state == DATAPLANE_RUNNING || dp.state == DATAPLANE_DRAINING) {
		dp.state = DATAPLANE_DRAINING;
		if (__atomic_load_n(&dp.runner->stop, __ATOMIC_SEQ_CST) < how)
			__atomic_store_n(&dp.runner->stop, how, __ATOMIC_SEQ_CST);
		runner_wake(dp.runner);
	}
	pthread_mutex_unlock(&dp.lock);
}

void dataplane_end(struct dataplane_end *end)
{
	*end = (struct dataplane_end){.reason = dp.reason};
	if (dp.runner != NULL) {
		end->warnings = dp.runner->warnings;
		end->warning_count = __atomic_load_n(&dp.runner->warning_count, __ATOMIC_ACQUIRE);
		end->cycles = dp.runner->cycles;
		end->cycles_per_second = rte_get_tsc_hz();
	}
}

bool dataplane_at(struct dataplane_place *at)
{
	const struct program_chain *chain;

	*at = (struct dataplane_place){0};
	if (dp.runner == NULL)
		return false;
	chain = __atomic_load_n(&dp.runner->at_chain, __ATOMIC_ACQUIRE);
	at->turn = __atomic_load_n(&dp.runner->at_turn, __ATOMIC_RELAXED);
	if (chain == NULL)
		return false;
	at->chain = chain->name;
	for (uint16_t place = 0; at->nf_count < DATAPLANE_PLACE_NFS; at->nf_count++) {
		at->nf[at->nf_count] = stage_nf_next(chain, dp.runner->at_stage, &place);
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

struct outlet *dataplane_outlet(unsigned int chain, unsigned int outlet)
{
	struct runner *r = dp.runner;

	if (r == NULL || dataplane_state() == DATAPLANE_IDLE || chain >= r->chain_count ||
	    outlet >= r->chains[chain].chain->program->outlet_count)
		return NULL;
	return r->chains[chain].chain->outlets[outlet];
}

void dataplane_packet_memory(uint8_t **base, size_t *size)
{
	*base = dp.runner != NULL ? dp.runner->memory.base : NULL;
	*size = dp.runner != NULL ? dp.runner->memory.size : 0;
}

void dataplane_wake(void)
{
	if (dp.runner != NULL)
		runner_wake(dp.runner);
}

bool dataplane_drains(void)
{
	return __atomic_load_n(&dp.draining, __ATOMIC_SEQ_CST);
}

static double relaxed(const uint64_t *counter)
{
	return (double)__atomic_load_n(counter, __ATOMIC_RELAXED);
}

static double *copy(double *into, const void *counters, size_t size)
{
	const uint64_t *from = counters;

	for (size_t i = 0; i < size / sizeof(*from); i++)
		*into++ = relaxed(&from[i]);
	return into;
}

size_t dataplane_counter_count(const struct program *program)
{
	size_t count =
	    counter_count + program->port_count * sizeof(struct port_counters) / sizeof(uint64_t);

	for (uint8_t i = 0; i < program->chain_count; i++)
		count +=
		    1 + program->chains[i]->event_types +
		    program->chains[i]->nf_count * sizeof(struct nf_counters) / sizeof(uint64_t);
	return count;
}

static void derived_refresh(struct runner *r)
{
	uint64_t lost = 0;

	for (uint8_t i = 0; i < r->chain_count; i++) {
		const struct chain *c = r->chains[i].chain;

		for (uint8_t k = 0; k < c->program->outlet_count; k++)
			lost += outlet_lost(c->outlets[k]);
	}
	__atomic_store_n(&r->counters.events_lost, lost, __ATOMIC_RELAXED);
	for (uint8_t i = 0; i < r->port_count; i++)
		if (r->port[i].ops != NULL && r->port[i].ops->refresh != NULL)
			r->port[i].ops->refresh(&r->port[i]);
}

void dataplane_counters(double *into, size_t size)
{
	struct runner *r = dp.runner;

	if (r == NULL || size < dataplane_counter_count(r->program))
		return;
	derived_refresh(r);
	into = copy(into, &r->counters, sizeof(r->counters));
	for (uint8_t i = 0; i < r->port_count; i++)
		into = copy(into, &r->port[i].counters, sizeof(r->port[i].counters));
	for (uint8_t i = 0; i < r->chain_count; i++) {
		const struct chain *c = r->chains[i].chain;
		const struct program_chain *p = c->program;

		*into++ = c->stack.table != NULL ? flow_table_live(c->stack.table) : 0;
		into = copy(into, c->nf, p->nf_count * sizeof(*c->nf));
		into = copy(into, c->raised, p->event_types * sizeof(*c->raised));
	}
}
