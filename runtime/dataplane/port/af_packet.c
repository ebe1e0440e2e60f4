/* A packet socket with a ring that the kernel writes frames to (packet(7),
 * PACKET_MMAP). DPDK's driver for such sockets is not used: it has the kernel put
 * IPv4 fragments together before we see them (PACKET_FANOUT_FLAG_DEFRAG), cuts off
 * frames that are longer than a slot, makes every VLAN tag one of 802.1Q, and says
 * of frames that the kernel did not send that they were sent. */
#define _GNU_SOURCE /* sendmmsg */
#include "af_packet.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interface.h"

/* Rings of 512 frames lose packets when the core is shared with the senders. */
#define RING_FRAMES 4096u
#define RING_FRAME 2048u
#define RING_BLOCK 65536u
#define RING_BYTES ((size_t)RING_FRAMES * RING_FRAME)

#define SEND_BUFFER (8 << 20) /* bytes in flight: the far end may be slow to take them */
#define SEND_AT_ONCE 64
#define SEND_SEGMENTS 8 /* of a frame */

#define MACS 12 /* bytes of a frame before the tag that the kernel takes out */
#define TAG 4

struct af_packet {
	int fd;
	uint8_t *ring;
	uint32_t next; /* slot */
	struct rte_mempool *mbufs;
	char interface[IF_NAMESIZE];
	unsigned int index;	    /* the kernel's number of it */
	int hears_all;		    /* interface_hear_all(), or -1 */
	uint64_t before;	    /* frames that the interface had received when it was opened */
	uint64_t too_long;	    /* frames that fit no slot */
	bool too_long_told;	    /* once */
	enum interface_state state; /* as last seen */
};

bool af_packet_names(const char *device)
{
	return strncmp(device, "net_af_packet", strlen("net_af_packet")) == 0;
}

/* Where frames begin in a slot: as the kernel computes it (tpacket_rcv). */
static unsigned int longest_frame(void)
{
	unsigned int network = TPACKET_ALIGN(TPACKET2_HDRLEN + 16);

	return RING_FRAME - (network - ETH_HLEN);
}

/* Takes the value of `iface`; -EINVAL where there is none, or another argument. */
static int read_arguments(const char *device, char *interface, size_t size)
{
	const char *at = strchr(device, ',');
	int found = -EINVAL;

	for (; at != NULL; at = strchr(at, ',')) {
		size_t len = strcspn(++at, ",");

		if (strncmp(at, "iface=", 6) != 0 || len == 6 || len - 6 >= size)
			return -EINVAL;
		snprintf(interface, size, "%.*s", (int)(len - 6), at + 6);
		found = 0;
	}
	return found;
}

bool port_device_interface(const char *device, char *interface, size_t size)
{
	return af_packet_names(device) && read_arguments(device, interface, size) == 0;
}

