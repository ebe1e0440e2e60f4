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
	RING_WORD_CAPACITY = 8, /* slots */
	RING_WORD_HEAD = 128,	/* next slot the producer fills */
	RING_WORD_TAIL = 256,	/* next slot the consumer reads */
	RING_WORD_SLEEPING = 384, /* futex: 1 while the consumer sleeps */
};

/* Head of a record towards a worker; 32 bytes, then the fields that the NF
 * declared, at offsets fixed by its declaration. Little endian. */
struct ring_event {
	uint16_t kind;	  /* number of the subscription in the NF; RING_FILLER; or below */
	uint8_t slots;
	uint8_t callback; /* index of the callback that the flow has selected */
	uint32_t flow_index; /* FLOW_NONE: no flow */
	uint32_t flow_generation;
	uint16_t packet;  /* index in its burst, or EVENT_NO_PACKET */
	uint16_t burst;	  /* slot of the burst in flight: given back with verdicts */
	uint64_t time;	  /* nanoseconds since the epoch */
	uint8_t dir;	  /* enum mbx_direction */
	uint8_t flags;	  /* enum event_flag */
	uint16_t type;	  /* event type as the program numbers it */
	uint32_t serial;  /* of the burst, to detect a stale verdict */
};

/* Kinds that are no subscription. */
enum ring_notice {
	RING_NOTICE_LOST = 0xfff0, /* first field: u32, events that this NF did not get */
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
	uint64_t value;	       /* SET_TIMER: milliseconds; SET_FIELD: payload offset */
};

enum ring_answer_kind {
	ANSWER_DROP_PACKET = 1,
	ANSWER_DROP_FLOW,
	ANSWER_RESET_FLOW,
	ANSWER_SWITCH,
	ANSWER_SET_TIMER,
	ANSWER_SET_FIELD,
	ANSWER_ERROR,	     /* a handler threw at this event: on_error decides */
	ANSWER_PUBLISH = 64, /* + number of the event in the NF's `publish` list */
};

/* A view of a ring from this process. */
struct ring {
	uint8_t *memory; /* header and slots */
	uint32_t capacity;
	uint32_t head, tail; /* own position; the other's last seen */
};

size_t ring_memory(uint32_t capacity);

/* Writes the header; `capacity` is a power of two of at least 16. */
int ring_init(struct ring *r, void *memory, uint32_t capacity);
