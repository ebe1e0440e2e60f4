/* The dataplane as a host program sees it: wrong use gets a code and a sentence,
 * a run goes from open to close, and all of it once in a process. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counter.h"
#include "lcore/dataplane.h"
#include "support/forward_program.h"
#include "support/synthetic.h"
#include "support/temp_file.h"

#define FRAMES 500u

static char capture[TEMP_PATH];

static void assert_refused(const struct program *program, const struct dataplane_options *options,
			   const char *code, const char *text)
{
	struct fault fault = {0};

	assert_true(dataplane_open(program, options, &fault) < 0);
	assert_string_equal(fault.code, code);
	if (strstr(fault.message, text) == NULL)
		fail_msg("\"%s\" does not name %s", fault.message, text);
	assert_int_equal(dataplane_state(), DATAPLANE_IDLE);
}

static void refuse_ports(const char *a, const char *device_a, const char *b, const char *device_b,
			 const char *code, const char *text)
{
	const struct dataplane_binding bindings[] = {{a, device_a}, {b, device_b}};
	const struct dataplane_options options = {
	    .bindings = bindings, .binding_count = b != NULL ? 2 : 1, .burst = 32};

	assert_refused(&forward_program, &options, code, text);
}

static void ports_that_do_not_fit_the_program_are_refused(void **state)
{
	(void)state;
	refuse_ports("client", "net_null0", NULL, NULL, FAULT_PORT_NOT_BOUND, "server");
	refuse_ports("client", "net_null0", "client", "net_null1", FAULT_PORT_BOUND_TWICE,
		     "client");
	refuse_ports("client", "net_null0", "clint", "net_null1", FAULT_PORT_UNKNOWN, "clint");
	refuse_ports("client", "net_null0", "server", "net_null0", FAULT_BAD_DEVICE_STRING,
		     "net_null0");
}

static void devices_that_cannot_be_are_refused(void **state)
{
	(void)state;
	refuse_ports("client", "", "server", "net_null1", FAULT_BAD_DEVICE_STRING, "client");
	refuse_ports("client", "two words", "server", "net_null1", FAULT_BAD_DEVICE_STRING,
		     "two words");
	refuse_ports("client", "net_af_packet0", "server", "net_null1", FAULT_BAD_DEVICE_STRING,
		     "iface");
	refuse_ports("client", "net_af_packet0,iface=mbx-none", "server", "net_null1",
		     FAULT_NO_SUCH_DEVICE, "mbx-none");
}

static void captures_that_cannot_be_are_refused(void **state)
{
	const struct dataplane_binding binding = {"client", "net_null0"};
	struct dataplane_options options = {.capture = "/nowhere/at/all", .burst = 32};

	(void)state;
	assert_refused(&forward_program, &options, FAULT_CAPTURE_MISSING, "/nowhere/at/all");
	options.capture = "/dev";
	assert_refused(&forward_program, &options, FAULT_NOT_A_CAPTURE, "/dev");
	options.capture = "/proc/self/exe";
	assert_refused(&forward_program, &options, FAULT_NOT_A_CAPTURE, "/proc/self/exe");
	options.bindings = &binding;
	options.binding_count = 1;
	assert_refused(&forward_program, &options, FAULT_CAPTURE_AND_PORTS, "capture");
}

static void nothing_to_run_on_is_refused(void **state)
{
	const struct dataplane_options options = {.burst = 32};

	(void)state;
	assert_refused(&forward_program, &options, FAULT_NOTHING_TO_RUN_ON, "--capture");
}

static void more_memory_than_there_is_is_refused_before_it_is_taken(void **state)
{
	static const struct stack_features features = {.flows = true, .record_size = 65472};
	struct program_chain chain = forward_chain;
	const struct program_chain *const chains[] = {&chain};
	struct program program = forward_program;
	const struct dataplane_options options = {.capture = capture, .burst = 32};

	(void)state;
	chain.features = &features;
	chain.flows = 1u << 24;
	program.chains = chains;
	assert_refused(&program, &options, FAULT_NO_MEMORY, "MB");
}

struct ended {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool yes;
};

static void note_end(void *arg)
{
	struct ended *e = arg;

	pthread_mutex_lock(&e->lock);
	e->yes = true;
	pthread_cond_signal(&e->changed);
	pthread_mutex_unlock(&e->lock);
}

static void await_end(struct ended *e)
{
	pthread_mutex_lock(&e->lock);
	while (!e->yes)
		pthread_cond_wait(&e->changed, &e->lock);
	pthread_mutex_unlock(&e->lock);
}

static double counter_named(const double *counters, const char *name)
{
	for (unsigned int i = 0; i < counter_count; i++)
		if (strcmp(counter_infos[i].name, name) == 0)
			return counters[i];
	fail_msg("no counter %s", name);
	return 0;
}

/* The only test of this file that starts the EAL. */
static void a_run_goes_from_open_to_close_once(void **state)
{
	const struct dataplane_options options = {.capture = capture, .burst = 32};
	struct ended ended = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
	size_t count = dataplane_counter_count(&forward_program);
	double *counters = calloc(count, sizeof(*counters));
	struct dataplane_end end;
	struct fault fault = {0};

	(void)state;
	assert_true(dataplane_start(note_end, &ended, &fault) < 0);
	if (dataplane_open(&forward_program, &options, &fault) < 0)
		fail_msg("%s", fault.message);
	assert_int_equal(dataplane_state(), DATAPLANE_OPEN);
	assert_true(dataplane_memory()->count >= 2);
	assert_true(dataplane_open(&forward_program, &options, &fault) < 0);
	assert_int_equal(dataplane_start(note_end, &ended, &fault), 0);
	await_end(&ended);
	assert_int_equal(dataplane_state(), DATAPLANE_STOPPED);
	assert_false(dataplane_drains(0));
	dataplane_counters(counters, count);
	assert_int_equal(counter_named(counters, "packets.in"), FRAMES);
	assert_int_equal(counter_named(counters, "packets.out"), FRAMES);
	dataplane_end(&end);
	assert_int_equal(end.reason, DATAPLANE_CAPTURE_ENDED);
	assert_int_equal(end.warning_count, 0);
	assert_true(end.cycles > 0);
	assert_true(end.cycles < 60 * end.cycles_per_second);
	dataplane_close();
	assert_int_equal(dataplane_state(), DATAPLANE_IDLE);
	assert_refused(&forward_program, &options, FAULT_EAL_FAILED, "once");
	free(counters);
}

static int group_setup(void **state)
{
	(void)state;
	if (temp_file(capture, "") != 0)
		return -1;
	return synthetic_capture(capture, FRAMES, 1000);
}

static int group_teardown(void **state)
{
	(void)state;
	return unlink(capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ports_that_do_not_fit_the_program_are_refused),
	    cmocka_unit_test(devices_that_cannot_be_are_refused),
	    cmocka_unit_test(captures_that_cannot_be_are_refused),
	    cmocka_unit_test(nothing_to_run_on_is_refused),
	    cmocka_unit_test(more_memory_than_there_is_is_refused_before_it_is_taken),
	    cmocka_unit_test(a_run_goes_from_open_to_close_once),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
