#include "capture_out.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../packet/dynfield.h"
#include "capture_file.h"

#define BUFFER_SIZE (1u << 19) /* a frame of the largest size is written at once */
#define FRAME_OVERHEAD 128u    /* its headers, and those of an interface */
#define LINKS_MAX 16
#define PCAP_HEADER 24u
#define PCAP_RECORD 16u /* before a frame; no block of pcapng is shorter */
#define PCAPNG_PACKET 6u

struct capture_out {
	int fd;
	int error; /* errno of the first write that failed */
	char *path;
	uint64_t frames; /* given to us */
	uint64_t kept;	 /* of these, in the file */
	uint64_t length; /* bytes that they take there */
	bool pcapng;
	bool nanoseconds;
	uint64_t mismatch; /* frames of another link type than the file's */
	uint64_t time;	   /* of the latest frame */
	uint32_t link[LINKS_MAX];
	uint32_t link_count;
	uint32_t link_latest; /* index in `link` */
	size_t used;
	uint8_t buffer[BUFFER_SIZE];
};

static uint32_t word_at(const struct capture_out *o, size_t position)
{
	uint32_t word;

	memcpy(&word, o->buffer + position, sizeof(word));
	return word;
}

/* How long the record or block is that begins here; whether it is a frame. */
static size_t record_length(const struct capture_out *o, size_t position, bool *frame)
{
	if (o->pcapng) {
		*frame = word_at(o, position) == PCAPNG_PACKET;
		return word_at(o, position + 4);
	}
	*frame = o->length + position > 0;
	return *frame ? PCAP_RECORD + word_at(o, position + 8) : PCAP_HEADER;
}

/* What of the buffer is in the file as a whole, where `done` bytes of it are. */
static void out_keep(struct capture_out *o, size_t done)
{
	size_t whole = 0;

	while (done - whole >= PCAP_RECORD) {
		bool frame;
		size_t length = record_length(o, whole, &frame);

		if (length > done - whole)
			break;
		whole += length;
		o->kept += frame;
	}
	o->length += whole;
}

/* Ends with a whole frame each time, so that also a full disk leaves a file that
 * can be read: what of a frame was written is taken back. */
static bool out_flush(struct capture_out *o)
{
	size_t done = 0;

	while (o->error == 0 && done < o->used) {
		ssize_t wrote = write(o->fd, o->buffer + done, o->used - done);

		if (wrote >= 0)
			done += (size_t)wrote;
		else if (errno != EINTR)
			o->error = errno;
	}
	if (o->error == 0) {
		o->kept = o->frames;
		o->length += o->used;
	} else if (done > 0) {
		out_keep(o, done);
		(void)!ftruncate(o->fd, (off_t)o->length);
	}
	o->used = 0;
	return o->error == 0;
}

static void out_append(struct capture_out *o, const void *bytes, size_t size)
{
	memcpy(o->buffer + o->used, bytes, size);
	o->used += size;
}

static void pcap_header(struct capture_out *o)
{
	struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, accuracy, snap, link;
	} header = {
	    .magic = o->nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4,
	    .major = 2,
	    .minor = 4,
	    .snap = CAPTURE_FRAME_MAX,
	    .link = o->link[0],
	};

	out_append(o, &header, sizeof(header));
}

static void pcapng_section(struct capture_out *o)
{
	static const uint32_t section[7] = {0x0a0d0d0a, 28,	    0x1a2b3c4d, 1 /* version 1.0 */,
					    UINT32_MAX, UINT32_MAX, 28};

	out_append(o, section, sizeof(section));
}

/* An interface block with if_tsresol 9: nanoseconds. */
static void pcapng_interface(struct capture_out *o, uint32_t link)
{
	const uint32_t block[8] = {1, 32,	   link, CAPTURE_FRAME_MAX, 9 | 1u << 16,
				   9, 0 /* end */, 32};

	out_append(o, block, sizeof(block));
}

static void frame_append(struct capture_out *o, const struct rte_mbuf *m)
{
	for (; m != NULL; m = m->next)
		out_append(o, rte_pktmbuf_mtod(m, const void *), m->data_len);
}

static void pcap_frame(struct capture_out *o, const struct rte_mbuf *m, uint32_t wire)
{
	uint64_t rest = o->time % 1000000000ull;
	const uint32_t record[4] = {(uint32_t)(o->time / 1000000000ull),
				    (uint32_t)(o->nanoseconds ? rest : rest / 1000), m->pkt_len,
				    wire};

	out_append(o, record, sizeof(record));
	frame_append(o, m);
}

