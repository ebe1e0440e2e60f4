#define _GNU_SOURCE
#include "crash.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512
#define STACK_BYTES 65536 /* a handler's own may be what overflowed */

static const struct {
	int number;
	const char *name;
} signals[] = {
    {SIGSEGV, "SIGSEGV, an address that is not its own"},
    {SIGBUS, "SIGBUS, an address behind the end of a file"},
    {SIGFPE, "SIGFPE, a division by zero"},
    {SIGILL, "SIGILL, an instruction that there is not"},
    {SIGABRT, "SIGABRT, abort()"},
};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

#define WATCHED_MAX 1024u

/* One thread that is watched: an lcore's, or that of a function on a core of its own. */
struct watched {
	const struct runner *runner;
	const struct native *native;
	pthread_t thread;
	uint8_t *stack;
	bool used;
};

static struct {
	pthread_mutex_t lock;
	struct watched thread[WATCHED_MAX];
	unsigned int count; /* of these that are used */
	bool terminal;	    /* a progress line may stand there */
	struct sigaction before[SIGNALS];
} watch = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* All below this is called in a signal handler: no locks, no memory, no stdio. */
struct line {
	char text[LINE_MAX_BYTES];
	size_t used;
};

static void line_add(struct line *l, const char *text)
{
	while (*text != '\0' && l->used < sizeof(l->text) - 1)
		l->text[l->used++] = *text++;
}

const char *stage_nf_next(const struct program_chain *chain, uint8_t stage, uint16_t *place)
{
	uint16_t best = UINT16_MAX;
	const char *name = NULL;

	for (uint8_t i = 0; i < chain->nf_count; i++) {
		const struct program_nf *nf = &chain->nfs[i];

		if (nf->outlet != PROGRAM_NO_OUTLET || nf->stage != stage || nf->place < *place ||
		    nf->place >= best)
			continue;
		best = nf->place;
		name = nf->name;
	}
	*place = (uint16_t)(best + 1);
	return name;
}

static void line_add_native(struct line *l, const struct native *n)
{
	line_add(l, n->inlet.busy ? "while chain `" : "outside of any handler of chain `");
	line_add(l, n->chain->name);
	line_add(l, "` ran: `");
	line_add(l, n->nf->name);
	line_add(l, "` on a core of its own");
}

static void line_add_place(struct line *l, const struct runner *r)
{
	const struct program_chain *chain = r->at_chain;
	uint16_t place = 0;
	const char *name;

	if (chain == NULL) {
		line_add(l, "outside of any handler");
		return;
	}
	line_add(l, "while chain `");
	line_add(l, chain->name);
	line_add(l, "` ran");
	for (unsigned int i = 0; i < chain->nf_count; i++) {
		name = stage_nf_next(chain, r->at_stage, &place);
		if (name == NULL)
			break;
		line_add(l, i == 0 ? ": `" : ", `");
		line_add(l, name);
		line_add(l, "`");
	}
}

static void crash_tell(unsigned int number, const struct watched *w)
{
	struct line l = {.used = 0};

	if (watch.terminal)
		line_add(&l, "\r\033[K");
	line_add(&l, "error[" FAULT_CRASHED "]: the program crashed (");
	line_add(&l, signals[number].name);
	line_add(&l, ") ");
	if (w->native != NULL)
		line_add_native(&l, w->native);
	else
		line_add_place(&l, w->runner);
	line_add(&l, "\n");
	(void)!write(STDERR_FILENO, l.text, l.used);
}

static void crash_pass_on(unsigned int number, siginfo_t *info, void *context)
{
	const struct sigaction *before = &watch.before[number];

	if (before->sa_flags & SA_SIGINFO) {
		before->sa_sigaction(signals[number].number, info, context);
		return;
	}
	if (before->sa_handler == SIG_IGN)
		return;
	if (before->sa_handler != SIG_DFL) {
		before->sa_handler(signals[number].number);
		return;
	}
	(void)sigaction(signals[number].number, before, NULL);
	(void)raise(signals[number].number);
}

static struct watched *watched_find(void)
{
	for (unsigned int i = 0; i < WATCHED_MAX; i++)
		if (watch.thread[i].used && pthread_equal(pthread_self(), watch.thread[i].thread))
			return &watch.thread[i];
	return NULL;
}

/* What the signal does by itself comes next: it ends the process, with a core
 * where the system keeps one. */
static void crash_now(int signal, siginfo_t *info, void *context)
{
	static const struct sigaction by_itself = {.sa_handler = SIG_DFL};
	const struct watched *w = watched_find();
	unsigned int number = 0;

	while (number < SIGNALS - 1 && signals[number].number != signal)
		number++;
	if (w == NULL) {
		crash_pass_on(number, info, context);
		return;
	}
	crash_tell(number, w);
	(void)sigaction(signal, &by_itself, NULL);
	(void)raise(signal);
}

/* A sanitizer tells more, and wants these signals for itself. */
static bool sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return true;
#else
	return false;
#endif
}

static void signals_take(void)
{
	struct sigaction action = {.sa_sigaction = crash_now, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	watch.terminal = isatty(STDERR_FILENO) == 1;
	sigemptyset(&action.sa_mask);
	for (unsigned int i = 0; i < SIGNALS; i++)
		(void)sigaction(signals[i].number, &action, &watch.before[i]);
}

static void watch_begin(struct watched *w)
{
	stack_t stack = {.ss_size = STACK_BYTES};

	w->stack = malloc(STACK_BYTES);
	w->thread = pthread_self();
	w->used = true;
	stack.ss_sp = w->stack;
	if (w->stack != NULL)
		(void)sigaltstack(&stack, NULL);
	if (watch.count++ == 0)
		signals_take();
}

static void thread_watch(const struct runner *r, const struct native *n)
{
	if (sanitized())
		return;
	pthread_mutex_lock(&watch.lock);
	for (unsigned int i = 0; i < WATCHED_MAX; i++) {
		if (watch.thread[i].used)
			continue;
		watch.thread[i].runner = r;
		watch.thread[i].native = n;
		watch_begin(&watch.thread[i]);
		break;
	}
	pthread_mutex_unlock(&watch.lock);
}

void crash_watch(const struct runner *r)
{
	thread_watch(r, NULL);
}

void crash_watch_native(const struct native *n)
{
	thread_watch(NULL, n);
}

void crash_forget(void)
{
	const stack_t none = {.ss_flags = SS_DISABLE};
	struct watched *w;

	pthread_mutex_lock(&watch.lock);
	w = watched_find();
	if (w != NULL) {
		w->used = false;
		if (--watch.count == 0)
			for (unsigned int i = 0; i < SIGNALS; i++)
				(void)sigaction(signals[i].number, &watch.before[i], NULL);
		(void)sigaltstack(&none, NULL);
		free(w->stack);
	}
	pthread_mutex_unlock(&watch.lock);
}
