/* Puts the bytes of one direction in order. In-order bytes never come here but
 * to be remembered; what arrives early is copied into pages (tcp/page.h) until
 * the bytes before it are there, or are given up. */
#pragma once

#include <rte_common.h>
#include <stdbool.h>
#include <stdint.h>

#include "../counter.h"
#include "digest.h"
#include "page.h"
#include "siphash.h"

struct flow_table;

/* Who wins where queued segments overlap; bytes once delivered keep their first
 * value under every policy. */
enum overlap_policy {
	OVERLAP_LINUX = 0,
	OVERLAP_WINDOWS,
	OVERLAP_BSD,
	OVERLAP_SOLARIS,
	OVERLAP_FIRST,
	OVERLAP_LAST,
	OVERLAP_OLD_LINUX,
};

#define STREAM_NONE UINT32_MAX
#define STREAM_NOWHERE UINT64_MAX

enum stream_flag {
	STREAM_AFTER_GAP = 1 << 0,   /* the next bytes follow a gap */
	STREAM_URGENT = 1 << 1,	     /* the byte at `urgent` leaves the stream */
	STREAM_URGENT_HOLD = 1 << 2, /* what follows it waits: another one puts it back */
	STREAM_DEAF = 1 << 3,	     /* nobody wants its bytes: `pos` follows the tracker */
	STREAM_REFUTED = 1 << 5,     /* the peer has spoken since, and has not taken what is held */
	STREAM_AHEAD = 1 << 4,	     /* a hole was given up that the host may still fill */
};

/* One direction. Positions count from 0 at the first byte after the SYN, in
 * sequence space, 64 bits; an event's offset is less by the urgent bytes that
 * were taken out. */
struct stream {
	struct page *tree;    /* early bytes, and delivered ones that are remembered */
	struct page *doubted; /* refused, unless the peer acknowledges them */
	/* Delivered ones too, from `row_from` on: a list behind all pages of `tree`, to be
	 * indexed there when somebody looks for a byte (tcp/row.h). */
	struct page *row_first, *row_last;
	uint64_t row_from;
	uint64_t pos;	   /* next to deliver */
	uint64_t end;	   /* end of the highest byte held; at most `pos` when none is */
	uint64_t given_up; /* holes before this are given up */
	/* Copies of bytes that reached nobody may differ: of [unheard_from, unheard), the
	 * latest run, and before `unheard` of what is not kept, from `lost` on. */
	uint64_t unheard_from, unheard;
	uint64_t lost; /* end of what was heard and could not be kept, but for a digest */
	uint64_t urgent;
	uint32_t base;	  /* sequence number of position 0 */
	uint32_t removed; /* urgent bytes taken out before `pos` */
	uint32_t row_len; /* bytes */
	uint32_t pages;	  /* in both trees and the row */
	uint32_t doubted_pages;
	uint32_t older, newer; /* streams of one size class, by id */
	uint8_t size_class;
	uint8_t flags; /* enum stream_flag */
	uint8_t reserved[2];
};

#define REASSEMBLY_CLASSES 20
#define STREAM_DOUBTED_PAGES_MAX 64

/* The streams of a stack and their pages. A stream's id is flow index * 2 +
 * direction; classes by the logarithm of its pages find a large holder at once. */
struct reassembly {
	struct chunk_pool *chunks;
	struct flow_table *table;
	struct counters *counters;
	struct chunk **released; /* takes pages that events may still point into */
	uint64_t random;
	struct siphash_key key; /* of digests (tcp/digest.h) */
	uint32_t pages;		/* of all streams; what is released is not counted */
	uint32_t limit;		/* above this, the largest holder loses its hole */
	/* Functions may drop: what has left stays known, and what finds no room does not leave.
	 * All that hold anything are in one class then, in turn. */
	bool keeps;
	uint32_t first[REASSEMBLY_CLASSES], last[REASSEMBLY_CLASSES];
	uint16_t stream_at; /* of struct stream[2] in the flow record */
};

/* What storing found; positions, `to` exclusive, equal when there is none. */
struct stream_overlap {
	uint64_t conflict_from, conflict_to; /* bytes differ */
	uint64_t unknown_from, unknown_to;   /* bytes are no longer kept */
	/* Internal, from one piece of a segment to the next. */
	uint64_t decided_to; /* what the policy said of a queued piece holds up to here */
	bool takes_new;
	bool joined; /* the byte before is of the same segment */
};

/* A segment's extent; it is stored piece by piece when it lies in several mbufs. */
struct stream_extent {
	uint64_t from, to;
};

/* Moves the row into the tree. */
void row_index(struct stream *st);

static inline uint64_t row_end(const struct stream *st)
{
	return st->row_from + st->row_len;
}

/* The tree of all that is held. To look at a stream changes nothing that it holds, so a
 * constant one may be indexed; streams lie in memory that is written anyway. */
