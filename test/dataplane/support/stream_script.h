/* Any bytes, read as the options of a stack and the segments of one established
 * connection: libFuzzer's input, or random ones of a test. stream_play.h runs
 * them. */
#pragma once

#include "flow_model.h"
#include "tcp_frame.h"

#define PLAY_SEGMENTS 400
#define PLAY_LENGTH_MAX 6000
#define PLAY_VARIANTS 8 /* values that a byte of the stream may have */
#define PLAY_WIDE (65535u << 14)
#define PLAY_NARROW 224 /* first byte of a script from which on windows are smaller than it */
#define PLAY_BUFFER_SMALL (8 * sizeof(struct chunk))
#define PLAY_BUFFER_LARGE (256 * sizeof(struct chunk))

struct play_input {
	const uint8_t *at, *end;
};

struct play {
	struct play_input in;
	struct flow_model model;
	struct stack_features features;
	struct rig *rig, *rigs[2];
	struct rig *cut, *cuts[2]; /* the same in other bursts */
	uint32_t isn[2];
	uint16_t window; /* at first; 0: larger than any script */
	bool small;	 /* the buffer is: what is lost depends on pages */
	uint16_t burst;
	struct model_segment seg[PLAY_SEGMENTS];
	struct model_copy copy[PLAY_SEGMENTS];
	uint8_t *data[PLAY_SEGMENTS];
	uint32_t segments;
	uint8_t sent[2][MODEL_BYTES]; /* variants of each byte that were sent, a bit each */
	/* How far the monitor's events are read. */
	size_t read;
	uint32_t heard[2];	/* next event of the model to come */
	uint32_t heard_part[2]; /* bytes of it that came already */
	uint64_t offset[2];
	bool gap[2];
	char wrong[200]; /* empty: all is as it should be */
};

static inline bool play_more(const struct play_input *in)
{
	return in->at < in->end;
}

static inline uint8_t play_byte(struct play_input *in)
{
	return play_more(in) ? *in->at++ : 0;
}

static inline uint16_t play_word(struct play_input *in)
{
	uint8_t high = play_byte(in);

	return (uint16_t)(high << 8 | play_byte(in));
}

/* Byte `at` of a stream; variant 0 is what a plain sender would say. */
static inline uint8_t play_value(int dir, uint32_t at, unsigned int variant)
{
	return (uint8_t)((at * 31 + at / 251 + (unsigned int)dir * 101) << 3 | variant);
}

/* ---- what the input says ---- */

static inline uint32_t play_place(struct play *p, int dir, uint8_t how)
{
	const struct model_side *s = &p->model.side[dir];
	int32_t near = (int8_t)play_byte(&p->in);
	const struct model_segment *other;
	int64_t at;

	switch (how % 8) {
	case 0:
	case 1:
		at = s->next;
		break;
	case 2:
	case 3:
		at = (int64_t)s->next + near;
		break;
	case 4:
		at = (int64_t)(near & 7) * PAGE_BYTES + near / 8;
		break;
	case 5:
		at = play_word(&p->in) % (MODEL_BYTES - PLAY_LENGTH_MAX);
		break;
	default:
		if (p->segments == 0)
			return s->next;
		other = &p->seg[play_byte(&p->in) % p->segments];
		at = (int64_t)other->at + near / 16 + (how % 8 == 6 ? 0 : other->len);
		break;
	}
	if (at < 0)
		at = 0;
	return (uint32_t)RTE_MIN(at, (int64_t)MODEL_BYTES);
}

static inline uint32_t play_length(struct play *p, uint8_t how)
{
	uint8_t b = play_byte(&p->in);

	switch (how % 4) {
	case 0:
		return b % 8 + 1u;
	case 1:
		return b % 64 + 1u;
	case 2:
		return b * 8u;
	default:
		return b < 200 ? b % 16 + 1u : (uint32_t)b * 20 % PLAY_LENGTH_MAX;
	}
}

static inline void play_fill(struct play *p, struct model_segment *seg, uint8_t how)
{
	uint8_t *data = malloc(seg->len + 1);
	unsigned int seed = how;

	p->data[p->segments] = data;
	seg->data = data;
	for (uint32_t i = 0; i < seg->len; i++) {
		uint32_t at = seg->at + i;
		unsigned int variant = 0;

		seed = seed * 1103515245 + 12345;
		if (how % 8 == 1)
			variant = how / 8 % PLAY_VARIANTS;
		else if (how % 8 == 2)
			variant = seed >> 16 & 7;
		else if (how % 8 == 3)
			variant = i == how / 8u;
		data[i] = play_value(seg->dir, at, variant);
	}
}

/* A segment was sent, and got past the monitor. */
static inline void play_mark_sent(struct play *p, const struct model_segment *seg)
{
	for (uint32_t i = 0; i < seg->len; i++)
		p->sent[seg->dir][seg->at + i] |= (uint8_t)(1 << (seg->data[i] & 7));
}