static void pcapng_frame(struct capture_out *o, const struct rte_mbuf *m, uint32_t wire)
{
	static const uint8_t zeros[4];
	uint32_t padding = -m->pkt_len & 3;
	uint32_t length = 32 + m->pkt_len + padding;
	const uint32_t block[7] = {
	    PCAPNG_PACKET, length, o->link_latest, (uint32_t)(o->time >> 32), (uint32_t)o->time,
	    m->pkt_len,	   wire};

	out_append(o, block, sizeof(block));
	frame_append(o, m);
	out_append(o, zeros, padding);
	out_append(o, &length, sizeof(length));
}

/* Finds the interface of a link type, or adds it; false: it has no place. */
static bool out_select_link(struct capture_out *o, uint32_t link)
{
	for (uint32_t i = 0; i < o->link_count; i++) {
		if (o->link[i] == link) {
			o->link_latest = i;
			return true;
		}
	}
	if (!o->pcapng || o->link_count == LINKS_MAX)
		return false;
	o->link_latest = o->link_count;
	o->link[o->link_count++] = link;
	pcapng_interface(o, link);
	return true;
}

static void out_frame(struct capture_out *o, struct rte_mbuf *m)
{
	uint32_t wire = packet_mbuf_wire_length(m);

	if (m->pkt_len > BUFFER_SIZE - FRAME_OVERHEAD) {
		o->mismatch++;
		return;
	}
	if (m->pkt_len + FRAME_OVERHEAD > BUFFER_SIZE - o->used)
		out_flush(o);
	if (m->hash.usr != 0 && !out_select_link(o, m->hash.usr - 1)) {
		o->mismatch++;
		return;
	}
	if (m->ol_flags & packet_dynfields.time_set)
		o->time = packet_mbuf_time(m);
	if (wire < m->pkt_len)
		wire = m->pkt_len;
	if (o->pcapng)
		pcapng_frame(o, m, wire);
	else
		pcap_frame(o, m, wire);
	o->frames++;
}

static uint16_t out_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	(void)p;
	(void)mbufs;
	(void)max;
	return 0;
}

/* A frame that cannot be written is no reason to stop: it is counted, and told
 * at the end. */
static uint16_t out_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		out_frame(p->state, mbufs[i]);
	rte_pktmbuf_free_bulk(mbufs, count);
	return count;
}

static void out_close(struct port *p)
{
	struct capture_out *o = p->state;

	if (o->fd >= 0) {
		out_flush(o);
		close(o->fd);
	}
	free(o->path);
	free(o);
	p->state = NULL;
}

static const struct port_ops out_ops = {
    .receive = out_receive,
    .transmit = out_transmit,
    .close = out_close,
};

static bool name_ends(const char *name, const char *end)
{
	size_t n = strlen(name), e = strlen(end);

	return n >= e && strcmp(name + n - e, end) == 0;
}

int port_open_capture_out(struct port *p, const char *name,
			  const struct capture_out_options *options, struct fault *fault)
{
	struct capture_out *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory to write `%s`",
				 options->path);
	o->pcapng = name_ends(options->path, ".pcapng");
	o->nanoseconds = options->nanoseconds;
	o->path = strdup(options->path);
	o->fd = open(options->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (o->fd < 0) {
		int error = errno;

		free(o->path);
		free(o);
		return fault_set(fault, -error, FAULT_OUT_UNWRITABLE, "cannot write `%s`: %s",
				 options->path, strerror(error));
	}
	if (o->pcapng) {
		pcapng_section(o);
		out_select_link(o, options->link_number);
	} else {
		o->link[o->link_count++] = options->link_number;
		pcap_header(o);
	}
	*p = (struct port){.ops = &out_ops, .state = o, .name = name, .ended = true};
	return 0;
}

bool capture_out_finish(struct port *p, struct fault *fault)
{
	struct capture_out *o = p->state;

	out_flush(o);
	if (close(o->fd) != 0 && o->error == 0)
		o->error = errno;
	o->fd = -1;
	if (o->error != 0)
		fault_set(fault, -o->error, FAULT_OUT_FAILED,
			  "only the first %" PRIu64 " of %" PRIu64 " packets are in `%s`: %s",
			  o->kept, o->frames, o->path != NULL ? o->path : "the written capture",
			  strerror(o->error));
	else if (o->mismatch > 0)
		fault_set(fault, -EPROTONOSUPPORT, FAULT_OUT_FAILED,
			  "%" PRIu64 " packets were not written: a pcap file holds one link type; "
			  "a name that ends in .pcapng gives a file that holds all",
			  o->mismatch);
	else
		return true;
	return false;
}
