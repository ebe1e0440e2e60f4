/* Plays scenarios against the host, many at a time, and keeps what passed on the
 * wire and what the host's application got. */
#pragma once

#include "peer.h"

#define PLAY_CONNECTIONS_MAX 4

enum connection_end { END_OPEN, END_EOF, END_RESET };

/* What the host's application got of one connection. */
struct connection {
	uint8_t *bytes;
	size_t len, room;
	uint32_t written;
	int fd;
	uint8_t end; /* enum connection_end */
	bool established;
	bool perhaps;  /* nobody looked between its handshake and its reset */
	bool told;     /* of a reset when it wrote: the host says that once */
	bool given_up; /* the application closed it: what comes later it never sees */
};

struct passed {
	uint64_t time; /* nanoseconds */
	uint32_t at, len;
	bool from_host;
};

struct play {
	const struct scenario *scenario;
	struct peer peer;
	struct connection connection[PLAY_CONNECTIONS_MAX];
	unsigned int connection_count;
	struct passed *passed;
	size_t passed_count, passed_room;
	uint8_t *frames;
	size_t frame_bytes, frame_room;
	uint64_t due;
	uint8_t next;
	bool done;
};

struct host {
	int wire;
	int listener[4];
	uint16_t next_port;
	uint8_t cookie_len;
	uint8_t cookie[COOKIE_MAX];
	struct play *plays;
	size_t play_count;
};

/* 0, or a negative errno with `*what`: then nothing can be played here. */
int host_open(struct host *h, const char **what);

/* Plays all at once; the caller gives each back with play_free(). */
void host_play(struct host *h, const struct scenario *const *scenarios, struct play *plays,
	       size_t count);

void play_free(struct play *p);
