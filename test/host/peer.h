/* The crafted end of one scenario's connection: what it knows of the host, and
 * the frames that its steps make. */
#pragma once

#include "scenario.h"
#include "wire.h"

#define COOKIE_MAX 16

struct peer {
	const struct scenario *scenario;
	uint16_t port, host_port;
	uint32_t isn;
	uint32_t host_isn, host_next; /* as its segments show */
	uint32_t expects, edge;	      /* what it acknowledged, and the right edge it offers */
	uint32_t clock;		      /* of our timestamps */
	uint32_t host_clock;	      /* its last timestamp */
	uint8_t host_scale;
	bool known; /* its SYN was seen */
	bool host_timestamps;
	bool host_scaled;
	uint8_t cookie_len;
	uint8_t cookie[COOKIE_MAX]; /* of RFC 7413, for our address */
};

void peer_begin(struct peer *p, const struct scenario *s, uint16_t port, uint16_t host_port);

/* Another connection with the same ports. */
void peer_renew(struct peer *p, uint32_t isn_more);

/* Takes note of a frame that the host sent to our port. */
void peer_hear(struct peer *p, const uint8_t *frame, uint32_t len);

/* Writes the frame of a segment; its length. `step` counts from 0. */
uint32_t peer_speak(struct peer *p, const struct segment_spec *g, uint8_t frame[WIRE_FRAME_MAX]);

/* The byte at `position` of the stream in a copy: copy 0 is the right one. */
uint8_t peer_byte(int32_t position, uint8_t copy);
