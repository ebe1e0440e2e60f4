#define _GNU_SOURCE
#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* V8's compiler threads go first: without that they starve beside a thread that
 * spins, and handlers stay slow for ever. */
#define LCORE_NICE 10
#define TIMER_SLACK_NS 10000ul

void lcore_thread_prepare(const char *name)
{
	pthread_setname_np(pthread_self(), name);
	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), LCORE_NICE);
	(void)prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
}

void lcore_thread_pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

unsigned int lcore_cpus(unsigned int *cpus, unsigned int max)
{
	unsigned int count = 0;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		for (unsigned int cpu = CPU_SETSIZE; cpu-- > 0 && count < max;)
			if (CPU_ISSET(cpu, &set))
				cpus[count++] = cpu;
	if (count == 0)
		cpus[count++] = 0;
	return count;
}
