/* Streams in step with the tracker, whoever listens. */
#pragma once

#include "monitor_payload.h"

/* Puts a stream in step with the tracker: its origin, and what is known to have
 * arrived without being seen. */
static inline void monitor_stream_align(struct stack *s, struct stream *st,
					const struct monitor_segment *g, enum mbx_direction dir,
					const struct tcp_side *side, uint32_t arrived)
{
	if (st->pos == 0 && st->base != side->isn + 1) {
		stream_clear(&s->reassembly, st, monitor_stream_id(g->flow, dir));
		st->base = side->isn + 1;
	}
	if (st->flags & STREAM_DEAF) {
		int64_t at = stream_position(st, arrived);

		st->flags &= (uint8_t)~STREAM_DEAF;
		if (at > (int64_t)st->pos) {
			stream_unheard(st, st->pos, (uint64_t)at);
			st->pos = (uint64_t)at;
		}
		st->end = st->pos;
	}
	if (seq_after(arrived, stream_seq(st, st->pos)))
		st->given_up = (uint64_t)stream_position(st, arrived);
}

/* Nobody wants the bytes: the stream follows the tracker and keeps nothing of them. */
static __rte_always_inline void monitor_stream_skip_tmpl(struct stack *s, struct stream *st,
							 const struct monitor_segment *g,
							 enum mbx_direction dir,
							 const struct tcp_side *side,
							 const struct stack_features f)
{
	int64_t at;

	if (st->pos == 0)
		st->base = side->isn + 1;
	if (st->pages > 0) {
		uint32_t id = monitor_stream_id(g->flow, dir);

		if (f.drops)
			stream_turn_deaf(&s->reassembly, st, id, side->una);
		else
			stream_clear(&s->reassembly, st, id);
	}
	at = stream_position(st, side->next - ((side->flags & TCP_SIDE_FIN_DONE) != 0));
	if (at > (int64_t)st->pos) {
		if (f.drops)
			stream_unheard(st, st->pos, (uint64_t)at);
		st->pos = (uint64_t)at;
	}
	st->end = st->pos;
	st->flags = (uint8_t)((st->flags & STREAM_AHEAD) | STREAM_DEAF);
}