int af_packet_check(const char *name, const char *device, struct fault *fault)
{
	char interface[IF_NAMESIZE];
	int fd;

	if (read_arguments(device, interface, sizeof(interface)) < 0)
		return fault_set(fault, -EINVAL, FAULT_BAD_DEVICE_STRING,
				 "port %s: `%s` does not say which interface, and nothing else: "
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

static struct tpacket2_hdr *slot_at(const struct af_packet *a, uint32_t slot)
{
	return (struct tpacket2_hdr *)(a->ring + (size_t)slot * RING_FRAME);
}

/* Copies a frame with the VLAN tag that the kernel keeps beside it. */
static void copy_frame(struct rte_mbuf *m, const struct tpacket2_hdr *h)
{
	const uint8_t *from = (const uint8_t *)h + h->tp_mac;
	uint8_t *to = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t len = h->tp_snaplen;
	uint16_t tag[2];

	m->port = RTE_MBUF_PORT_INVALID;
	if (likely(!(h->tp_status & TP_STATUS_VLAN_VALID)) || len < MACS) {
		memcpy(to, from, len);
		m->data_len = (uint16_t)len;
	} else {
		tag[0] = rte_cpu_to_be_16(h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->tp_vlan_tpid
										   : ETH_P_8021Q);
		tag[1] = rte_cpu_to_be_16(h->tp_vlan_tci);
		memcpy(to, from, MACS);
		memcpy(to + MACS, tag, TAG);
		memcpy(to + MACS + TAG, from + MACS, len - MACS);
		m->data_len = (uint16_t)(len + TAG);
	}
	m->pkt_len = m->data_len;
}

static uint16_t af_packet_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	struct af_packet *a = p->state;
	uint16_t count = 0;

	while (count < max) {
		struct tpacket2_hdr *h = slot_at(a, a->next);
		uint32_t status = __atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE);

		if (!(status & TP_STATUS_USER))
			break;
		if (unlikely(h->tp_len > h->tp_snaplen)) {
			/* The rest of it is nowhere: half a frame is none. */
			a->too_long++;
		} else {
			struct rte_mbuf *m = rte_pktmbuf_alloc(a->mbufs);

			if (unlikely(m == NULL))
				break;
			copy_frame(m, h);
			mbufs[count++] = m;
		}
		__atomic_store_n(&h->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		a->next = (a->next + 1) % RING_FRAMES;
	}
	return count;
}

/* The segments of a frame; 0: more than can be sent. */
static unsigned int frame_segments(struct rte_mbuf *m, struct iovec *segments)
{
	unsigned int count = 0;

	for (; m != NULL; m = m->next) {
		if (count == SEND_SEGMENTS)
			return 0;
		segments[count++] = (struct iovec){.iov_base = rte_pktmbuf_mtod(m, void *),
						   .iov_len = rte_pktmbuf_data_len(m)};
	}
	return count;
}

/* Hands frames to the kernel; how many it has taken, or -errno of the first. */
static int send_some(const struct af_packet *a, struct rte_mbuf **mbufs, uint16_t count)
{
	struct iovec segments[SEND_AT_ONCE][SEND_SEGMENTS];
	struct mmsghdr messages[SEND_AT_ONCE];
	unsigned int n = 0;
	int sent;

	for (; n < SEND_AT_ONCE && n < count; n++) {
		unsigned int parts = frame_segments(mbufs[n], segments[n]);

		if (parts == 0)
			break;
		messages[n] = (struct mmsghdr){
		    .msg_hdr = {.msg_iov = segments[n], .msg_iovlen = parts},
		};
	}
	if (n == 0)
		return -EMSGSIZE;
	sent = sendmmsg(a->fd, messages, n, MSG_DONTWAIT);
	return sent < 0 ? -errno : sent;
}

/* A frame that the kernel refuses for what it is, or that its queue had no room
 * for, is not in anybody's way; all else waits. */
static bool is_for_one_frame(int error)
{
	return error == -EMSGSIZE || error == -ENOBUFS || error == -EINVAL;
}

static uint16_t af_packet_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	const struct af_packet *a = p->state;
	uint16_t done = 0;

	while (done < count) {
		int sent = send_some(a, mbufs + done, (uint16_t)(count - done));

		if (sent < 0 && !is_for_one_frame(sent))
			break;
		if (sent < 0) {
			p->unsent++;
			p->unsent_bytes += rte_pktmbuf_pkt_len(mbufs[done]);
			sent = 1;
		}
		rte_pktmbuf_free_bulk(mbufs + done, (unsigned int)sent);
		done += (uint16_t)sent;
	}
	return done;
}

/* The kernel counts every frame before it is offered to the ring: what is missing
 * there found no slot free, or was too long for one. */
static void af_packet_refresh(struct port *p)
{
	const struct af_packet *a = p->state;
	uint64_t received;

	if (a->state != INTERFACE_GONE && interface_frames_received(a->interface, &received) == 0 &&
	    received - a->before >= p->counters.in)
		p->counters.missed = received - a->before - p->counters.in;
}