static inline struct page **stream_held_root(struct stream *st)
{
	if (st->row_first != NULL)
		row_index(st);
	return &st->tree;
}

static inline struct page *stream_held(const struct stream *st)
{
	return *stream_held_root((struct stream *)(uintptr_t)st);
}

void reassembly_init(struct reassembly *r, struct chunk_pool *chunks, struct flow_table *table,
		     struct counters *counters, uint16_t stream_at);

/* Whether the limit is near: seven eighths of it. */
static inline bool reassembly_is_tight(const struct reassembly *r)
{
	return r->pages > r->limit - r->limit / 8;
}

/* Whether a stream that holds `held` pages may have `more`: none holds more than is left
 * for all others (dynamic thresholds; Choudhury and Hahne, 1998). So one has half of all
 * at most, and who holds little finds room beside many who hold much, without taking it
 * from them. */
static inline bool reassembly_has_room(const struct reassembly *r, uint32_t held, uint32_t more)
{
	return more == 0 || (held + more <= r->limit - RTE_MIN(r->pages, r->limit) &&
			     more <= r->chunks->available);
}

/* Whether there may be none for a segment, wherever it begins. */
static inline bool reassembly_is_scarce(const struct reassembly *r, uint32_t held, uint32_t len)
{
	return !reassembly_has_room(r, held, len / PAGE_BYTES + 2);
}

/* Id of a stream that holds most, within a factor of two, or STREAM_NONE. */
uint32_t reassembly_largest(const struct reassembly *r);

/* Where all are in one class: id of the one whose turn it is, or STREAM_NONE. */
uint32_t reassembly_turn(struct reassembly *r);

/* Gives back pages that were released. */
void reassembly_free(struct reassembly *r, struct chunk *list);

/* Holds `len` bytes at `at` of a segment that reaches over `extent`, all right of
 * st->pos. False when there was no memory for all. */
bool stream_hold(struct reassembly *r, struct stream *st, uint32_t id,
		 const struct stream_extent *extent, uint64_t at, const uint8_t *data, uint32_t len,
		 enum overlap_policy policy, struct stream_overlap *found);

/* Keeps bytes of which it is not known whether the peer takes them: of several copies
 * the first. */
void stream_doubt(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at,
		  const uint8_t *data, uint32_t len, struct stream_overlap *found);

/* Copies bytes that are being delivered, to compare later ones with. */
void stream_remember(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at,
		     const uint8_t *data, uint32_t len);

/* Pages that [from, to) lies in, and that are not in a tree of a stream. */
uint32_t stream_missing(struct page *root, uint64_t from, uint64_t to);

/* Forgets bytes [from, to). */
void stream_forget(struct reassembly *r, struct stream *st, uint32_t id, uint64_t from,
		   uint64_t to);

/* End of what is remembered left of st->pos, 0 for nothing. */
uint64_t stream_remembered(const struct stream *st);

/* Compares bytes that have arrived with those remembered, held, or once in doubt. */
void stream_compare(const struct stream *st, uint64_t at, const uint8_t *data, uint32_t len,
		    struct stream_overlap *found);

/* Compares bytes with those in their place in a stream's tree, `held` or `doubted`. */
void stream_contradict(struct page *root, uint64_t at, const uint8_t *data, uint32_t len,
		       struct stream_overlap *found);

/* Contiguous bytes in memory from `at` on, 0 when the first is missing. */
uint32_t stream_run(struct page *root, uint64_t at, struct page **page, const uint8_t **data);

/* First position at or after `at` that is present, or STREAM_NOWHERE. */
uint64_t stream_next(struct page *root, uint64_t at);

/* Whether any byte at or after `at` is held. */
bool stream_holds_from(const struct stream *st, uint64_t at);

/* Releases pages that lie wholly before `keep`, and doubted ones without a byte from
 * pos on. */
void stream_trim(struct reassembly *r, struct stream *st, uint32_t id, uint64_t keep);

/* Forgets what is held or in doubt at or behind `at`, where the stream ends. */
void stream_cut(struct reassembly *r, struct stream *st, uint32_t id, uint64_t at);

/* Releases all pages. */
void stream_clear(struct reassembly *r, struct stream *st, uint32_t id);

static inline uint32_t stream_seq(const struct stream *st, uint64_t position)
{
	return st->base + (uint32_t)position;
}

/* Position of a sequence number near st->pos; negative ones are before the start. */
static inline int64_t stream_position(const struct stream *st, uint32_t seq)
{
	return (int64_t)st->pos + (int32_t)(seq - stream_seq(st, st->pos));
}

static inline uint64_t stream_offset(const struct stream *st, uint64_t position)
{
	return position - st->removed;
}

/* Nothing is held, remembered, doubted or pending: in-order bytes go straight on. */
static inline bool stream_idle(const struct stream *st)
{
	return st->pages == 0 && st->flags == 0;
}
