/* Where the bytes of a datagram's fragments go: buffers of the packet pool, each
 * a window of the datagram, so that a byte is copied once, to its place. The
 * price of a fragment is its windows, however small it is and whatever comes
 * first; no receive buffer waits for fragments that may never come. */
#pragma once

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "../packet/packet.h"

#define FRAGMENT_UNIT 8		 /* bytes: offsets are multiples (RFC 791, section 3.1) */
#define FRAGMENT_PAGE_BYTES 2048 /* a window */
#define FRAGMENT_PAGE_WORDS (FRAGMENT_PAGE_BYTES / FRAGMENT_UNIT / 64)

/* At the start of a page's buffer, in its headroom. */
struct fragment_page {
	uint64_t present[FRAGMENT_PAGE_WORDS]; /* a bit per unit */
	uint64_t begins[FRAGMENT_PAGE_WORDS];  /* a run begins here */
	uint32_t window;
};

/* The pages of a datagram, in order of their windows, chained by `next`. */
struct fragment_pages {
	struct rte_mbuf *first;
	struct rte_mbuf *recent; /* where the last look ended: most go on there */
	uint32_t count;
};

/* How a range lies to what is there already. */
enum fragment_fit {
	FRAGMENT_FREE = 0, /* nothing of it is there */
	FRAGMENT_WITHIN,   /* all of it is, in one run */
	FRAGMENT_ACROSS,   /* neither */
};

/* `from` and `to` are bytes of the datagram, `from` a multiple of 8. */
enum fragment_fit fragment_pages_fit(struct fragment_pages *pages, uint32_t from, uint32_t to);

/* How many pages are missing for a range. */
uint32_t fragment_pages_missing(struct fragment_pages *pages, uint32_t from, uint32_t to);

/* Copies the payload of a packet, `to - from` bytes of it, to its place; a run
 * begins with it, or it continues the one before. 0, or -ENOMEM when the pool has
 * no buffer: nothing is marked then. */
int fragment_pages_put(struct fragment_pages *pages, struct rte_mempool *pool, uint32_t from,
		       uint32_t to, bool begins, const struct packet *p);

/* The pages of a whole datagram as the segments of a frame, which the caller
 * owns; `pages` is empty then. */
struct rte_mbuf *fragment_pages_take(struct fragment_pages *pages, uint32_t len);

void fragment_pages_free(struct fragment_pages *pages);
