/* DPDK devices: probed by their string; one queue each way, or one for each instance. */
#include "device.h"

#include <ctype.h>
#include <errno.h>
#include <rte_dev.h>
#include <stdlib.h>
#include <string.h>

#include "../eal/eal.h"
#include "af_packet.h"

#define DEVICE_STRING_MAX 512

/* Of an instance. */
struct device_queue {
	struct device *device; /* of another port, which lives longer */
	uint16_t number;
};

static bool is_pci_address(const char *device)
{
	unsigned int domain, bus, slot, function;

	return sscanf(device, "%x:%x:%x.%x", &domain, &bus, &slot, &function) == 4 ||
	       sscanf(device, "%x:%x.%x", &bus, &slot, &function) == 3;
}

/* A driver's name with a number, or a PCI address; then arguments. */
static bool device_string_valid(const char *device)
{
	size_t name = strcspn(device, ",");

	if (name == 0 || strlen(device) >= DEVICE_STRING_MAX)
		return false;
	for (const char *at = device; *at != '\0'; at++)
		if (!isgraph((unsigned char)*at))
			return false;
	return is_pci_address(device) || isalpha((unsigned char)device[0]);
}

int port_check_device(const char *name, const char *device, struct fault *fault)
{
	if (!device_string_valid(device))
		return fault_set(fault, -EINVAL, FAULT_BAD_DEVICE_STRING,
				 "port %s: `%s` is not a device: it takes a driver and its "
				 "arguments (net_af_packet0,iface=eth0) or a PCI address",
				 name, device);
	return af_packet_names(device) ? af_packet_check(name, device, fault) : 0;
}

/* Puts the tag back that a driver took out: a frame leaves as it came. */
static void restore_tags(struct rte_mbuf **mbufs, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		if (likely(!(mbufs[i]->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED)))
			continue;
		(void)rte_vlan_insert(&mbufs[i]);
		mbufs[i]->ol_flags &=
		    ~(RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_TX_VLAN);
	}
}

static uint16_t device_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	struct device *d = p->state;
	uint16_t count = rte_eth_rx_burst(d->id, 0, mbufs, max);

	if (count > 0)
		restore_tags(mbufs, count);
	return count;
}

static uint16_t device_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	struct device *d = p->state;

	return rte_eth_tx_burst(d->id, 0, mbufs, count);
}

static void device_refresh(struct port *p)
{
	struct device *d = p->state;
	struct rte_eth_stats stats;

	if (rte_eth_stats_get(d->id, &stats) == 0)
		p->counters.missed = stats.imissed + stats.ierrors + stats.rx_nombuf;
}

/* RTE_ETH_EVENT_INTR_RMV, from drivers that hear of an unplugged card. */
static int device_removed(uint16_t id, enum rte_eth_event_type type, void *arg, void *result)
{
	struct device *d = arg;

	(void)id;
	(void)type;
	(void)result;
	__atomic_store_n(&d->removed, true, __ATOMIC_RELEASE);
	return 0;
}

static void device_close(struct port *p)
{
	struct device *d = p->state;

	(void)rte_eth_dev_callback_unregister(d->id, RTE_ETH_EVENT_INTR_RMV, device_removed, d);
	if (d->started)
		(void)rte_eth_dev_stop(d->id);
	(void)rte_eth_dev_close(d->id);
	if (d->device != NULL)
		(void)rte_dev_remove(d->device);
	free(d);
	p->state = NULL;
}

static bool device_watch(struct port *p, struct fault *fault)
{
	struct device *d = p->state;
	char device[RTE_ETH_NAME_MAX_LEN] = "?";

	if (likely(d->gone || !__atomic_load_n(&d->removed, __ATOMIC_ACQUIRE)))
		return false;
	d->gone = true;
	p->away = true;
	(void)rte_eth_dev_get_name_by_port(d->id, device);
	fault_set(fault, 0, FAULT_DEVICE_GONE,
		  "the device `%s` of port `%s` has gone away: what would leave by it is dropped "
		  "from now on",
		  device, p->name);
	return true;
}

static const struct port_ops device_ops = {
    .receive = device_receive,
    .transmit = device_transmit,
    .refresh = device_refresh,
    .watch = device_watch,
    .close = device_close,
};

struct device *port_device(const struct port *p)
{
	return p->ops == &device_ops ? p->state : NULL;
}

static int queues_setup(uint16_t id, uint16_t queues, struct rte_mempool *mbufs)
{
	uint16_t receive = DEVICE_DESCRIPTORS, transmit = DEVICE_DESCRIPTORS;
	unsigned int socket = (unsigned int)rte_eth_dev_socket_id(id);
	int ret = rte_eth_dev_adjust_nb_rx_tx_desc(id, &receive, &transmit);

	for (uint16_t k = 0; ret == 0 && k < queues; k++) {
		ret = rte_eth_rx_queue_setup(id, k, receive, socket, NULL, mbufs);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(id, k, transmit, socket, NULL);
	}
	return ret;
}

