/* Runs a generated program over captures without Node, so that the sanitizers
 * see all of it: workers are this thread, which reads every byte that a record
 * points to and answers nothing. One capture a process, as the EAL wants it.
 *
 *   replay CAPTURE BURST
 *
 * Prints `in N out N dropped N` on one line, then the fault if there was one. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "counter.h"
#include "lcore/dataplane.h"
#include "ring/ring.h"

static atomic_bool over;

static void ended(void *arg)
{
	(void)arg;
	atomic_store(&over, true);
}

struct consumer {
	unsigned int chain;
	struct outlet *outlet;
	struct ring events;
};

static uint32_t sum;

/* All that a worker could read: the record itself. */
static void consume(struct consumer *c)
{
	const struct ring_record *record;
	bool any = false;

	while ((record = ring_peek(&c->events)) != NULL) {
		const uint8_t *bytes = (const uint8_t *)record;

		for (size_t i = 0; i < (size_t)record->slots * RING_SLOT_SIZE; i++)
			sum += bytes[i];
		ring_pop(&c->events);
		any = true;
	}
	if (!any)
		return;
	__atomic_store_n(ring_word(&c->events, RING_WORD_TAIL), c->events.tail, __ATOMIC_RELEASE);
	dataplane_wake(c->chain);
}

static unsigned int find_consumers(struct consumer *consumers, unsigned int most)
{
	unsigned int count = 0;

	for (unsigned int chain = 0; chain < mbx_program.chain_count; chain++)
		for (unsigned int i = 0;
		     i < mbx_program.chains[chain]->outlet_count && count < most; i++) {
			struct consumer *c = &consumers[count++];

			c->chain = chain;
			c->outlet = dataplane_outlet(chain, i);
			c->events = *outlet_events(c->outlet);
		}
	return count;
}

static void print_counters(void)
{
	size_t size = dataplane_counter_count(&mbx_program);
	double *values = calloc(size, sizeof(*values));
	double in = 0, out = 0, dropped = 0;

	if (values == NULL)
		return;
	dataplane_counters(values, size);
	for (unsigned int i = 0; i < counter_count; i++) {
		if (strcmp(counter_infos[i].name, "packets.in") == 0)
			in = values[i];
		else if (strcmp(counter_infos[i].name, "packets.out") == 0)
			out = values[i];
		else if (strncmp(counter_infos[i].name, "dropped.", 8) == 0)
			dropped += values[i];
	}
	printf("in %.0f out %.0f dropped %.0f\n", in, out, dropped);
	free(values);
}

int main(int argc, char **argv)
{
	struct dataplane_options options = {0};
	struct consumer consumers[16];
	struct fault fault = {0};
	unsigned int count;

	if (argc != 3)
		return 2;
	options.capture = argv[1];
	options.burst = (uint16_t)atoi(argv[2]);
	if (dataplane_open(&mbx_program, &options, &fault) != 0) {
		printf("fault %s %s\n", fault.code, fault.message);
		return 3;
	}
	count = find_consumers(consumers, 16);
	if (dataplane_start(ended, NULL, &fault) != 0) {
		printf("fault %s %s\n", fault.code, fault.message);
		return 3;
	}
	while (!atomic_load(&over)) {
		for (unsigned int i = 0; i < count; i++)
			consume(&consumers[i]);
		nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
	}
	print_counters();
	dataplane_close();
	return 0;
}
