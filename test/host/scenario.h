/* What one scenario sends to the host and lets the host's application do, in a
 * notation that a person reads and writes (docs/internals/tcp.md):
 *
 *   OPTION... : STEP...
 *
 * A segment is FLAGS@SEQ[+LEN][/ATTRIBUTE]..., numbers from the byte after the
 * SYN: `PA@0+4` is the first four bytes, `R@e+1` a reset one right of the window
 * (`n`: from what the host expects). An application's step begins with `!`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENARIO_STEPS_MAX 40
#define SCENARIO_NAME_MAX 48
#define SCENARIO_TEXT_MAX 4096
#define SEGMENT_OPTIONS_MAX 24
#define SEGMENT_LEN_MAX 1460

enum step_kind {
	STEP_SEGMENT,
	STEP_CONNECT, /* the host's application connects to us */
	STEP_WRITE,   /* it writes bytes */
	STEP_READ,    /* it reads what there is, when it is lazy */
	STEP_SHUT,    /* it says that it will write no more */
	STEP_CLOSE,
	STEP_NEW,  /* from here on another connection with the same ports, its ISN given */
	STEP_WAIT, /* milliseconds */
};

/* What the numbers of a segment count from. */
enum number_base {
	FROM_START, /* the byte after the SYN */
	FROM_NEXT,  /* seq: what the host expects; ack: what the host has sent */
	FROM_EDGE,  /* the right edge of the window that the host offers */
};

enum timestamp_choice {
	TIMESTAMP_AS_AGREED,
	TIMESTAMP_NONE,
	TIMESTAMP_OLD,
	TIMESTAMP_ZERO,
	TIMESTAMP_AHEAD,
};

enum cookie_choice { COOKIE_NONE, COOKIE_ASK, COOKIE_RIGHT, COOKIE_WRONG };

enum segment_damage {
	DAMAGE_TCP_SUM = 1 << 0,
	DAMAGE_IP_SUM = 1 << 1,
	DAMAGE_IP_OPTIONS = 1 << 2, /* no damage: the header is longer */
	DAMAGE_MD5 = 1 << 3,	    /* an option that nobody asked for */
	DAMAGE_BARE = 1 << 4,	    /* a SYN without options */
	DAMAGE_RESERVED = 1 << 5,
};

struct segment_spec {
	int32_t seq, ack;
	uint16_t len;
	uint16_t window;
	uint16_t urgent;
	uint8_t seq_base, ack_base; /* enum number_base */
	uint8_t flags;
	uint8_t copy;	   /* 0: the right bytes; others differ from all else */
	uint8_t timestamp; /* enum timestamp_choice */
	uint8_t cookie;	   /* enum cookie_choice */
	uint8_t damage;	   /* enum segment_damage */
	uint8_t offset;	   /* data offset; 0: as it is */
	int16_t ip_more;   /* added to the IP length */
	uint8_t pad;	   /* bytes behind the IP packet */
	uint8_t ttl;	   /* 0: 64 */
	uint8_t option_len;
	uint8_t option[SEGMENT_OPTIONS_MAX];
};

/* How long the peer waits behind a step. */
enum step_pace {
	PACE_ANSWER, /* for what the host answers at once */
	PACE_BURST,  /* not at all: the answer comes behind the next segment */
	PACE_DELAY,  /* for a delayed acknowledgement as well */
};

struct step {
	uint8_t kind;
	uint8_t pace;
	int32_t value;
	struct segment_spec segment;
};

struct scenario {
	char name[SCENARIO_NAME_MAX];
	uint64_t seed; /* 0: written by hand */
	uint32_t isn;
	bool client; /* the host's application connects, and we are the server */
	bool small;  /* it has a small receive buffer */
	bool oob_inline;
	bool fastopen;
	bool lazy; /* it reads at the end, and where a step says so */
	bool timestamps, sack;
	bool scaled;
	uint8_t scale;
	uint8_t step_count;
	struct step step[SCENARIO_STEPS_MAX];
};

/* Reads "OPTION... : STEP...". False when it cannot be read: `*at` is where. */
bool scenario_read(struct scenario *s, const char *text, const char **at);

/* Writes it the same way; returns `text`. */
const char *scenario_write(const struct scenario *s, char *text, size_t size);

/* A scenario that follows from the seed alone. */
void scenario_random(struct scenario *s, uint64_t seed);
