/* Starts the EAL once, without hugepages, devices, or a folder that processes which
 * run at the same time would share. */
#pragma once

#include <rte_eal.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <stdio.h>

static inline int test_eal_start(void)
{
	static char *argv[] = {"test",	   "--no-huge", "--no-shconf", "--no-telemetry",
			       "-m",	   "64",	"--no-pci",    "--log-level=error",
			       "--lcores", "0",		NULL};

	return rte_eal_init(sizeof(argv) / sizeof(argv[0]) - 1, argv) < 0 ? -1 : 0;
}

/* A pool of `count` mbufs with `room` bytes after the headroom; no cache, so
 * that every mbuf can be taken. NULL when there is no memory. */
static inline struct rte_mempool *test_pool_create(const char *name, unsigned int count,
						   uint16_t room)
{
	return rte_pktmbuf_pool_create(name, count, 0, 0, (uint16_t)(room + RTE_PKTMBUF_HEADROOM),
				       SOCKET_ID_ANY);
}