static void state_fault(const struct port *p, const struct af_packet *a, struct fault *fault)
{
	switch (a->state) {
	case INTERFACE_GONE:
		fault_set(fault, 0, FAULT_DEVICE_GONE,
			  "the interface `%s` of port `%s` has gone away: what would leave by it "
			  "is dropped from now on",
			  a->interface, p->name);
		return;
	case INTERFACE_DOWN:
		fault_set(fault, 0, FAULT_DEVICE_DOWN,
			  "the interface `%s` of port `%s` is down: until it is up, nothing "
			  "arrives by it and what would leave by it is dropped",
			  a->interface, p->name);
		return;
	case INTERFACE_UP:
		fault_set(fault, 0, FAULT_DEVICE_BACK,
			  "the interface `%s` of port `%s` is up again", a->interface, p->name);
		return;
	}
}

/* The socket does not move to a new interface of the same name. */
static bool af_packet_watch(struct port *p, struct fault *fault)
{
	struct af_packet *a = p->state;
	enum interface_state state =
	    a->state == INTERFACE_GONE ? INTERFACE_GONE : interface_look(a->interface, a->index);

	/* While it is there: afterwards nobody knows any more. */
	af_packet_refresh(p);
	if (unlikely(state != a->state)) {
		a->state = state;
		p->away = state != INTERFACE_UP;
		state_fault(p, a, fault);
		return true;
	}
	if (likely(a->too_long == 0 || a->too_long_told))
		return false;
	a->too_long_told = true;
	fault_set(
	    fault, 0, FAULT_FRAMES_TOO_LONG,
	    "frames of more than %u bytes arrive at the interface `%s` of port `%s`: they are "
	    "not received",
	    longest_frame(), a->interface, p->name);
	return true;
}

static void af_packet_close(struct port *p)
{
	struct af_packet *a = p->state;

	if (a->ring != NULL)
		munmap(a->ring, RING_BYTES);
	if (a->fd >= 0)
		close(a->fd);
	if (a->hears_all >= 0)
		close(a->hears_all);
	free(a);
	p->state = NULL;
}

static const struct port_ops af_packet_ops = {
    .receive = af_packet_receive,
    .transmit = af_packet_transmit,
    .refresh = af_packet_refresh,
    .watch = af_packet_watch,
    .close = af_packet_close,
};

/* The ring is there before the socket hears anything. */
static int open_ring(struct af_packet *a)
{
	const struct tpacket_req request = {.tp_block_size = RING_BLOCK,
					    .tp_block_nr = (unsigned int)(RING_BYTES / RING_BLOCK),
					    .tp_frame_size = RING_FRAME,
					    .tp_frame_nr = RING_FRAMES};
	const struct sockaddr_ll address = {.sll_family = AF_PACKET,
					    .sll_protocol = rte_cpu_to_be_16(ETH_P_ALL),
					    .sll_ifindex = (int)a->index};
	const int version = TPACKET_V2, buffer = SEND_BUFFER;
	void *ring;

	a->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (a->fd < 0)
		return -errno;
	/* Without the capability for more it stays as the system has it. */
	(void)setsockopt(a->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer));
	if (setsockopt(a->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(a->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) < 0)
		return -errno;
	ring = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, a->fd, 0);
	if (ring == MAP_FAILED)
		return -errno;
	a->ring = ring;
	return bind(a->fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

int af_packet_open(struct port *p, const char *name, const char *device, struct rte_mempool *mbufs,
		   struct fault *fault)
{
	struct af_packet *a = calloc(1, sizeof(*a));
	int ret;

	if (a == NULL)
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory for port %s", name);
	*a = (struct af_packet){.fd = -1, .hears_all = -1, .mbufs = mbufs};
	*p = (struct port){.ops = &af_packet_ops, .state = a, .name = name, .link = LINK_ETHERNET};
	(void)read_arguments(device, a->interface, sizeof(a->interface));
	a->index = if_nametoindex(a->interface);
	/* Before it hears: what arrives from here on is received or missed. */
	ret = interface_frames_received(a->interface, &a->before);
	if (ret == 0)
		ret = open_ring(a);
	if (ret < 0) {
		ret = fault_set(fault, ret, FAULT_DEVICE_FAILED,
				"port %s: the interface `%s` cannot be opened: %s", name,
				a->interface, strerror(-ret));
		port_close(p);
		return ret;
	}
	a->hears_all = interface_hear_all(a->index);
	return 0;
}
