/* Interfaces of the kernel, by a packet socket of our own. */
#pragma once

#include <stdbool.h>

#include "port.h"

/* Whether a device string is of this kind: net_af_packet0,iface=eth0. */
bool af_packet_names(const char *device);

/* What can be said of such a string before any memory is taken. */
int af_packet_check(const char *name, const char *device, struct fault *fault);

int af_packet_open(struct port *p, const char *name, const char *device, struct rte_mempool *mbufs,
		   struct fault *fault);
