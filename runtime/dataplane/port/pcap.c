/* pcap: a header of 24 bytes, then records of 16 bytes and a frame
 * (draft-ietf-opsawg-pcap). */
#include <errno.h>
#include <stdlib.h>

#include "capture_file.h"

#define FILE_HEADER 24
#define RECORD_HEADER 16
#define MAGIC_MICROSECONDS 0xa1b2c3d4u
#define MAGIC_NANOSECONDS 0xa1b23c4du

static bool magic_known(uint32_t magic)
{
	return magic == MAGIC_MICROSECONDS || magic == MAGIC_NANOSECONDS;
}

int pcap_open(struct capture_file *f)
{
	const uint8_t *header = capture_peek(f, sizeof(uint32_t));
	struct capture_interface *only;
	uint32_t magic;

	if (header == NULL)
		return capture_open_error(f, -EBADMSG);
	magic = capture_u32(f, header);
	if (!magic_known(magic)) {
		f->swapped = true;
		magic = capture_u32(f, header);
	}
	if (!magic_known(magic))
		return -EBADMSG;
	header = capture_peek(f, FILE_HEADER);
	if (header == NULL)
		return capture_open_error(f, -ENODATA);
	f->nanoseconds = magic == MAGIC_NANOSECONDS;

	only = calloc(1, sizeof(*only));
	if (only == NULL)
		return -ENOMEM;
	f->interfaces = only;
	f->interface_count = 1;
	/* The upper bits say whether frames end with their FCS; the parser does not
	 * look behind the IP length. */
	only->link_number = capture_u32(f, header + 20) & 0xffff;
	only->known = capture_link_type(only->link_number, &only->link);
	f->skipped_link = only->link_number;
	capture_consume(f, FILE_HEADER);
	return only->known ? 0 : -EPROTONOSUPPORT;
}

int pcap_next(struct capture_file *f, struct capture_record *record)
{
	const uint8_t *header = capture_peek(f, RECORD_HEADER);
	uint32_t captured;

	if (header == NULL)
		return 0;
	captured = capture_u32(f, header + 8);
	if (captured > CAPTURE_FRAME_MAX) {
		f->fault = CAPTURE_BAD_LENGTH;
		return 0;
	}
	header = capture_peek(f, RECORD_HEADER + captured);
	if (header == NULL)
		return 0;
	*record = (struct capture_record){
	    .time = capture_u32(f, header) * 1000000000ull +
		    (uint64_t)capture_u32(f, header + 4) * (f->nanoseconds ? 1 : 1000),
	    .number = ++f->records,
	    .data = header + RECORD_HEADER,
	    .captured = captured,
	    .wire = capture_u32(f, header + 12),
	    .link_number = f->interfaces[0].link_number,
	    .link = f->interfaces[0].link,
	};
	if (record->wire < captured)
		record->wire = captured;
	capture_consume(f, RECORD_HEADER + captured);
	return 1;
}
