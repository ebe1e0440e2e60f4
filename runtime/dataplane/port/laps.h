/* A capture that is kept in memory and played several times, each time with other
 * clients: a connection that is over would ignore its own segments the second time.
 *
 * The client of two hosts is whoever sends the first packet between them. In lap n
 * its address differs from the capture's by an exclusive or with the bits of n, put
 * where no two clients of the capture differ, within the last 24 bits: no client of
 * one lap is a client of another. Checksums follow (RFC 1624). Addresses inside of
 * tunnels and of ICMP errors stay as they were. */
#pragma once

#include <rte_mempool.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture_file.h"

#define LAPS_MAX 1000000000u
#define LAPS_TAKE_MAX 256

struct rte_mbuf;
struct packet;

/* A part of a capture, for one of several that play it at the same time: whole flows.
 * Times, laps and addresses are those of the whole. */
struct laps_part {
	bool (*has)(const struct laps_part *part, struct packet *p);
};

/* What it takes to keep a capture. */
struct laps_size {
	uint32_t mbufs; /* of `room` bytes each */
	uint16_t room;
};

/* Reads the capture once. -errno as capture_open(); -E2BIG: too many frames. */
int laps_measure(const char *path, struct laps_size *size);

/* One frame and how the address of its client is changed. */
struct lap_frame {
	struct rte_mbuf *mbuf;
	uint64_t time;	       /* in the first lap; never before that of the frame ahead */
	uint32_t client;       /* last 32 bits of the address, as in the frame */
	uint16_t client_at;    /* offset of these; 0: the frame has no client */
	uint16_t header_at;    /* offset of IPv4's checksum, or 0 */
	uint16_t transport_at; /* offset of the checksum over a pseudo header, or 0 */
	uint16_t header;       /* the checksums, as in the frame */
	uint16_t transport;
	uint8_t link; /* enum link_type */
	bool udp;     /* its checksum is never 0 */
};

struct laps {
	struct lap_frame *frames;
	struct rte_mempool *mbufs;
	uint32_t count;
	uint32_t client; /* of the first frame that has one, with `differ` where others do */
	uint32_t differ;
	bool has_client;
	uint64_t first, last; /* times of the capture's frames, also of another part's */
	uint32_t next;	      /* frame */
	uint32_t lap;	      /* from 0 */
	uint32_t laps;
	uint32_t free_bits; /* of an address: where no two clients differ */
	uint32_t change;    /* of this lap, in network order */
	uint64_t later;	    /* nanoseconds between the first lap and this one */
	uint64_t period;    /* between two laps */
	uint32_t link_number;
	bool stamps;		       /* mbufs have their time, too */
	uint64_t times[LAPS_TAKE_MAX]; /* of the frames that were taken last */
};

/* Reads what is left of `file` into mbufs of the pool. 0, or -errno: -ENOMEM. A
 * capture without frames has no laps. With `stamps` each mbuf has its time, at the
 * cost of a cache line that is touched for nothing else. `part`: NULL: all. */
int laps_load(struct laps *l, struct capture_file *file, struct rte_mempool *mbufs, uint32_t laps,
	      bool stamps, const struct laps_part *part);
void laps_unload(struct laps *l);

static inline bool laps_ended(const struct laps *l)
{
	return l->next == l->count;
}

/* Of the next frame. */
static inline uint64_t laps_time(const struct laps *l)
{
	return l->frames[l->next].time + l->later;
}

static inline enum link_type laps_link(const struct laps *l)
{
	return (enum link_type)l->frames[l->next].link;
}

/* Of the last frame of the last lap, also of another part's. */
static inline uint64_t laps_end_time(const struct laps *l)
{
	return l->last + (l->laps - 1) * l->period;
}

/* Takes at most `max` frames, and LAPS_TAKE_MAX, of one link type that are before
 * `end`; l->times are theirs. */
uint16_t laps_take(struct laps *l, struct rte_mbuf **into, uint16_t max, uint64_t end);

/* Passes over one; its bytes. */
uint32_t laps_discard(struct laps *l);

/* Gives frames back after they were sent. */
void laps_return(struct rte_mbuf **mbufs, uint16_t count);
