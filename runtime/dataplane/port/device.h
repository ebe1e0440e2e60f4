/* Parts of device.c: DPDK devices, with a queue each way for each who runs chains. */
#pragma once

#include <rte_ethdev.h>

#include "port.h"
#include "rss.h"

#define DEVICE_DESCRIPTORS 1024u /* of a queue, each way */

struct device {
	uint16_t id;
	bool started;
	struct rte_device *device;
	bool gone;    /* as was told */
	bool removed; /* the driver says so; set by a thread of the EAL */
};

/* A device that is there, and not started: `net_ring0`, `0000:03:00.0`. One of the kernel
 * (`net_af_packet0,iface=eth0`) is started at once. */
int device_find(struct port *p, const char *name, const char *device, struct rte_mempool *mbufs,
		struct fault *fault);
/* `rss`: a queue for each instance; NULL: one. Again after a failure. */
int device_start(struct port *p, const char *device, struct rte_mempool *mbufs,
		 const struct rss *rss, struct fault *fault);

/* A port of an instance: one queue each way of a device that another port has. */
int port_open_device_queue(struct port *p, const struct port *device, uint16_t queue);

/* device_rss.c. Whether a device can share out as `r` asks; narrows r->entries to what it
 * has. False: `why` says what it lacks, in words that go on from its name. */
bool device_rss_can(const struct port *p, struct rss *r, char *why, size_t size);
/* What rte_eth_dev_configure() is given. `key` has RSS_KEY_MOST bytes and stays. */
void device_rss_configure(const struct rte_eth_dev_info *info, const struct rss *r, uint8_t *key,
			  struct rte_eth_conf *conf);
/* Key and table, once it is started; looks whether it has taken them. 0 or -errno. */
int device_rss_apply(uint16_t id, const struct rte_eth_dev_info *info, const struct rss *r);

/* A port that is a DPDK device; NULL: it is of another kind. */
struct device *port_device(const struct port *p);
