/* The EAL, started once in the process on the calling thread, which becomes its
 * main lcore. What it says is kept, never shown: a person gets our sentence. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../fault.h"

#define EAL_LOG_MAX 1024

struct eal_options {
	bool hugepages;	  /* from eal_hugepages_free() */
	bool pci;	  /* some port is a PCI device */
	unsigned int cpu; /* that the calling thread is kept on */
};

/* Bytes of free hugepages of the largest kind that has some. */
uint64_t eal_hugepages_free(void);

/* Whether the EAL can still be started; once it was, none of DPDK may be called
 * after eal_stop(). */
int eal_check(struct fault *fault);

/* 0, or a fault; a second call in a process is one. */
int eal_start(const struct eal_options *options, struct fault *fault);
void eal_stop(void);

/* The first line that DPDK logged since eal_log_clear(), without its prefixes. */
void eal_log_text(char *text, size_t size);
void eal_log_clear(void);
bool eal_log_contains(const char *text);
