#include "replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../timer/wheel.h"
#include "capture_file.h"
#include "capture_mbuf.h"
#include "laps.h"

/* A burst ends where timers may be due, so that what happens when does not
 * depend on the size of bursts; and where the link type changes. */
struct replay {
	struct capture_file file;
	struct capture_record next; /* valid while `ready`; its bytes are the file's window */
	bool ready;
	bool recorded;
	bool started;
	uint64_t latest;	/* capture time of the latest frame */
	uint64_t begun;		/* monotonic clock when the first frame was taken */
	uint64_t begun_capture; /* capture time of the first frame */
	uint32_t link_number;
	struct rte_mempool *mbufs;
	struct laps laps; /* where the capture is kept; else nothing is in it */
};

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void record_advance(struct port *p)
{
	struct replay *r = p->state;

	r->ready = capture_next(&r->file, &r->next) == 1;
	if (!r->ready) {
		p->ended = !r->file.starved;
		return;
	}
	r->link_number = r->next.link_number;
	/* Frames may be recorded out of order by several queues; timers want a
	 * clock that only goes forward. */
	if (r->next.time > r->latest)
		r->latest = r->next.time;
}

/* Whether the next frame may join a burst that began at `tick` with `link`. */
static bool replay_joins(const struct replay *r, uint64_t tick, enum link_type link)
{
	return r->ready && r->latest / TIMER_TICK_NS == tick && r->next.link == link;
}

static uint16_t replay_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	struct replay *r = p->state;
	uint64_t tick = r->latest / TIMER_TICK_NS;
	uint16_t count = 0;

	if (!r->ready || replay_wait(p) > 0)
		return 0;
	p->link = r->next.link;
	while (count < max && replay_joins(r, tick, p->link)) {
		struct rte_mbuf *m = capture_mbuf(r->mbufs, &r->next);

		if (m == NULL)
			break;
		mbufs[count++] = m;
		record_advance(p);
		if (r->recorded && replay_wait(p) > 0)
			break;
	}
	return count;
}

/* What is next in memory, or that nothing is. */
static void laps_follow(struct port *p)
{
	struct replay *r = p->state;

	r->ready = !laps_ended(&r->laps);
	p->ended = !r->ready;
	if (!r->ready)
		return;
	r->latest = laps_time(&r->laps);
	r->next.link = laps_link(&r->laps);
}

static uint16_t laps_receive(struct port *p, struct rte_mbuf **mbufs, uint16_t max)
{
	struct replay *r = p->state;
	uint64_t end = (r->latest / TIMER_TICK_NS + 1) * TIMER_TICK_NS;
	uint16_t count;

	if (!r->ready || replay_wait(p) > 0)
		return 0;
	p->link = r->next.link;
	count = laps_take(&r->laps, mbufs, r->recorded ? 1 : max, end);
	laps_follow(p);
	return count;
}

static uint16_t laps_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	(void)p;
	laps_return(mbufs, count);
	return count;
}

static uint16_t replay_transmit(struct port *p, struct rte_mbuf **mbufs, uint16_t count)
{
	(void)p;
	rte_pktmbuf_free_bulk(mbufs, count);
	return count;
}

static void replay_close(struct port *p)
{
	struct replay *r = p->state;

	laps_unload(&r->laps);
	capture_close(&r->file);
	free(r);
	p->state = NULL;
}

static const struct port_ops replay_ops = {
    .receive = replay_receive,
    .transmit = replay_transmit,
    .close = replay_close,
};

static const struct port_ops laps_ops = {
    .receive = laps_receive,
    .transmit = laps_transmit,
    .close = replay_close,
};

static void laps_end_close(struct port *p)
{
	(void)p;
}

void port_open_laps_end(struct port *p, const char *name)
{
	static const struct port_ops ops = {
	    .receive = port_receive_nothing,
	    .transmit = laps_transmit,
	    .close = laps_end_close,
	};

	*p = (struct port){.ops = &ops, .name = name};
}

static int open_fault(const struct capture_file *file, int error, const char *path,
		      struct fault *fault)
{
	switch (error) {
	case -ENOENT:
		return fault_set(fault, error, FAULT_CAPTURE_MISSING, "there is no file `%s`",
				 path);
	case -EBADMSG:
		return fault_set(fault, error, FAULT_NOT_A_CAPTURE,
				 "`%s` is not a capture: it is neither pcap nor pcapng", path);
	case -ENODATA:
		return fault_set(fault, error, FAULT_CAPTURE_CUT_OFF,
				 "`%s` is cut off: it ends within the header of its capture, "
				 "before the first packet",
				 path);
	case -EISDIR:
	case -ESPIPE:
		return fault_set(fault, error, FAULT_NOT_A_CAPTURE,
				 "`%s` is not a capture: it is neither a file nor a pipe", path);
	case -ETIMEDOUT:
		return fault_set(fault, error, FAULT_CAPTURE_UNREADABLE,
				 "no capture has come through the pipe `%s` for 10 seconds", path);
	case -EPROTONOSUPPORT:
		return fault_set(fault, error, FAULT_LINK_TYPE_UNSUPPORTED,
				 "`%s` has link type %u, which is none of Ethernet, raw IP, "
				 "Linux cooked and BSD loopback",
				 path, file->skipped_link);
	case -ENOMEM:
		return fault_set(fault, error, FAULT_NO_MEMORY, "no memory to read `%s`", path);
	default:
		return fault_set(fault, error, FAULT_CAPTURE_UNREADABLE, "cannot read `%s`: %s",
				 path, strerror(-error));
	}
}