/* A FIN's place is no byte's place: what a host does then hangs on its queue. */
static inline void play_spare_fin(const struct play *p, struct model_segment *seg)
{
	const struct model_side *s = &p->model.side[seg->dir];
	uint32_t end = seg->at + seg->len;

	if (s->fin != MODEL_NOWHERE && seg->at <= s->fin && s->fin < end)
		seg->len = s->fin - seg->at;
	end = seg->at + seg->len;
	if (end >= MODEL_BYTES || p->sent[seg->dir][end] != 0)
		seg->fin = false;
}

/* At most what was sent, and no byte behind a FIN: else the host ignores it. */
static inline uint32_t play_ack(struct play *p, int dir, uint8_t how)
{
	const struct model_side *s = &p->model.side[dir ^ 1];
	uint32_t most = s->fin != MODEL_NOWHERE ? s->fin + 1 : RTE_MAX(s->top, s->doubt_top);

	switch (how % 8) {
	case 0:
		return play_word(&p->in) % (most + 1);
	case 1:
		return most;
	case 2:
		return s->una;
	default:
		return model_next_number(s);
	}
}

/* Nothing is older than what was acknowledged, where windows are narrow: how far back an
 * acknowledgement counts is tried elsewhere. */
static inline void play_narrow(struct play *p, struct model_segment *seg)
{
	const struct model_side *s = &p->model.side[seg->dir];

	seg->window = PLAY_WIDE;
	if (p->window == 0)
		return;
	seg->window = p->window / 2 + play_byte(&p->in) * 8;
	seg->ack = RTE_MAX(seg->ack, p->model.side[seg->dir ^ 1].una);
	if (!p->model.hasty || seg->at > model_next_number(s))
		seg->fin = false; /* in doubt it would be, and that the model does not know */
}

/* More than was ever sent, also in segments that were refused. */
static inline uint32_t play_future(struct play *p, int dir)
{
	const struct model_side *s = &p->model.side[dir ^ 1];
	uint32_t top = RTE_MAX(s->top, s->doubt_top);

	return (s->fin != MODEL_NOWHERE ? RTE_MAX(top, s->fin + 1) : top) + 1 +
	       play_byte(&p->in) % 8;
}

static inline bool play_read_segment(struct play *p, struct model_segment *seg)
{
	uint8_t kind, how;

	if (p->segments == PLAY_SEGMENTS || !play_more(&p->in))
		return false;
	kind = play_byte(&p->in);
	how = play_byte(&p->in);
	*seg = (struct model_segment){.packet = p->segments, .dir = kind >> 7};
	seg->at = play_place(p, seg->dir, how);
	seg->ack = play_ack(p, seg->dir, how / 8);
	switch (kind % 16) {
	case 0:
		seg->rst = kind / 16 % 8 == 3;
		break;
	case 1:
	case 2:
		seg->at = p->model.side[seg->dir].next;
		break; /* an ACK alone */
	case 3:
		seg->fin = true;
		seg->len = play_length(p, how / 64);
		break;
	case 4:
		seg->ack = play_future(p, seg->dir);
		seg->len = play_length(p, how / 64);
		break;
	case 5:
	case 6:
		seg->urg = true;
		seg->urgent = play_byte(&p->in) % 40;
		/* fall through */
	default:
		seg->len = play_length(p, how / 64);
		break;
	}
	seg->len = RTE_MIN(seg->len, MODEL_BYTES - seg->at);
	play_spare_fin(p, seg);
	if (seg->rst)
		seg->at = model_next_number(&p->model.side[seg->dir]);
	play_narrow(p, seg);
	play_fill(p, seg, play_byte(&p->in));
	p->segments++;
	return true;
}

static inline void play_read_options(struct play *p)
{
	static const uint32_t isns[] = {1000, 0xffffffffu, 0xffffff00u, 0x7fffff00u};
	static const uint32_t histories[] = {0, 100, 4096, 1 << 20};
	static const uint16_t bursts[] = {1, 1, 3, 32};
	uint8_t first = play_byte(&p->in), second = play_byte(&p->in), third = play_byte(&p->in);

	p->features = (struct stack_features){
	    RIG_FEATURES_FULL,
	    .checksum = CHECKSUM_TRUST,
	    .overlap_policy = (enum overlap_policy)(first % 7),
	    .urgent_inline = second / 64 % 2 != 0,
	    .drops = second / 128 % 2 != 0,
	};
	p->features.history = histories[second % 4];
	p->features.packet_events = false;
	p->features.fragments = false;
	p->small = second / 16 % 4 == 0;
	if (p->small)
		p->features.urgent_inline = true;
	p->burst = bursts[second / 4 % 4];
	p->isn[0] = isns[third % 4] - third / 16 * 100;
	p->isn[1] = isns[third / 4 % 4];
	p->window = first < PLAY_NARROW ? 0 : 64 + third * 8;
	flow_model_reset(&p->model, p->features.overlap_policy, p->features.urgent_inline,
			 p->features.drops, p->window == 0 ? PLAY_WIDE : p->window);
}
