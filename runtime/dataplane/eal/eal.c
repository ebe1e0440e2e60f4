#define _GNU_SOURCE
#include "eal.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the EAL keeps for itself without hugepages: rings of pools, devices. */
#define EAL_MEGABYTES "128"
#define HUGEPAGE_FOLDER "/sys/kernel/mm/hugepages"

static struct {
	pthread_mutex_t lock;
	FILE *stream;
	size_t used;
	char text[EAL_LOG_MAX];
} captured = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Keeps the end of what was written. */
static ssize_t log_write(void *cookie, const char *bytes, size_t size)
{
	const size_t room = sizeof(captured.text) - 1;
	size_t part = size < room ? size : room;

	(void)cookie;
	pthread_mutex_lock(&captured.lock);
	if (captured.used + part > room) {
		size_t over = captured.used + part - room;

		memmove(captured.text, captured.text + over, captured.used - over);
		captured.used -= over;
	}
	memcpy(captured.text + captured.used, bytes + size - part, part);
	captured.used += part;
	captured.text[captured.used] = '\0';
	pthread_mutex_unlock(&captured.lock);
	return (ssize_t)size;
}

static void log_capture(void)
{
	static const cookie_io_functions_t functions = {.write = log_write};

	captured.stream = fopencookie(NULL, "w", functions);
	if (captured.stream == NULL)
		return;
	setvbuf(captured.stream, NULL, _IONBF, 0);
	rte_openlog_stream(captured.stream);
}

void eal_log_clear(void)
{
	pthread_mutex_lock(&captured.lock);
	captured.used = 0;
	captured.text[0] = '\0';
	pthread_mutex_unlock(&captured.lock);
}

bool eal_log_contains(const char *text)
{
	bool found;

	pthread_mutex_lock(&captured.lock);
	found = strstr(captured.text, text) != NULL;
	pthread_mutex_unlock(&captured.lock);
	return found;
}

/* The first line names the cause; those behind it who gave up because of it.
 * Lines begin with a component and a function. */
void eal_log_text(char *text, size_t size)
{
	const char *begin, *colon;

	pthread_mutex_lock(&captured.lock);
	begin = captured.text;
	for (;;) {
		colon = strstr(begin, ": ");
		if (colon == NULL || colon > begin + strcspn(begin, " \n"))
			break;
		begin = colon + 2;
	}
	snprintf(text, size, "%.*s", (int)strcspn(begin, "\n"), begin);
	pthread_mutex_unlock(&captured.lock);
}

static uint64_t hugepages_of(const char *folder)
{
	char path[128];
	unsigned long kilobytes, count = 0;
	FILE *file;

	if (sscanf(folder, "hugepages-%lukB", &kilobytes) != 1)
		return 0;
	snprintf(path, sizeof(path), HUGEPAGE_FOLDER "/hugepages-%lukB/free_hugepages", kilobytes);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &count) != 1)
		count = 0;
	fclose(file);
	return (uint64_t)count * kilobytes * 1024;
}

uint64_t eal_hugepages_free(void)
{
	DIR *folder = opendir(HUGEPAGE_FOLDER);
	const struct dirent *entry;
	uint64_t most = 0;

	if (folder == NULL)
		return 0;
	while ((entry = readdir(folder)) != NULL) {
		uint64_t bytes = hugepages_of(entry->d_name);

		most = bytes > most ? bytes : most;
	}
	closedir(folder);
	return most;
}

#define ARGUMENTS_MAX 16

/* `--no-huge` cannot go with `--in-memory`; both leave no file behind. `--lcores`
 * and not `-l`: lcore 0 exists whatever the CPU's number is. */
static int arguments(char **argv, const struct eal_options *options, char *lcores)
{
	int argc = 0;

	argv[argc++] = "mbx";
	argv[argc++] = "--lcores";
	argv[argc++] = lcores;
	argv[argc++] = "--no-telemetry";
	argv[argc++] = "--log-level=error";
	if (!options->pci)
		argv[argc++] = "--no-pci";
	if (options->hugepages) {
		argv[argc++] = "--in-memory";
		return argc;
	}
	argv[argc++] = "--no-huge";
	argv[argc++] = "--no-shconf";
	argv[argc++] = "-m";
	argv[argc++] = EAL_MEGABYTES;
	return argc;
}

static atomic_bool begun;

int eal_check(struct fault *fault)
{
	if (!atomic_load(&begun))
		return 0;
	return fault_set(fault, -EALREADY, FAULT_EAL_FAILED,
			 "DPDK starts once in a process, and it was started before");
}

/* What the EAL looks a CPU up by. Where it is not there, the EAL would say that
 * the core is unavailable and print its usage page to our standard output. */
static int check_cpu(unsigned int cpu, struct fault *fault)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/core_id", cpu);
	if (access(path, F_OK) == 0)
		return 0;
	return fault_set(fault, -ENOENT, FAULT_EAL_FAILED,
			 "DPDK cannot start: `%s` is not there, so it does not find the CPU; "
			 "is /sys mounted?",
			 path);
}

int eal_start(const struct eal_options *options, struct fault *fault)
{
	char lcores[32], log[EAL_LOG_MAX];
	unsigned int cpu = options->cpu;
	char *argv[ARGUMENTS_MAX] = {NULL};
	int argc;

	if (eal_check(fault) < 0)
		return -EALREADY;
	if (check_cpu(cpu, fault) < 0)
		return -ENOENT;
	atomic_store(&begun, true);
	snprintf(lcores, sizeof(lcores), "0@%u", cpu);
	argc = arguments(argv, options, lcores);
	log_capture();
	if (rte_eal_init(argc, argv) >= 0)
		return 0;
	eal_log_text(log, sizeof(log));
	return fault_set(fault, rte_errno == ENOMEM ? -ENOMEM : -EIO,
			 rte_errno == ENOMEM ? FAULT_NO_MEMORY : FAULT_EAL_FAILED,
			 "DPDK did not start: %s", log[0] != '\0' ? log : rte_strerror(rte_errno));
}

/* The EAL makes a folder also when it puts nothing in it. */
void eal_stop(void)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", rte_eal_get_runtime_dir());
	(void)rte_eal_cleanup();
	(void)rmdir(folder);
	rte_openlog_stream(NULL);
	if (captured.stream != NULL)
		fclose(captured.stream);
	captured.stream = NULL;
}
