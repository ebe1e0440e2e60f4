/* A single-producer single-consumer ring of 64-byte slots in memory that two
 * languages, and one day two processes, share: a versioned header, offsets only,
 * a futex to sleep on. Dataplane to worker it carries events, the other way
 * verdicts, publications and subscription changes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_MAGIC 0x4d425852u /* "MBXR" */
#define RING_VERSION 1
#define RING_SLOT_SIZE 64
#define RING_RECORD_SLOTS_MAX 8
#define RING_DATA_OFFSET 512
#define RING_FILLER UINT16_MAX

/* Offsets of the 32-bit words of the header; each on its own 128-byte line.
 * Head and tail count slots and wrap at 2^32; the capacity is a power of two. */
enum ring_word {
	RING_WORD_MAGIC = 0,
	RING_WORD_VERSION = 4,
	RING_WORD_CAPACITY = 8,	  /* slots */
	RING_WORD_HEAD = 128,	  /* next slot the producer fills */
	RING_WORD_TAIL = 256,	  /* next slot the consumer reads */
	RING_WORD_SLEEPING = 384, /* futex: 1 while the consumer sleeps */
};

/* Head of a record towards a worker; 32 bytes, then the fields that the NF
 * declared, at offsets fixed by its declaration. Little endian. */
struct ring_event {
	uint16_t kind; /* number of the subscription in the NF; RING_FILLER; or below */
	uint8_t slots;
	uint8_t callback;    /* index of the callback that the flow has selected */
	uint32_t flow_index; /* FLOW_NONE: no flow */
	uint32_t flow_generation;
	uint16_t packet; /* index in its burst, or EVENT_NO_PACKET */
	uint16_t burst;	 /* slot of the burst in flight: given back with verdicts */
	uint64_t time;	 /* nanoseconds since the epoch */
	uint8_t dir;	 /* enum mbx_direction */
	uint8_t flags;	 /* enum event_flag, RING_FLAG_DATA */
	uint16_t type;	 /* event type as the program numbers it */
	uint32_t serial; /* of the burst, to detect a stale verdict */
};

#define RING_FLAG_DATA 0x80 /* a DATA_TCP */

/* Kinds that are no subscription. */
enum ring_notice {
	RING_NOTICE_LOST = 0xfff0, /* first field: u32, events that this NF did not get */
	RING_NOTICE_KEPT,	   /* what `from start` had kept of the flow has been sent */
};

/* Head of a record from a worker; 32 bytes, then fields. */
struct ring_answer {
	uint16_t kind; /* enum ring_answer_kind, or RING_FILLER */
	uint8_t slots;
	uint8_t argument; /* SWITCH: callback index; SET_FIELD: number of the field */
	uint32_t flow_index;
	uint32_t flow_generation;
	uint16_t packet;
	uint16_t burst;
	uint32_t serial;
	uint16_t subscription; /* SWITCH: number of the subscription in the NF */
	uint16_t length;       /* SET_FIELD payload: bytes that follow the offset */
	uint64_t value;	       /* SET_TIMER: milliseconds, and the event's time behind the
				  head; PUBLISH: the event's time; SET_FIELD: payload offset */
};

enum ring_answer_kind {
	ANSWER_DROP_PACKET = 1,
	ANSWER_DROP_FLOW,
	ANSWER_RESET_FLOW,
	ANSWER_SWITCH,
	ANSWER_SET_TIMER,
	ANSWER_SET_FIELD,
	ANSWER_ERROR,	     /* a handler threw at this event: on_error decides */
	ANSWER_OVERLOAD,     /* of no worker: this event's was not waited for any more */
	ANSWER_PUBLISH = 64, /* + number of the event in the NF's `publish` list */
};

/* A view of a ring from this process. */
struct ring {
	uint8_t *memory; /* header and slots */
	uint32_t capacity;
	uint32_t head, tail; /* own position; the other's last seen */
};

size_t ring_memory(uint32_t capacity);

/* Writes the header; `capacity` is a power of two of at least 16, `memory` is
 * aligned to 128 bytes. `start` is the first index: 0, but for tests of the
 * wrap at 2^32. -EINVAL otherwise. */
int ring_init(struct ring *r, void *memory, uint32_t capacity, uint32_t start);

/* Any record begins so. */
struct ring_record {
	uint16_t kind;
	uint8_t slots;
	uint8_t reserved;
};

static inline uint32_t *ring_word(const struct ring *r, enum ring_word word)
{
	return (uint32_t *)(r->memory + word);
}

static inline void *ring_slot(const struct ring *r, uint32_t index)
{
	return r->memory + RING_DATA_OFFSET + (size_t)(index & (r->capacity - 1)) * RING_SLOT_SIZE;
}

#define RING_CLAIM_AHEAD 16 /* slots */

/* Producer: asks for a slot that it will write soon. The consumer's core has read it in
 * the lap before, and a store waits until that core has given it up. `prefetchw` is in
 * every x86-64 CPU that DPDK runs on, though x86-64-v2 does not name it. */
static inline void ring_claim(const struct ring *r, uint32_t index)
{
#if defined(__x86_64__)
	__asm__ volatile("prefetchw (%0)" : : "r"(ring_slot(r, index)));
#else
	__builtin_prefetch(ring_slot(r, index), 1);
#endif
}

/* Slots left before the ring's end: a record that needs more begins at the next
 * lap, behind a filler. */
static inline uint32_t ring_until_end(const struct ring *r, uint32_t index)
{
	return r->capacity - (index & (r->capacity - 1));
}

/* Producer: free slots, as of the last ring_see_tail(). */
static inline uint32_t ring_room(const struct ring *r)
{
	return r->capacity - (r->head - r->tail);
}

/* Producer: learns how far the consumer is. Records behind the tail are free. A
 * tail that cannot be is not believed. */
static inline void ring_see_tail(struct ring *r)
{
	uint32_t tail = __atomic_load_n(ring_word(r, RING_WORD_TAIL), __ATOMIC_ACQUIRE);

	if (r->head - tail <= r->head - r->tail)
		r->tail = tail;
}

/* Producer: slots that a record of `slots` takes at the head, its filler included. */
static inline uint32_t ring_cost(const struct ring *r, unsigned int slots)
{
	uint32_t left = ring_until_end(r, r->head);

	return left < slots ? left + slots : slots;
}

/* Producer: the next record, with a zeroed head of 32 bytes but for `slots`.
 * ring_room() is at least ring_cost(). Not seen until ring_publish(). */
void *ring_push(struct ring *r, unsigned int slots);

/* Producer: shows the consumer all that was pushed, and wakes it if it sleeps. */
void ring_publish(struct ring *r);

/* Consumer: the oldest record that is no filler, or NULL. A record that cannot
 * be (no slots, or more than there are) ends the batch: all up to the head is
 * skipped. */
const struct ring_record *ring_peek(struct ring *r);

/* Consumer: gives back the record that ring_peek() returned. */
void ring_pop(struct ring *r);

/* Consumer, on the ring's memory alone: sleeps until there are records, at most
 * `timeout_ms`. True when there are some. */
bool ring_sleep(void *memory, unsigned int timeout_ms);

/* Whether the consumer has said that it sleeps; after a full fence, so that
 * either it sees what was published or this sees that it sleeps. */
bool ring_sleeps(const struct ring *r);
