/* DPDK devices: probed by their string, one queue each way. */
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../eal/eal.h"
#include "interface.h"
#include "port.h"

#define DESCRIPTORS 1024
#define DEVICE_STRING_MAX 512

/* Rings of 512 frames lose packets when the core is shared with the senders. */
#define AF_PACKET_RING ",blocksz=65536,framesz=2048,framecnt=4096"

struct device {
	uint16_t id;
	bool started;
	struct rte_device *device;
	char interface[64];	    /* af_packet: the kernel's name; else empty */
	unsigned int index;	    /* the kernel's number of it */
	int hears_all;		    /* interface_hear_all(), or -1 */
	uint64_t before;	    /* frames that the interface had received when it was opened */
	enum interface_state state; /* as last seen */
	bool removed;		    /* the driver says so; set by a thread of the EAL */
};

/* The value of `key=` among a device string's arguments. */
static bool argument_value(const char *device, const char *key, char *value, size_t size)
{
	size_t key_len = strlen(key);

	for (const char *at = strchr(device, ','); at != NULL; at = strchr(at, ',')) {
		at++;
		if (strncmp(at, key, key_len) != 0 || at[key_len] != '=')
			continue;
		at += key_len + 1;
		snprintf(value, size, "%.*s", (int)strcspn(at, ","), at);
		return true;
	}
	return false;
}

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

	if (name == 0 || strlen(device) >= DEVICE_STRING_MAX - sizeof(AF_PACKET_RING))
		return false;
	for (const char *at = device; *at != '\0'; at++)
		if (!isgraph((unsigned char)*at))
			return false;
	return is_pci_address(device) || isalpha((unsigned char)device[0]);
}

static bool device_is_af_packet(const char *device)
{
	return strncmp(device, "net_af_packet", strlen("net_af_packet")) == 0;
}

bool port_device_interface(const char *device, char *interface, size_t size)
{
	return device_is_af_packet(device) && argument_value(device, "iface", interface, size);
}

static int check_interface(const char *name, const char *device, struct fault *fault)
{
	char interface[64];
	int fd;

	if (!argument_value(device, "iface", interface, sizeof(interface)))
		return fault_set(fault, -EINVAL, FAULT_BAD_DEVICE_STRING,
				 "port %s: `%s` does not say which interface: "
				 "net_af_packet0,iface=NAME",
				 name, device);
	if (if_nametoindex(interface) == 0)
		return fault_set(fault, -ENODEV, FAULT_NO_SUCH_DEVICE,
				 "port %s: there is no network interface `%s`", name, interface);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fault_set(fault, -errno, FAULT_NO_PERMISSION,
				 "port %s: `%s` needs root or the capability CAP_NET_RAW", name,
				 interface);
	close(fd);
	return 0;
}

