/* A capture as a port: frames come in as fast as they are taken, or at the pace
 * at which they were recorded. */
#pragma once

#include "laps.h"
#include "port.h"

struct replay_options {
	const char *path;
	struct rte_mempool *mbufs;
	struct rte_mempool *frames;   /* with `laps`: where the capture is kept */
	uint32_t laps;		      /* 0: it is read as it is played, once */
	bool stamps;		      /* who gets frames asks their mbufs for the time */
	bool recorded;		      /* at the capture's pace, else at once */
	const struct laps_part *part; /* with `laps`; NULL: all of it */
};

/* 0; else the fault says why: missing, not a capture, a link type unknown to us. */
int port_open_replay(struct port *p, const char *name, const struct replay_options *options,
		     struct fault *fault);

/* Takes frames of a capture that is played in laps, and forgets them. */
void port_open_laps_end(struct port *p, const char *name);

/* Whether a capture can be opened; takes no memory of the pools. A pipe is left
 * alone. */
int replay_check(const char *path, struct fault *fault);

/* What it takes to keep a capture in memory, for `laps`. A pipe cannot be kept. */
int replay_measure(const char *path, struct laps_size *size, struct fault *fault);

/* Whether a frame is there. False: the capture has ended, or the next frame has
 * not come through the pipe yet. */
bool replay_ready(struct port *p);

/* What the next call of port_receive would give: its time, 0 at the end. A
 * capture's time never goes back: a frame is at least as late as those before. */
uint64_t replay_next_time(struct port *p);

/* With laps: the time of the capture's last frame, also of another part's. */
uint64_t replay_end_time(const struct port *p);

/* Nanoseconds to wait until the next frame is due; 0: now, or nothing is left. */
uint64_t replay_wait(struct port *p);

/* Passes over the next frame, which no buffer is free for. Returns its bytes. */
uint32_t replay_discard(struct port *p);

/* Whether the capture's times have nanoseconds, and the link type of its next
 * frame or, at the end, of its last: what a written copy is to have. */
void replay_format(struct port *p, bool *nanoseconds, uint32_t *link_number);

/* After the end: what was wrong with the capture, for a warning. False: nothing. */
bool replay_fault(struct port *p, struct fault *fault);