int replay_check(const char *path, struct fault *fault)
{
	struct capture_file file;
	int ret;

	if (capture_is_stream(path))
		return 0;
	ret = capture_open(&file, path);
	if (ret < 0)
		return open_fault(&file, ret, path, fault);
	capture_close(&file);
	return 0;
}

static int replay_keep(struct port *p, const struct replay_options *options, struct fault *fault)
{
	struct replay *r = p->state;
	int ret = laps_load(&r->laps, &r->file, options->frames, options->laps, options->stamps,
			    options->part);

	if (ret < 0) {
		replay_close(p);
		return fault_set(fault, ret, FAULT_NO_MEMORY,
				 "no memory to keep the frames of `%s`", options->path);
	}
	r->link_number = r->laps.link_number;
	p->ops = &laps_ops;
	p->times = r->laps.times;
	laps_follow(p);
	return 0;
}

int replay_measure(const char *path, struct laps_size *size, struct fault *fault)
{
	struct capture_file file = {0};
	int ret;

	if (capture_is_stream(path))
		return fault_set(fault, -ESPIPE, FAULT_CAPTURE_UNREADABLE,
				 "`%s` is a pipe: `--laps` needs a capture that can be read as a "
				 "whole first",
				 path);
	ret = laps_measure(path, size);
	if (ret == -E2BIG)
		return fault_set(fault, ret, FAULT_NO_MEMORY,
				 "`%s` has too many frames for `--laps`", path);
	return ret < 0 ? open_fault(&file, ret, path, fault) : 0;
}

int port_open_replay(struct port *p, const char *name, const struct replay_options *options,
		     struct fault *fault)
{
	struct replay *r = calloc(1, sizeof(*r));
	int ret;

	if (r == NULL)
		return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY, "no memory to read `%s`",
				 options->path);
	ret = capture_open(&r->file, options->path);
	if (ret < 0) {
		ret = open_fault(&r->file, ret, options->path, fault);
		free(r);
		return ret;
	}
	r->recorded = options->recorded;
	r->mbufs = options->mbufs;
	r->link_number = CAPTURE_LINK_ETHERNET;
	*p = (struct port){.ops = &replay_ops, .state = r, .name = name};
	if (options->laps > 0) {
		ret = replay_keep(p, options, fault);
		if (ret < 0)
			return ret;
	} else {
		record_advance(p);
	}
	p->link = r->ready ? r->next.link : LINK_ETHERNET;
	return 0;
}

bool replay_ready(struct port *p)
{
	const struct replay *r = p->state;

	if (!r->ready && !p->ended) /* a pipe */
		record_advance(p);
	return r->ready;
}

uint64_t replay_next_time(struct port *p)
{
	struct replay *r = p->state;

	return r->ready ? r->latest : 0;
}

uint64_t replay_end_time(const struct port *p)
{
	const struct replay *r = p->state;

	return laps_end_time(&r->laps);
}

uint64_t replay_wait(struct port *p)
{
	struct replay *r = p->state;
	uint64_t now, due;

	if (!r->ready || !r->recorded)
		return 0;
	now = monotonic_ns();
	if (!r->started) {
		r->started = true;
		r->begun = now;
		r->begun_capture = r->latest;
	}
	due = r->begun + (r->latest - r->begun_capture);
	return due > now ? due - now : 0;
}

uint32_t replay_discard(struct port *p)
{
	struct replay *r = p->state;
	uint32_t bytes = r->next.captured;

	if (p->ops == &laps_ops) {
		bytes = laps_discard(&r->laps);
		laps_follow(p);
		return bytes;
	}
	record_advance(p);
	return bytes;
}

void replay_format(struct port *p, bool *nanoseconds, uint32_t *link_number)
{
	struct replay *r = p->state;

	*nanoseconds = r->file.nanoseconds;
	*link_number = r->link_number;
}

static const char *fault_text(enum capture_fault fault)
{
	switch (fault) {
	case CAPTURE_CUT_OFF:
		return "ends in the middle of packet";
	case CAPTURE_BAD_LENGTH:
		return "has a broken length at packet";
	case CAPTURE_BAD_INTERFACE:
		return "names an interface that it does not describe at packet";
	case CAPTURE_READ_ERROR:
	case CAPTURE_WHOLE:
		break;
	}
	return "was not read on at packet";
}

bool replay_fault(struct port *p, struct fault *fault)
{
	const struct capture_file *f = &((struct replay *)p->state)->file;

	if (f->fault == CAPTURE_READ_ERROR)
		fault_set(fault, 0, FAULT_CAPTURE_UNREADABLE,
			  "the capture could not be read on after packet %" PRIu64 ": %s",
			  f->records, strerror(f->error));
	else if (f->fault != CAPTURE_WHOLE)
		fault_set(fault, 0, FAULT_CAPTURE_CUT_OFF,
			  "the capture %s %" PRIu64 "; what came before was processed",
			  fault_text(f->fault), f->records + 1);
	else if (f->skipped > 0)
		fault_set(fault, 0, FAULT_LINK_TYPE_UNSUPPORTED,
			  "%" PRIu64 " packets were left out: link type %u is none of Ethernet, "
			  "raw IP, Linux cooked and BSD loopback",
			  f->skipped, f->skipped_link);
	else
		return false;
	return true;
}
