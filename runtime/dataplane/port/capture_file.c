#define _GNU_SOURCE
#include "capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Holds the largest frame with its headers, and enough to read in big pieces. */
#define WINDOW_SIZE (1u << 20)
/* For the header of a pipe: whoever writes captures writes it at once. */
#define HEADER_PATIENCE_MS 10000

bool capture_link_type(uint32_t number, enum link_type *link)
{
	switch (number) {
	case 1:
		*link = LINK_ETHERNET;
		return true;
	case 12:  /* DLT_RAW of most systems */
	case 14:  /* DLT_RAW of OpenBSD */
	case 101: /* LINKTYPE_RAW */
	case 228: /* IPv4 only */
	case 229: /* IPv6 only */
		*link = LINK_RAW_IP;
		return true;
	case 113:
		*link = LINK_COOKED;
		return true;
	case 276:
		*link = LINK_COOKED2;
		return true;
	case 0:	  /* BSD loopback, byte order of its host */
	case 108: /* the same in network order */
		*link = LINK_NULL;
		return true;
	default:
		return false;
	}
}

/* What has come through a pipe: -EAGAIN where nothing has yet. Poll and not
 * O_NONBLOCK, which others that have the pipe open would get as well. */
static ssize_t stream_read(const struct capture_file *f, uint8_t *to, size_t room)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	int ready = poll(&p, 1, f->patience_ms);

	if (ready < 0)
		return -1;
	if (ready == 0) {
		errno = EAGAIN;
		return -1;
	}
	return read(f->fd, to, room);
}

static ssize_t some_read(const struct capture_file *f)
{
	uint8_t *to = f->window + f->end;
	size_t room = f->window_size - f->end;

	return f->stream ? stream_read(f, to, room) : read(f->fd, to, room);
}

/* Moves what is left to the front and reads behind it. */
static bool window_fill(struct capture_file *f, size_t size)
{
	memmove(f->window, f->window + f->begin, f->end - f->begin);
	f->end -= f->begin;
	f->begin = 0;
	while (f->end < size) {
		ssize_t got = some_read(f);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN) {
			f->starved = true;
			return false;
		}
		if (got < 0) {
			f->error = errno;
			f->fault = CAPTURE_READ_ERROR;
			return false;
		}
		if (got == 0) {
			if (f->end > 0)
				f->fault = CAPTURE_CUT_OFF;
			return false;
		}
		f->end += (size_t)got;
	}
	return true;
}

const uint8_t *capture_peek(struct capture_file *f, size_t size)
{
	if (size > f->window_size) {
		f->fault = CAPTURE_BAD_LENGTH;
		return NULL;
	}
	if (f->end - f->begin < size && !window_fill(f, size))
		return NULL;
	return f->window + f->begin;
}

void capture_consume(struct capture_file *f, size_t size)
{
	f->begin += size;
}

/* Goes on with what was to be skipped. */
static bool skip_on(struct capture_file *f)
{
	while (f->skip > 0) {
		size_t step = f->skip < f->window_size ? (size_t)f->skip : f->window_size;

		if (capture_peek(f, step) == NULL) {
			if (f->fault == CAPTURE_WHOLE && !f->starved)
				f->fault = CAPTURE_CUT_OFF;
			return false;
		}
		capture_consume(f, step);
		f->skip -= step;
	}
	return true;
}

bool capture_skip(struct capture_file *f, uint64_t size)
{
	f->skip = size;
	return skip_on(f);
}

/* An end of a pipe that this process was given is not opened again: the writer
 * may be gone by now, and a pipe that is opened after that waits for another. */
static int descriptor_of(const char *path)
{
	int fd = -1, end = 0;

	if (strcmp(path, "/dev/stdin") == 0)
		return STDIN_FILENO;
	if ((sscanf(path, "/dev/fd/%d%n", &fd, &end) == 1 ||
	     sscanf(path, "/proc/self/fd/%d%n", &fd, &end) == 1) &&
	    path[end] == '\0')
		return fd;
	return -1;
}

bool capture_is_stream(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

static int path_open(const char *path)
{
	int given = capture_is_stream(path) ? descriptor_of(path) : -1;

	return given >= 0 ? fcntl(given, F_DUPFD_CLOEXEC, 0)
			  : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static int file_open(struct capture_file *f, const char *path)
{
	struct stat st;

	f->fd = path_open(path);
	if (f->fd < 0)
		return -errno;
	if (fstat(f->fd, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	f->stream = S_ISFIFO(st.st_mode);
	if (!S_ISREG(st.st_mode) && !f->stream)
		return -ESPIPE;
	if (f->stream)
		(void)fcntl(f->fd, F_SETPIPE_SZ, (int)WINDOW_SIZE);
	else
		(void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	f->window_size = WINDOW_SIZE;
	f->window = malloc(f->window_size);
	return f->window == NULL ? -ENOMEM : 0;
}

int capture_open_error(const struct capture_file *f, int otherwise)
{
	if (f->starved)
		return -ETIMEDOUT;
	return f->fault == CAPTURE_READ_ERROR ? -f->error : otherwise;
}

/* The first four bytes decide; both formats' magics differ in any byte order. */
static int format_open(struct capture_file *f)
{
	static const uint8_t section[] = {0x0a, 0x0d, 0x0d, 0x0a};
	const uint8_t *magic = capture_peek(f, sizeof(section));

	if (magic == NULL)
		return capture_open_error(f, -EBADMSG);
	f->pcapng = memcmp(magic, section, sizeof(section)) == 0;
	return f->pcapng ? pcapng_open(f) : pcap_open(f);
}

int capture_open(struct capture_file *f, const char *path)
{
	int ret;

	*f = (struct capture_file){.fd = -1, .patience_ms = HEADER_PATIENCE_MS};
	ret = file_open(f, path);
	if (ret == 0)
		ret = format_open(f);
	f->patience_ms = 0;
	if (ret < 0)
		capture_close(f);
	return ret;
}

int capture_next(struct capture_file *f, struct capture_record *record)
{
	f->starved = false;
	if (f->fault != CAPTURE_WHOLE || !skip_on(f))
		return 0;
	return f->pcapng ? pcapng_next(f, record) : pcap_next(f, record);
}

void capture_close(struct capture_file *f)
{
	free(f->window);
	free(f->interfaces);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->window = NULL;
	f->interfaces = NULL;
	f->interface_count = 0;
}
