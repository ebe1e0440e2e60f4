/* What all threads of the dataplane are. */
#pragma once

#define LCORES_MAX 1024

/* Names the calling thread and lets V8's compiler threads go first. */
void lcore_thread_prepare(const char *name);
/* Keeps it on a CPU. */
void lcore_thread_pin(unsigned int cpu);

/* CPUs that this process may run on, the last one first: Node's main thread and what
 * serves interrupts tend to be on the first. At least one. */
unsigned int lcore_cpus(unsigned int *cpus, unsigned int max);