static int device_configure(struct device *d, struct rte_mempool *mbufs, const struct rss *rss)
{
	struct rte_eth_conf conf = {.rxmode = {.mq_mode = RTE_ETH_MQ_RX_NONE}};
	uint16_t queues = rss != NULL ? rss->queues : 1;
	struct rte_eth_dev_info info;
	uint8_t key[RSS_KEY_MOST];
	int ret = rte_eth_dev_info_get(d->id, &info);

	if (ret < 0)
		return ret;
	conf.intr_conf.rmv = (*info.dev_flags & RTE_ETH_DEV_INTR_RMV) != 0;
	if (rss != NULL)
		device_rss_configure(&info, rss, key, &conf);
	ret = rte_eth_dev_configure(d->id, queues, queues, &conf);
	if (ret == 0)
		ret = queues_setup(d->id, queues, mbufs);
	if (ret == 0)
		ret = rte_eth_dev_start(d->id);
	d->started = ret == 0;
	return ret == 0 && rss != NULL ? device_rss_apply(d->id, &info, rss) : ret;
}

/* Each bus says so of a name that is none of its own. */
static bool driver_known(void)
{
	return !eal_log_contains("failed to parse device") && !eal_log_contains("no driver");
}

static int probe_fault(const char *name, const char *device, int error, struct fault *fault)
{
	char log[EAL_LOG_MAX];

	if (is_pci_address(device))
		return fault_set(
		    fault, error, FAULT_NO_SUCH_DEVICE,
		    "port %s: there is no usable device at `%s`: it must be bound to a "
		    "driver for user space (dpdk-devbind.py --bind=vfio-pci)",
		    name, device);
	if (!driver_known())
		return fault_set(fault, error, FAULT_UNKNOWN_DRIVER,
				 "port %s: no driver knows the device `%s`; known are "
				 "net_af_packetN, net_memifN, net_ringN, net_nullN, net_tapN and "
				 "what else DPDK was built with",
				 name, device);
	eal_log_text(log, sizeof(log));
	return fault_set(fault, error, FAULT_DEVICE_FAILED,
			 "port %s: the device `%s` cannot be opened: %s", name, device,
			 log[0] != '\0' ? log : strerror(-error));
}

static int device_look_up(const char *device, struct device *d)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	struct rte_eth_dev_info info;
	int ret;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(device, ","), device);
	ret = rte_eth_dev_get_port_by_name(name, &d->id);
	if (ret == 0)
		ret = rte_eth_dev_info_get(d->id, &info);
	if (ret < 0)
		return ret;
	d->device = info.device;
	if ((*info.dev_flags & RTE_ETH_DEV_INTR_RMV) != 0)
		(void)rte_eth_dev_callback_register(d->id, RTE_ETH_EVENT_INTR_RMV, device_removed,
						    d);
	return 0;
}

int device_find(struct port *p, const char *name, const char *device, struct rte_mempool *mbufs,
		struct fault *fault)
{
	struct device *d;
	int ret = port_check_device(name, device, fault);

	if (ret < 0)
		return ret;
	if (af_packet_names(device))
		return af_packet_open(p, name, device, mbufs, fault);
	eal_log_clear();
	ret = rte_dev_probe(device);
	if (ret < 0)
		return probe_fault(name, device, ret, fault);
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory for port %s", name);
	ret = device_look_up(device, d);
	if (ret < 0) {
		free(d);
		return probe_fault(name, device, ret, fault);
	}
	*p = (struct port){.ops = &device_ops, .state = d, .name = name, .link = LINK_ETHERNET};
	return 0;
}

int device_start(struct port *p, const char *device, struct rte_mempool *mbufs,
		 const struct rss *rss, struct fault *fault)
{
	struct device *d = port_device(p);
	int ret;

	if (d == NULL)
		return 0;
	if (d->started)
		(void)rte_eth_dev_stop(d->id);
	d->started = false;
	eal_log_clear();
	ret = device_configure(d, mbufs, rss);
	if (ret < 0)
		return probe_fault(p->name, device, ret, fault);
	/* Some virtual devices have no such mode and hand over everything anyway. */
	(void)rte_eth_promiscuous_enable(d->id);
	return 0;
}

/* ---- one queue of a device ---- */

static uint16_t queue_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	const struct device_queue *q = p->state;
	uint16_t count = rte_eth_rx_burst(q->device->id, q->number, mbufs, max);

	if (count > 0)
		restore_tags(mbufs, count);
	return count;
}

static uint16_t queue_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	const struct device_queue *q = p->state;

	return rte_eth_tx_burst(q->device->id, q->number, mbufs, count);
}

/* The port that has the device tells of it. */
static bool queue_watch(struct port *p, struct fault *fault)
{
	const struct device_queue *q = p->state;

	(void)fault;
	p->away = __atomic_load_n(&q->device->removed, __ATOMIC_ACQUIRE);
	return false;
}

static void queue_close(struct port *p)
{
	free(p->state);
	p->state = NULL;
}

static const struct port_ops queue_ops = {
    .receive = queue_receive,
    .transmit = queue_transmit,
    .watch = queue_watch,
    .close = queue_close,
};

int port_open_device_queue(struct port *p, const struct port *device, uint16_t queue)
{
	struct device_queue *q = malloc(sizeof(*q));

	if (q == NULL)
		return -ENOMEM;
	*q = (struct device_queue){.device = port_device(device), .number = queue};
	*p = (struct port){
	    .ops = &queue_ops, .state = q, .name = device->name, .link = LINK_ETHERNET};
	return 0;
}
