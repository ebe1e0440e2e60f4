/* pcapng: blocks of type, length, body, length again (draft-ietf-opsawg-pcapng,
 * sections 3 and 4). Sections may follow each other, each in its own byte order
 * and with its own interfaces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture_file.h"

#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET 2u /* obsolete, still written by old programs */
#define BLOCK_SIMPLE 3u
#define BLOCK_ENHANCED 6u

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define BLOCK_HEADER 8			       /* type, length */
#define BLOCK_FRAME 12			       /* with the length at the end */
#define BLOCK_MAX (CAPTURE_FRAME_MAX + 65536u) /* kept whole; longer ones are skipped */

#define OPTION_END 0
#define OPTION_RESOLUTION 9
#define OPTION_OFFSET 14

struct block {
	uint32_t type;
	uint32_t length; /* in all */
	const uint8_t *body;
	uint32_t body_length;
};

static bool fault(struct capture_file *f, enum capture_fault what)
{
	f->fault = what;
	return false;
}

/* Its length is in the byte order that it announces. */
static bool section_order(struct capture_file *f)
{
	const uint8_t *at = capture_peek(f, BLOCK_HEADER + 4);
	uint32_t magic;

	if (at == NULL)
		return false;
	memcpy(&magic, at + BLOCK_HEADER, sizeof(magic));
	if (magic == BYTE_ORDER_MAGIC)
		f->swapped = false;
	else if (magic == __builtin_bswap32(BYTE_ORDER_MAGIC))
		f->swapped = true;
	else
		return fault(f, CAPTURE_BAD_LENGTH);
	return true;
}

/* The next block, not consumed. A block that is too long to be kept has no body. */
static bool block_peek(struct capture_file *f, struct block *b)
{
	const uint8_t *at = capture_peek(f, BLOCK_HEADER);
	uint32_t raw;

	if (at == NULL)
		return false;
	memcpy(&raw, at, sizeof(raw));
	if (raw == BLOCK_SECTION && !section_order(f))
		return false;
	at = capture_peek(f, BLOCK_HEADER);
	b->type = capture_u32(f, at);
	b->length = capture_u32(f, at + 4);
	if (b->length < BLOCK_FRAME || b->length % 4 != 0)
		return fault(f, CAPTURE_BAD_LENGTH);
	b->body_length = b->length - BLOCK_FRAME;
	b->body = NULL;
	if (b->length > BLOCK_MAX)
		return true;
	at = capture_peek(f, b->length);
	if (at == NULL)
		return false;
	if (capture_u32(f, at + b->length - 4) != b->length)
		return fault(f, CAPTURE_BAD_LENGTH);
	b->body = at + BLOCK_HEADER;
	return true;
}

static bool section_begin(struct capture_file *f, const struct block *b)
{
	if (b->body == NULL || b->body_length < 16)
		return fault(f, CAPTURE_BAD_LENGTH);
	if (capture_u16(f, b->body + 4) != 1)
		return fault(f, CAPTURE_BAD_LENGTH); /* a major version that is not ours */
	f->interface_count = 0;
	return true;
}

static void interface_option(const struct capture_file *f, struct capture_interface *i,
			     uint16_t code, const uint8_t *value, uint16_t length)
{
	if (code == OPTION_RESOLUTION && length >= 1) {
		i->binary = (value[0] & 0x80) != 0;
		i->digits = value[0] & 0x7f;
	} else if (code == OPTION_OFFSET && length >= 8) {
		uint64_t seconds;

		memcpy(&seconds, value, sizeof(seconds));
		i->offset = (int64_t)(f->swapped ? __builtin_bswap64(seconds) : seconds);
	}
}

static void interface_options(const struct capture_file *f, struct capture_interface *i,
			      const uint8_t *at, uint32_t left)
{
	while (left >= 4) {
		uint16_t code = capture_u16(f, at);
		uint16_t length = capture_u16(f, at + 2);
		uint32_t padded = (length + 3u) & ~3u;

		if (code == OPTION_END || padded > left - 4)
			return;
		interface_option(f, i, code, at + 4, length);
		at += 4 + padded;
		left -= 4 + padded;
	}
}

static bool interface_add(struct capture_file *f, const struct block *b)
{
	struct capture_interface *i;

	if (b->body == NULL || b->body_length < 8 || f->interface_count == CAPTURE_INTERFACES_MAX)
		return fault(f, CAPTURE_BAD_LENGTH);
	i = &f->interfaces[f->interface_count++];
	*i = (struct capture_interface){
	    .link_number = capture_u16(f, b->body),
	    .snap_length = capture_u32(f, b->body + 4),
	    .digits = 6,
	};
	i->known = capture_link_type(i->link_number, &i->link);
	interface_options(f, i, b->body + 8, b->body_length - 8);
	if (i->binary ? i->digits > 20 : i->digits > 6)
		f->nanoseconds = true;
	return true;
}

