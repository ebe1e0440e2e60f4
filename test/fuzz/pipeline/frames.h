/* The frames of a capture file in memory, read by the library's own readers. Needs
 * _GNU_SOURCE. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "port/capture_file.h"

#define FRAMES_MAX 256
#define FRAME_BYTES_MAX 10000u

struct captured_frame {
	uint8_t *data; /* of exactly `len` bytes */
	uint32_t len;
	uint32_t wire;
	uint64_t time;
	enum link_type link;
};

struct frames {
	struct captured_frame frame[FRAMES_MAX];
	unsigned int count;
};

static inline uint8_t *frame_copy(const uint8_t *data, uint32_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	return copy;
}

static inline void frames_free(struct frames *f)
{
	for (unsigned int i = 0; i < f->count; i++)
		free(f->frame[i].data);
	f->count = 0;
}

/* As replay has it, time does not go back. */
static inline void frames_read(struct frames *f, const char *path)
{
	struct capture_record record;
	struct capture_file file;
	uint64_t last = 0;

	if (capture_open(&file, path) < 0)
		return;
	while (f->count < FRAMES_MAX && capture_next(&file, &record) == 1) {
		if (record.wire < record.captured || record.captured > CAPTURE_FRAME_MAX)
			__builtin_trap();
		if (record.captured > FRAME_BYTES_MAX)
			continue;
		last = record.time > last ? record.time : last;
		f->frame[f->count++] = (struct captured_frame){
		    .data = frame_copy(record.data, record.captured),
		    .len = record.captured,
		    .wire = record.wire,
		    .time = last,
		    .link = record.link,
		};
	}
	capture_close(&file);
}

static inline void frames_load(struct frames *f, const uint8_t *bytes, size_t len)
{
	char path[64];
	int fd = memfd_create("capture", MFD_CLOEXEC);

	f->count = 0;
	if (fd < 0)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, bytes, len) == (ssize_t)len)
		frames_read(f, path);
	close(fd);
}
