/* A generated program without Node: replays a capture, and ends with 1 where that fails. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "lcore/dataplane.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool yes;
} ended = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};

static void note_end(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&ended.lock);
	ended.yes = true;
	pthread_cond_signal(&ended.changed);
	pthread_mutex_unlock(&ended.lock);
}

static void await_end(void)
{
	pthread_mutex_lock(&ended.lock);
	while (!ended.yes)
		pthread_cond_wait(&ended.changed, &ended.lock);
	pthread_mutex_unlock(&ended.lock);
}

/* As the main thread of a program does, while it runs. */
static void look_at_it(void)
{
	size_t count = dataplane_counter_count(&mbx_program);
	double *counters = calloc(count, sizeof(*counters));
	struct dataplane_place at;

	for (unsigned int i = 0; i < 64 && counters != NULL; i++) {
		dataplane_counters(counters, count);
		(void)dataplane_at(i % 8, &at);
		(void)dataplane_warning(i);
	}
	free(counters);
}

int main(int argc, char **argv)
{
	struct dataplane_options options = {.burst = 32};
	struct fault fault = {0};

	if (argc < 3)
		return 2;
	options.capture = argv[1];
	options.burst = (uint16_t)atoi(argv[2]);
	if (dataplane_open(&mbx_program, &options, &fault) < 0 ||
	    dataplane_start(note_end, NULL, &fault) < 0) {
		fprintf(stderr, "%s\n", fault.message);
		return 1;
	}
	look_at_it();
	if (argc > 3)
		dataplane_stop(true);
	await_end();
	dataplane_close();
	return 0;
}
