/* What the parts of the tracker share: handshake.c, again.c, established.c, place.c, lost.c,
 * ending.c.
 * Nobody else includes it. */
#pragma once

#include <rte_common.h>

#include "track.h"

/* Numbers of a sender whose SYN was, or would have been, at `isn`. */
static inline void tcp_side_start(struct tcp_side *s, uint32_t isn)
{
	s->isn = isn;
	s->next = isn + 1;
	s->top = isn + 1;
	s->doubt_top = isn + 1;
	s->doubt_fin = 0;
	s->una = isn + 1;
	s->acked = 0;
	s->flags |= TCP_SIDE_BASE;
}

static inline void tcp_track_reset(struct tcp_track *t, uint8_t *state)
{
	*state = TCP_FLOW_RESET;
	t->ending = TCP_ENDING_RST;
}

/* Whether a side sent what comes before `seq`, as far as is known. A segment in doubt may
 * be forged, with any number: it speaks for what can be in flight where it ends. `window`:
 * that of who says so, which may have grown unseen. */
static inline bool tcp_side_may_have_sent(const struct tcp_side *s, uint32_t seq, uint32_t window)
{
	if (!seq_after(seq, s->top) || !seq_after(seq, s->una))
		return true;
	if (s->flags & TCP_SIDE_SCALE)
		return s->doubt_top - seq <= RTE_MAX(s->max_window, window);
	return !seq_after(seq, s->doubt_top);
}

/* Whether bytes of a side were taken that the peer may have refused, and has not
 * acknowledged: whether it has reached a reset or a FIN behind them nobody knows. */
static inline bool tcp_side_is_unsure(const struct tcp_side *s)
{
	return (s->flags & TCP_SIDE_UNSURE) && seq_after(s->unsure, s->una);
}

static inline void tcp_side_unsure(struct tcp_side *s, const struct tcp_segment *seg)
{
	uint32_t end = tcp_segment_end(seg);

	if (!seq_after(end, s->una))
		return;
	s->unsure = tcp_side_is_unsure(s) ? seq_max(s->unsure, end) : end;
	s->flags |= TCP_SIDE_UNSURE;
}

/* Payload that the host refuses as far as the monitor knows; it may know too
 * little, because the capture lost segments or a SYN carries it (RFC 7413). */
static inline unsigned int tcp_side_doubt(struct tcp_side *from, const struct tcp_segment *seg)
{
	uint32_t end = seg->seq + seg->len + ((seg->flags & TCP_SYN) != 0);
	bool fin = (seg->flags & TCP_FIN) != 0;

	if (seg->len + fin == 0 || (from->flags & TCP_SIDE_FIN_DONE) ||
	    !seq_after(end + fin, from->next))
		return 0;
	/* What is not in flight with the highest one was forged, or that was. */
	if (!seq_before(end + fin, from->doubt_top) ||
	    !tcp_side_may_have_sent(from, end + fin, 0)) {
		from->doubt_fin = fin || (end == from->doubt_top && from->doubt_fin);
		from->doubt_top = end + fin;
	}
	return seg->len == 0 ? 0 : TCP_DOUBTS;
}

/* The same for what no loss explains. */
static inline unsigned int tcp_side_refuse(struct tcp_side *from, const struct tcp_segment *seg)
{
	return tcp_side_doubt(from, seg) == 0 ? 0 : TCP_DOUBTS | TCP_REFUSED;
}

/* SYNs inside a connection are remembered: an answer shows that it was not one. */
static inline void tcp_side_syn_again(struct tcp_side *from, const struct tcp_segment *seg)
{
	if ((seg->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) != TCP_SYN)
		return;
	from->syn = seg->seq;
	from->ts_syn = seg->tsval;
	from->again_scale = seg->scale;
	from->again_options = seg->options;
	from->flags |= TCP_SIDE_SYN_AGAIN;
}

/* RFC 7323, section 5.3, R1; `slack` in ticks, as in Linux. */
static inline bool tcp_paws_refuses(const struct tcp_track *t, const struct tcp_side *from,
				    const struct tcp_segment *seg, int32_t slack)
{
	return t->timestamps && (seg->options & TCP_OPTION_TIMESTAMP) &&
	       (from->flags & TCP_SIDE_TS_RECENT) && from->ts_recent != 0 &&
	       (int32_t)(from->ts_recent - seg->tsval) > slack;
}

/* The state that both sides' FINs make, after one arrived or was acknowledged. */
void tcp_track_close(struct tcp_track *t, uint8_t *state);

/* Whether a segment completes the handshake, as far as SYNs and ACKs of both
 * sides tell: TCP_ESTABLISHES or 0. */
unsigned int tcp_handshake_done(struct tcp_track *t, uint8_t *state);

/* A segment before the connection stands; outcome bits in `*outcome`. True when
 * its ACK, payload and FIN are to be taken by tcp_established_segment(). */
bool tcp_handshake_segment(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
			   const struct tcp_segment *seg, unsigned int manner, struct counters *c,
			   unsigned int *outcome);

/* Everything of RFC 9293, section 3.10.7.4, that comes after the handshake's own
 * rules; enum tcp_outcome bits. */
unsigned int tcp_established_segment(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				     const struct tcp_segment *seg, unsigned int manner,
				     struct counters *c);

/* Whether a segment, with an earlier one of the other side, shows that windows of both were
 * lost. Then all of its side has arrived that the other one has acknowledged. */
bool tcp_track_leaps(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
		     const struct tcp_segment *seg);

/* What the host makes of where a segment lies, as far as is known here. */
enum tcp_place {
	TCP_PLACE_REFUSED, /* the outcome says what is left of it */
	TCP_PLACE_TAKEN,
	TCP_PLACE_UNSURE, /* taken because it has to be judged, and the host may take it */
};

/* Window, then SYN, then ACK. Adds what is left of a refused one to `*outcome`. */
enum tcp_place tcp_place_find(struct tcp_side *from, const struct tcp_side *to,
			      const struct tcp_segment *seg, unsigned int manner,
			      struct counters *c, unsigned int *outcome);
