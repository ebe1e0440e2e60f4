/* Reads captures: pcap (micro- and nanoseconds, both byte orders) and pcapng.
 * A file that is cut off or broken gives all records before the fault, then the
 * fault. Also reads a pipe, where not all may be there yet. The file is read
 * through one window of bounded size, with reads and not
 * a mapping: another program may shorten it while we run, and a mapping would
 * then end us with SIGBUS. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../packet/packet.h"

#define CAPTURE_FRAME_MAX 262144u /* bytes of one frame; more is a broken length */
#define CAPTURE_INTERFACES_MAX 1024u

/* Link types as captures number them (tcpdump.org/linktypes.html). */
#define CAPTURE_LINK_ETHERNET 1u

/* Why reading ended before the end of the file. */
enum capture_fault {
	CAPTURE_WHOLE = 0,
	CAPTURE_CUT_OFF,       /* the file ends inside a record */
	CAPTURE_BAD_LENGTH,    /* a record says a length that cannot be */
	CAPTURE_BAD_INTERFACE, /* a packet of an interface that was not described */
	CAPTURE_READ_ERROR,    /* the operating system could not read on */
};

/* One frame. `data` is valid until the next call. */
struct capture_record {
	uint64_t time;	 /* nanoseconds since the epoch */
	uint64_t number; /* from 1, as Wireshark counts */
	const uint8_t *data;
	uint32_t captured;    /* bytes at `data` */
	uint32_t wire;	      /* bytes that the frame had, at least `captured` */
	uint32_t link_number; /* as the capture says it */
	enum link_type link;
};

/* What pcapng says of an interface; pcap has one. */
struct capture_interface {
	uint32_t link_number;
	uint32_t snap_length; /* 0: no limit */
	enum link_type link;
	bool known;  /* we can parse its frames */
	bool binary; /* resolution is 2^-digits, else 10^-digits */
	uint8_t digits;
	int64_t offset; /* seconds */
};

struct capture_file {
	int fd;
	int error;	 /* errno of CAPTURE_READ_ERROR */
	bool stream;	 /* a pipe */
	bool starved;	 /* the next record is not there yet: nothing of it is consumed */
	int patience_ms; /* how long a read from a pipe waits */
	uint64_t skip;	 /* bytes that are still to be passed over */
	uint8_t *window;
	size_t window_size;
	size_t begin, end; /* what of the window is not consumed yet */
	bool pcapng;
	bool swapped;	  /* byte order of the section is not ours */
	bool nanoseconds; /* pcap; for pcapng whether an interface has them */
	enum capture_fault fault;
	uint64_t records;      /* read so far */
	uint64_t skipped;      /* packets of link types that we cannot parse */
	uint32_t skipped_link; /* the first such link type */
	struct capture_interface *interfaces;
	uint32_t interface_count;
};

/* Opens a capture and reads its header; `/dev/stdin` and `/dev/fd/N` are the
 * descriptors of this process. -errno of the system, or
 *   -EBADMSG     the file is not a capture
 *   -ENODATA     it begins like one and ends within its header
 *   -EPROTONOSUPPORT  pcap of a link type that we cannot parse: `skipped_link`
 *   -EISDIR, -ESPIPE  neither a regular file nor a pipe
 *   -ETIMEDOUT   nobody has written a header into the pipe
 * `f` needs capture_close() only on success. */
int capture_open(struct capture_file *f, const char *path);

/* Whether it is a pipe: opening it twice would lose what comes through it. */
bool capture_is_stream(const char *path);

/* Reads the next frame. 1: `record` is filled; 0: none, because it has not come
 * yet (`f->starved`), or no more: `f->fault` says whether the file was whole. */
int capture_next(struct capture_file *f, struct capture_record *record);

void capture_close(struct capture_file *f);

/* The parser's type for a capture's number; false when we have none. */
bool capture_link_type(uint32_t number, enum link_type *link);

/* For the format's readers. */

/* `size` bytes that are not consumed yet, or NULL: fewer are left (fault is set
 * when some are, or when reading failed). */
const uint8_t *capture_peek(struct capture_file *f, size_t size);
void capture_consume(struct capture_file *f, size_t size);
/* Passes over bytes of any number without keeping them. False: not all, and the
 * next call of capture_next() goes on with it. */
bool capture_skip(struct capture_file *f, uint64_t size);
/* Why a header could not be read. */
int capture_open_error(const struct capture_file *f, int otherwise);

static inline uint16_t capture_u16(const struct capture_file *f, const uint8_t *at)
{
	uint16_t v;

	__builtin_memcpy(&v, at, sizeof(v));
	return f->swapped ? __builtin_bswap16(v) : v;
}

static inline uint32_t capture_u32(const struct capture_file *f, const uint8_t *at)
{
	uint32_t v;

	__builtin_memcpy(&v, at, sizeof(v));
	return f->swapped ? __builtin_bswap32(v) : v;
}

int pcap_open(struct capture_file *f);
int pcap_next(struct capture_file *f, struct capture_record *record);
int pcapng_open(struct capture_file *f);
int pcapng_next(struct capture_file *f, struct capture_record *record);
