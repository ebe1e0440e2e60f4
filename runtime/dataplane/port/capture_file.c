#include "capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Holds the largest frame with its headers, and enough to read in big pieces. */
#define WINDOW_SIZE (1u << 20)

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

/* Moves what is left to the front and reads behind it. */
static bool window_fill(struct capture_file *f, size_t size)
{
	memmove(f->window, f->window + f->begin, f->end - f->begin);
	f->end -= f->begin;
	f->begin = 0;
	while (f->end < size) {
		ssize_t got = read(f->fd, f->window + f->end, f->window_size - f->end);

		if (got < 0 && errno == EINTR)
			continue;
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

bool capture_skip(struct capture_file *f, uint64_t size)
{
	while (size > 0) {
		size_t step = size < f->window_size ? (size_t)size : f->window_size;

		if (capture_peek(f, step) == NULL) {
			if (f->fault == CAPTURE_WHOLE)
				f->fault = CAPTURE_CUT_OFF;
			return false;
		}
		capture_consume(f, step);
		size -= step;
	}
	return true;
}

static int file_open(struct capture_file *f, const char *path)
{
	struct stat st;

	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0)
		return -errno;
	if (fstat(f->fd, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -ESPIPE;
	(void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	f->window_size = WINDOW_SIZE;
	f->window = malloc(f->window_size);
	return f->window == NULL ? -ENOMEM : 0;
}

/* The first four bytes decide; both formats' magics differ in any byte order. */
static int format_open(struct capture_file *f)
{
	static const uint8_t section[] = {0x0a, 0x0d, 0x0d, 0x0a};
	const uint8_t *magic = capture_peek(f, sizeof(section));

	if (magic == NULL)
		return f->fault == CAPTURE_READ_ERROR ? -f->error : -EBADMSG;
	f->pcapng = memcmp(magic, section, sizeof(section)) == 0;
	return f->pcapng ? pcapng_open(f) : pcap_open(f);
}

int capture_open(struct capture_file *f, const char *path)
{
	int ret;

	*f = (struct capture_file){.fd = -1};
	ret = file_open(f, path);
	if (ret == 0)
		ret = format_open(f);
	if (ret < 0)
		capture_close(f);
	return ret;
}

int capture_next(struct capture_file *f, struct capture_record *record)
{
	if (f->fault != CAPTURE_WHOLE)
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
