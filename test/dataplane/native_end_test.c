/* Functions in C on cores of their own, when all is to end: who comes late because others
 * keep the core is waited for, and what a handler that never returns has not handled is
 * lost. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <linux/futex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "lcore/native.h"
#include "lcore/open.h"
#include "support/eal.h"
#include "support/synthetic.h"
#include "support/temp_file.h"

#define LATE_US 2000000
#define SENT 3u

static bool is_late, is_deaf, may_return;

/* A thread that others keep from its core sleeps longer than it asks for. */
long syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list list;

	va_start(list, number);
	for (unsigned int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (next == NULL)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (number == SYS_futex && a[1] == FUTEX_WAIT &&
	    __atomic_load_n(&is_late, __ATOMIC_SEQ_CST))
		usleep(LATE_US);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static uint32_t drain(struct inlet *in, uint32_t limit)
{
	const struct ring_event *e;
	uint32_t count = 0;

	while (__atomic_load_n(&is_deaf, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&may_return, __ATOMIC_SEQ_CST))
		usleep(1000);
	while (count < limit && (e = inlet_next(in)) != NULL) {
		count++;
		if (inlet_pass(in, e))
			break;
	}
	return count;
}

static bool answer(struct chain *c, struct burst *b, const struct ring_answer *a)
{
	(void)c;
	(void)b;
	(void)a;
	return true;
}

static void stage(struct chain *c, struct burst *b)
{
	(void)c;
	b->next = b->count;
	b->complete = 1;
}

static const struct program_nf nfs[] = {{.name = "far", .answer = answer, .drain = drain}};
static const struct stack_features features;
static const char *const ports[] = {"client", "server"};
static const char *const events[] = {"PKT"};
static const struct program_chain chain = {
    .name = "alone",
    .stack_name = "wire",
    .near = 0,
    .far = 1,
    .features = &features,
    .nfs = nfs,
    .nf_count = 1,
    .outlet_count = 1,
    .stage_count = 1,
    .stage = {stage},
    .waits_for = {PROGRAM_NO_OUTLET},
    .chain_size = sizeof(struct chain),
    .event_names = events,
    .event_types = 1,
};
static const struct program_chain *const chains[] = {&chain};
static const struct program program = {
    .name = "native_end", .ports = ports, .port_count = 2, .chains = chains, .chain_count = 1};

static char capture[TEMP_PATH];

static struct runner *runner_new(void)
{
	const struct dataplane_options options = {.capture = capture, .burst = 32};
	struct runner *r = calloc(1, sizeof(*r));
	struct fault fault = {0};

	assert_non_null(r);
	if (runner_take(r, &program, &options, false, &fault) < 0)
		fail_msg("%s", fault.message);
	r->warning_count = 0; /* of cores that this machine does not have */
	return r;
}

static void send(struct runner *r, uint32_t count)
{
	struct chain *c = r->chains[0].chain;

	for (uint32_t i = 0; i < count; i++)
		assert_non_null(outlet_reserve(c->outlets[0], 1, OUTLET_FLOW, OWNER_NONE));
	c->nf[0].handled += count;
	outlet_flush(c->outlets[0]);
}

static void thread_that_comes_late_to_its_core_is_waited_for(void **state)
{
	struct runner *r = runner_new();

	(void)state;
	__atomic_store_n(&is_late, true, __ATOMIC_SEQ_CST);
	usleep(100000); /* it is asleep by now */
	natives_stop(r);
	assert_int_equal(r->warning_count, 0);
	__atomic_store_n(&is_late, false, __ATOMIC_SEQ_CST);
	assert_true(runner_close(r));
	free(r);
}

static void events_that_a_stuck_handler_has_not_handled_are_lost(void **state)
{
	struct runner *r = runner_new();
	const struct chain *c = r->chains[0].chain;

	(void)state;
	__atomic_store_n(&is_deaf, true, __ATOMIC_SEQ_CST);
	send(r, SENT);
	usleep(100000); /* it is in its handler by now */
	natives_stop(r);
	assert_int_equal(r->warning_count, 1);
	assert_string_equal(r->warnings[0].code, FAULT_HANDLER_BUSY);
	assert_non_null(strstr(r->warnings[0].message, "its handler does not return"));
	assert_int_equal(c->nf[0].handled, 0);
	assert_int_equal(c->nf[0].lost, SENT);
	assert_int_equal(outlet_lost(c->outlets[0]), SENT);
	assert_false(runner_close(r));
	__atomic_store_n(&may_return, true, __ATOMIC_SEQ_CST);
	pthread_join(r->natives->native[0].thread, NULL);
	r->natives->native[0].begun = false;
	assert_true(runner_close(r));
	free(r);
}

static int setup(void **state)
{
	(void)state;
	if (test_eal_start() != 0 || temp_file(capture, "") != 0)
		return -1;
	return synthetic_capture(capture, 1, 1000);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(thread_that_comes_late_to_its_core_is_waited_for),
	    cmocka_unit_test(events_that_a_stuck_handler_has_not_handled_are_lost),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