/* Units of the interface to nanoseconds; what cannot be is 0 or the largest. */
static uint64_t interface_time(const struct capture_interface *i, uint64_t units)
{
	unsigned __int128 ns = (unsigned __int128)units * 1000000000u;
	__int128 shifted;

	if (i->binary) {
		ns = i->digits < 127 ? ns >> i->digits : 0;
	} else {
		for (unsigned int d = 0; d < i->digits && ns != 0; d++)
			ns /= 10;
	}
	shifted = (__int128)ns + (__int128)i->offset * 1000000000;
	if (shifted < 0)
		return 0;
	return shifted > UINT64_MAX ? UINT64_MAX : (uint64_t)shifted;
}

/* What the three packet blocks have in common. */
struct packet_block {
	uint32_t interface;
	uint64_t units;
	uint32_t captured, wire;
	uint32_t data_at; /* in the body */
};

static bool packet_block_read(const struct capture_file *f, const struct block *b,
			      struct packet_block *p)
{
	const uint8_t *body = b->body;

	if (b->type == BLOCK_SIMPLE) {
		uint32_t snap = f->interface_count > 0 ? f->interfaces[0].snap_length : 0;

		if (b->body_length < 4)
			return false;
		*p = (struct packet_block){.wire = capture_u32(f, body), .data_at = 4};
		p->captured = snap != 0 && snap < p->wire ? snap : p->wire;
		return true;
	}
	if (b->body_length < 20)
		return false;
	*p = (struct packet_block){
	    .interface = b->type == BLOCK_PACKET ? capture_u16(f, body) : capture_u32(f, body),
	    .units = (uint64_t)capture_u32(f, body + 4) << 32 | capture_u32(f, body + 8),
	    .captured = capture_u32(f, body + 12),
	    .wire = capture_u32(f, body + 16),
	    .data_at = 20,
	};
	return true;
}

/* 1: a record; 0: the packet is skipped; -1: fault. */
static int packet_record(struct capture_file *f, const struct block *b,
			 struct capture_record *record)
{
	const struct capture_interface *i;
	struct packet_block p;

	if (b->body == NULL || !packet_block_read(f, b, &p) || p.captured > CAPTURE_FRAME_MAX ||
	    p.captured > b->body_length - p.data_at) {
		f->fault = CAPTURE_BAD_LENGTH;
		return -1;
	}
	if (p.interface >= f->interface_count) {
		f->fault = CAPTURE_BAD_INTERFACE;
		return -1;
	}
	f->records++;
	i = &f->interfaces[p.interface];
	if (!i->known) {
		if (f->skipped++ == 0)
			f->skipped_link = i->link_number;
		return 0;
	}
	*record = (struct capture_record){
	    .time = b->type == BLOCK_SIMPLE ? 0 : interface_time(i, p.units),
	    .number = f->records,
	    .data = b->body + p.data_at,
	    .captured = p.captured,
	    .wire = p.wire > p.captured ? p.wire : p.captured,
	    .link_number = i->link_number,
	    .link = i->link,
	};
	return 1;
}

/* Handles the block that was peeked, and consumes it. */
static int block_take(struct capture_file *f, const struct block *b, struct capture_record *record)
{
	int got = 0;

	switch (b->type) {
	case BLOCK_SECTION:
		got = section_begin(f, b) ? 0 : -1;
		break;
	case BLOCK_INTERFACE:
		got = interface_add(f, b) ? 0 : -1;
		break;
	case BLOCK_PACKET:
	case BLOCK_SIMPLE:
	case BLOCK_ENHANCED:
		got = packet_record(f, b, record);
		break;
	default: /* names, statistics, secrets, what others add */
		break;
	}
	if (got < 0)
		return got;
	if (b->body == NULL)
		return capture_skip(f, b->length) ? got : -1;
	capture_consume(f, b->length);
	return got;
}

int pcapng_open(struct capture_file *f)
{
	struct block b;

	f->interfaces = calloc(CAPTURE_INTERFACES_MAX, sizeof(*f->interfaces));
	if (f->interfaces == NULL)
		return -ENOMEM;
	if (block_peek(f, &b) && section_begin(f, &b)) {
		capture_consume(f, b.length);
		return 0;
	}
	return capture_open_error(f, f->fault == CAPTURE_CUT_OFF ? -ENODATA : -EBADMSG);
}

int pcapng_next(struct capture_file *f, struct capture_record *record)
{
	struct block b;
	int got = 0;

	while (got == 0) {
		if (!block_peek(f, &b))
			return 0;
		got = block_take(f, &b, record);
	}
	return got > 0 ? 1 : 0;
}
