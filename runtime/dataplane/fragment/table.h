/* IP datagrams that are being put together: at most so many, and of at most so
 * much memory, all of it taken at the start. */
#pragma once

#include <rte_mempool.h>
#include <stdbool.h>
#include <stdint.h>

#include "../counter.h"
#include "../flow/key.h"
#include "../timer/wheel.h"
#include "hold.h"
#include "page.h"
#include "peer.h"

#define DATAGRAM_NONE UINT32_MAX

/* As Linux has them, counted from the first fragment to arrive. */
#define FRAGMENT_TIMEOUT_IP4_NS 30000000000ull
#define FRAGMENT_TIMEOUT_IP6_NS 60000000000ull

enum datagram_flag {
	DATAGRAM_FIRST = 1 << 0, /* the fragment with offset 0 is there */
	DATAGRAM_LAST = 1 << 1,	 /* the one without more fragments is: its length is known */
};

struct datagram {
	/* Word 0: identification; word 1: zone, version and, of IPv4, protocol; then
	 * source and destination. */
	struct flow_key key;
	uint32_t hash;
	uint32_t chained;      /* the next in its bucket, or the next free one */
	uint32_t older, newer; /* by arrival of the first fragment */
	struct wheel_timer timer;
	struct fragment_pages pages;
	struct fragment_hold *hold; /* its fragments in line, or NULL */
	struct rte_mbuf *head;	    /* what lies before the data in the first fragment */
	uint32_t length;	    /* bytes, as far as fragments reach */
	uint32_t present;	    /* bytes that are there */
	uint32_t tail;		    /* end of the fragment that reaches furthest */
	uint32_t charged;	    /* buffers */
	uint32_t peer;		    /* IPv4: who sends it, else PEER_NONE */
	uint32_t peer_seen;	    /* fragments of it when this one's last came */
	struct packet_place place;  /* of the IP header in `head` */
	uint16_t next_header;	    /* IPv6: where in `head` the fragment header is named */
	uint8_t proto;		    /* IPv6: what follows the fragment header of the first */
	uint8_t flags;		    /* enum datagram_flag */
	uint8_t ecn;		    /* a bit for each code point that was seen (RFC 3168) */
};

struct fragment_config {
	uint32_t datagrams; /* at most so many are put together at one time */
	uint64_t seed;	    /* 0: draw a secret; else repeatable */
	bool holds;	    /* fragments wait in line */
};

struct fragment_table {
	struct datagram *datagrams;
	uint32_t *buckets;
	uint32_t bucket_mask;
	uint32_t free, live, limit;
	uint32_t oldest, newest;
	uint32_t charged, quota; /* buffers of datagrams that are not whole */
	uint32_t leaving;	 /* buffers of whole ones whose burst is on its way */
	bool holds;
	struct hold_pool held;
	struct peer_table peers;
	struct flow_hash_key secret;
	struct rte_mempool *mbufs;
	struct timer_wheel *wheel;
	uint8_t timer_kind; /* of the datagrams' timers: the wheel has others too */
	struct counters *counters;
	void *memory;
	size_t memory_size;
};

/* Bytes that a table takes, and buffers of the packet pool: twice its quota,
 * because what is whole stays until its burst is done. */
uint64_t fragment_table_memory(const struct fragment_config *config);
uint32_t fragment_table_mbufs(const struct fragment_config *config);

/* NULL when there is no memory, or buffers of the pool are smaller than a page. */
struct fragment_table *fragment_table_create(const struct fragment_config *config,
					     struct rte_mempool *mbufs, struct timer_wheel *wheel,
					     struct counters *counters);
void fragment_table_destroy(struct fragment_table *t);

/* What a datagram, or a fragment, comes to. */
enum fragment_result {
	FRAGMENT_KEPT = 0, /* more is missing; also a duplicate */
	FRAGMENT_COMPLETES,
	FRAGMENT_IGNORED, /* the host makes nothing of this fragment */
	FRAGMENT_REFUSED, /* the host makes nothing of its datagram: it is gone */
};

/* What a fragment came to, and what it has completed. */
struct fragment_taken {
	enum fragment_result result;
	enum verdict cause;	    /* FRAGMENT_REFUSED: why, in line */
	struct fragment_hold *hold; /* FRAGMENT_KEPT, _COMPLETES: in line, else NULL */
	/* FRAGMENT_COMPLETES: the first fragment's headers, without fragmentation, and
	 * all data; it is the caller's. */
	struct rte_mbuf *whole;
	struct packet_place place;
};

/* Takes a fragment, as Linux 6.18 does. */
struct fragment_taken fragment_take(struct fragment_table *t, const struct packet *p);

/* The time of a datagram is over. */
void fragment_expire(struct fragment_table *t, const struct wheel_timer *timer);

/* Forgets all; what waits in line is dropped. */
void fragment_table_clear(struct fragment_table *t);

static inline uint32_t fragment_table_leaving(const struct fragment_table *t)
{
	return t->leaving + t->held.leaving;
}

/* ---- of the folder's own parts ---- */

struct datagram *datagram_find(struct fragment_table *t, const struct flow_key *key, uint32_t hash);

/* One more; the oldest makes room. */
struct datagram *datagram_new(struct fragment_table *t, const struct flow_key *key, uint32_t hash,
			      uint64_t expires);

/* Out of the table: nothing of it is kept. With VERDICT_FORWARD it is whole; else
 * that is why its fragments in line are dropped. */
void datagram_forget(struct fragment_table *t, struct datagram *d, enum verdict cause);

/* Begins again with nothing of it; what waits in line is dropped. */
void datagram_restart(struct fragment_table *t, struct datagram *d, uint64_t expires);

/* Charges `mbufs` buffers more, for which the oldest make room. False: that was
 * `d` itself, which is gone. */
bool datagram_charge(struct fragment_table *t, struct datagram *d, uint32_t mbufs);

/* Empties `d` into a frame; NULL when the host would refuse it. */
struct rte_mbuf *datagram_build(struct fragment_table *t, struct datagram *d);

static inline struct datagram *datagram_at(const struct fragment_table *t, uint32_t index)
{
	return &t->datagrams[index];
}

static inline bool datagram_is_ip6(const struct datagram *d)
{
	return (d->key.word[1] >> 8 & 0xff) == 6;
}
