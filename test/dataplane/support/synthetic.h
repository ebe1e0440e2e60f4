/* A capture that a test makes up: UDP frames of one flow, `gap_ns` apart. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYNTHETIC_FRAME 60

/* Ethernet, IPv4, UDP; the last byte is the frame's number. */
static inline void synthetic_frame(uint8_t *frame, uint32_t number)
{
	static const uint8_t head[] = {
	    2,	  0, 0,	   0,  0, 1,  2, 0, 0,	0,  0, 2, 8,  0,		    /* Ethernet */
	    0x45, 0, 0,	   46, 0, 0,  0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, /* IPv4 */
	    0x10, 0, 0x20, 0,  0, 26, 0, 0,					    /* UDP */
	};

	memset(frame, 0, SYNTHETIC_FRAME);
	memcpy(frame, head, sizeof(head));
	frame[SYNTHETIC_FRAME - 1] = (uint8_t)number;
}

/* Writes a pcap with nanoseconds at `path`; 0 or -1. `change` is given each frame with its
 * number; NULL: they stay. */
static inline int synthetic_capture_with(const char *path, uint32_t frames, uint64_t gap_ns,
					 void (*change)(uint8_t *frame, uint32_t number))
{
	static const uint32_t header[6] = {0xa1b23c4d, 4u << 16 | 2, 0, 0, 65535, 1};
	FILE *file = fopen(path, "wb");

	if (file == NULL)
		return -1;
	fwrite(header, sizeof(header), 1, file);
	for (uint32_t i = 0; i < frames; i++) {
		uint64_t time = 1700000000ull * 1000000000ull + i * gap_ns;
		uint32_t record[4] = {(uint32_t)(time / 1000000000ull),
				      (uint32_t)(time % 1000000000ull), SYNTHETIC_FRAME,
				      SYNTHETIC_FRAME};
		uint8_t frame[SYNTHETIC_FRAME];

		synthetic_frame(frame, i);
		if (change != NULL)
			change(frame, i);
		fwrite(record, sizeof(record), 1, file);
		fwrite(frame, sizeof(frame), 1, file);
	}
	return fclose(file);
}

static inline int synthetic_capture(const char *path, uint32_t frames, uint64_t gap_ns)
{
	return synthetic_capture_with(path, frames, gap_ns, NULL);
}
