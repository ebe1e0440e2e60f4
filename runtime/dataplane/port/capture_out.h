/* Writes frames to a capture, in order and unchanged, with the times at which
 * they were received. A name that ends in `.pcapng` gives pcapng, which holds
 * several link types; else pcap, which holds one. */
#pragma once

#include "port.h"

struct capture_out_options {
	const char *path;
	bool nanoseconds;
	uint32_t link_number; /* of pcap's only interface */
};

int port_open_capture_out(struct port *p, const char *name,
			  const struct capture_out_options *options, struct fault *fault);

/* Writes what is buffered. False when anything could not be written: the fault
 * says what, and how many frames are missing. */
bool capture_out_finish(struct port *p, struct fault *fault);

/* Notes on the mbuf how its frame begins, as captures number it. */
static inline void capture_out_mark(struct rte_mbuf *m, uint32_t link_number)
{
	m->hash.usr = link_number + 1;
}

/* For frames of our own: link type and time are those of the frame before. */
static inline void capture_out_unmark(struct rte_mbuf *m)
{
	m->hash.usr = 0;
}
