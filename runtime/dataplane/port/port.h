/* Where frames come from and go to: devices, a capture that is replayed, a
 * capture that is written, or nothing. One lcore owns a port. */
#pragma once

#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <stdbool.h>
#include <stdint.h>

#include "../fault.h"
#include "../packet/packet.h"

struct port;

/* Since the start. Written by the lcore alone, read from anywhere. */
struct port_counters {
	uint64_t in, out; /* frames */
	uint64_t bytes_in, bytes_out;
	uint64_t missed;  /* frames that the device lost before we took them */
	uint64_t refused; /* frames that it did not take from us */
};

struct port_ops {
	/* At most `max` frames that have arrived; 0 when there are none now. */
	uint16_t (*receive)(struct port *p, struct rte_mbuf **mbufs, uint16_t max);
	/* Takes mbufs from the front of the array; returns how many, `unsent` included. */
	uint16_t (*transmit)(struct port *p, struct rte_mbuf **mbufs, uint16_t count);
	/* Reads what only the device knows into the counters; may be NULL. */
	void (*refresh)(struct port *p);
	/* Looks whether the device is still there and sets `away`; true: that has
	 * changed, and `fault` says how. Takes microseconds; may be NULL. */
	bool (*watch)(struct port *p, struct fault *fault);
	void (*close)(struct port *p);
};

struct port {
	const struct port_ops *ops;
	void *state;	       /* of the kind */
	const char *name;      /* as the program calls it */
	enum link_type link;   /* of the frames of the last receive */
	const uint64_t *times; /* of these, in nanoseconds since the epoch; NULL: each mbuf has
				* its own, or none */
	bool ended;	       /* nothing will ever be received again */
	bool own;	       /* what is sent now is the stack's own */
	bool away;	       /* what it is sent would be lost without a word: it is refused */
	uint32_t unsent;       /* frames of the last transmit that it took and did not send */
	uint64_t unsent_bytes;
	uint64_t lost; /* frames that were taken from it and had no room behind it */
	struct port_counters counters;
};

static inline uint16_t port_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	uint16_t count = p->ops->receive(p, mbufs, max);
	uint64_t bytes = 0;

	if (count == 0)
		return 0;
	for (uint16_t i = 0; i < count; i++)
		bytes += rte_pktmbuf_pkt_len(mbufs[i]);
	p->counters.in += count;
	p->counters.bytes_in += bytes;
	return count;
}

/* Sends what the port takes within a bounded time and frees the rest. Returns
 * how many were sent; *bytes is increased by their length. */
uint16_t port_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count, uint64_t *bytes);

/* The lcore asks a few times a second. True: `fault` is to be told. */
static inline bool port_watch(struct port *p, struct fault *fault)
{
	return p->ops->watch != NULL && p->ops->watch(p, fault);
}

static inline void port_close(struct port *p)
{
	if (p->ops != NULL)
		p->ops->close(p);
	p->ops = NULL;
}

/* A frame that was taken from it finds no room behind it: as if the device had had none. */
void port_lose(struct port *p, struct rte_mbuf *m);

/* Of a port that nothing comes in by. */
uint16_t port_receive_nothing(struct port *p, struct rte_mbuf **mbufs, uint16_t max);

/* Takes and forgets. */
void port_open_null(struct port *p, const char *name);

/* The interface of the kernel that a device string names; false: none. */
bool port_device_interface(const char *device, char *interface, size_t size);

/* What can be said of a device string before any memory is taken. */
int port_check_device(const char *name, const char *device, struct fault *fault);