int port_check_device(const char *name, const char *device, struct fault *fault)
{
	if (!device_string_valid(device))
		return fault_set(fault, -EINVAL, FAULT_BAD_DEVICE_STRING,
				 "port %s: `%s` is not a device: it takes a driver and its "
				 "arguments (net_af_packet0,iface=eth0) or a PCI address",
				 name, device);
	if (device_is_af_packet(device))
		return check_interface(name, device, fault);
	return 0;
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

/* The driver for af_packet does not tell what its ring had no room for (DPDK
 * 22.11), but the kernel counts every frame before it is offered to the ring. */
static uint64_t frames_missed(const struct device *d, uint64_t received)
{
	uint64_t now;

	if (interface_frames_received(d->interface, &now) < 0 || now - d->before < received)
		return 0;
	return now - d->before - received;
}

static void device_refresh(struct port *p)
{
	struct device *d = p->state;
	struct rte_eth_stats stats;

	if (rte_eth_stats_get(d->id, &stats) == 0)
		p->counters.missed = stats.imissed + stats.ierrors + stats.rx_nombuf;
	if (d->interface[0] != '\0')
		p->counters.missed = frames_missed(d, p->counters.in);
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
	if (d->hears_all >= 0)
		close(d->hears_all);
	if (d->device != NULL)
		(void)rte_dev_remove(d->device);
	free(d);
	p->state = NULL;
}

/* af_packet takes frames for an interface that is not there any more, without an
 * error, and its socket does not move to a new interface of that name. */
static enum interface_state device_look(const struct device *d)
{
	if (d->state == INTERFACE_GONE || __atomic_load_n(&d->removed, __ATOMIC_ACQUIRE))
		return INTERFACE_GONE;
	return d->index != 0 ? interface_look(d->interface, d->index) : INTERFACE_UP;
}

static void device_state_fault(const struct port *p, const struct device *d, struct fault *fault)
{
	const char *what = d->interface[0] != '\0' ? "interface" : "device";
	char device[RTE_ETH_NAME_MAX_LEN] = "?";

	(void)rte_eth_dev_get_name_by_port(d->id, device);
	if (d->interface[0] != '\0')
		snprintf(device, sizeof(device), "%s", d->interface);
	switch (d->state) {
	case INTERFACE_GONE:
		fault_set(fault, 0, FAULT_DEVICE_GONE,
			  "the %s `%s` of port `%s` has gone away: what would leave by it is "
			  "dropped from now on",
			  what, device, p->name);
		return;
	case INTERFACE_DOWN:
		fault_set(fault, 0, FAULT_DEVICE_DOWN,
			  "the %s `%s` of port `%s` is down: until it is up, nothing arrives by "
			  "it and what would leave by it is dropped",
			  what, device, p->name);
		return;
	case INTERFACE_UP:
		fault_set(fault, 0, FAULT_DEVICE_BACK, "the %s `%s` of port `%s` is up again", what,
			  device, p->name);
		return;
	}
}

static bool device_watch(struct port *p, struct fault *fault)
{
	struct device *d = p->state;
	enum interface_state state = device_look(d);

	if (likely(state == d->state))
		return false;
	d->state = state;
	p->away = state != INTERFACE_UP;
	device_state_fault(p, d, fault);
	return true;
}

static const struct port_ops device_ops = {
    .receive = device_receive,
    .transmit = device_transmit,
    .refresh = device_refresh,
    .watch = device_watch,
    .close = device_close,
};

static int device_configure(struct device *d, struct rte_mempool *mbufs)
{
	struct rte_eth_conf conf = {.rxmode = {.mq_mode = RTE_ETH_MQ_RX_NONE}};
	struct rte_eth_dev_info info;
	uint16_t receive = DESCRIPTORS, transmit = DESCRIPTORS;
	int socket = rte_eth_dev_socket_id(d->id);
	int ret = rte_eth_dev_info_get(d->id, &info);

	conf.intr_conf.rmv = ret == 0 && (*info.dev_flags & RTE_ETH_DEV_INTR_RMV) != 0;
	if (conf.intr_conf.rmv)
		(void)rte_eth_dev_callback_register(d->id, RTE_ETH_EVENT_INTR_RMV, device_removed,
						    d);
	if (ret == 0)
		ret = rte_eth_dev_configure(d->id, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(d->id, &receive, &transmit);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(d->id, 0, receive, (unsigned int)socket, NULL, mbufs);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(d->id, 0, transmit, (unsigned int)socket, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(d->id);
	d->started = ret == 0;
	/* af_packet's driver would leave the interface in this mode for ever. Some
	 * virtual devices have no such mode and hand over everything anyway. */
	if (ret == 0 && d->index != 0)
		d->hears_all = interface_hear_all(d->index);
	else if (ret == 0)
		(void)rte_eth_promiscuous_enable(d->id);
	return ret;
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

static void device_string(char *text, size_t size, const char *device)
{
	char value[32];
	bool plain = device_is_af_packet(device) &&
		     !argument_value(device, "blocksz", value, sizeof(value)) &&
		     !argument_value(device, "framesz", value, sizeof(value)) &&
		     !argument_value(device, "framecnt", value, sizeof(value));

	snprintf(text, size, "%s%s", device, plain ? AF_PACKET_RING : "");
}

static int device_find(const char *device, struct device *d)
{
	char name[RTE_DEV_NAME_MAX_LEN];
	struct rte_eth_dev_info info;
	int ret;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(device, ","), device);
	ret = rte_eth_dev_get_port_by_name(name, &d->id);
	if (ret == 0)
		ret = rte_eth_dev_info_get(d->id, &info);
	if (ret == 0)
		d->device = info.device;
	return ret;
}

/* Before the device starts: what arrives from here on is received or missed. */
static void device_watch_interface(struct device *d, const char *device)
{
	if (!device_is_af_packet(device) ||
	    !argument_value(device, "iface", d->interface, sizeof(d->interface)))
		return;
	d->index = if_nametoindex(d->interface);
	if (interface_frames_received(d->interface, &d->before) < 0)
		d->interface[0] = '\0';
}

int port_open_device(struct port *p, const char *name, const char *device,
		     struct rte_mempool *mbufs, struct fault *fault)
{
	char text[DEVICE_STRING_MAX];
	struct device *d;
	int ret = port_check_device(name, device, fault);

	if (ret < 0)
		return ret;
	device_string(text, sizeof(text), device);
	eal_log_clear();
	ret = rte_dev_probe(text);
	if (ret < 0)
		return probe_fault(name, device, ret, fault);
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory for port %s", name);
	ret = device_find(text, d);
	if (ret < 0) {
		free(d);
		return probe_fault(name, device, ret, fault);
	}
	d->hears_all = -1;
	*p = (struct port){.ops = &device_ops, .state = d, .name = name, .link = LINK_ETHERNET};
	device_watch_interface(d, device);
	ret = device_configure(d, mbufs);
	if (ret < 0) {
		ret = probe_fault(name, device, ret, fault);
		port_close(p);
	}
	return ret;
}
