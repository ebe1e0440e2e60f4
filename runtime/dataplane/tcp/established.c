/* A segment of a connection that stands: RFC 9293, section 3.10.7.4, with what
 * RFC 5961 and 7323 add, in Linux's order. */
#include <rte_common.h>

#include "steps.h"

/* Resets: RFC 5961, section 3.2, as Linux has it: the next byte exactly, the
 * FIN's own number after a FIN, or the end of the highest block selectively
 * acknowledged. */
static unsigned int established_rst(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				    const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	bool valid = seg->seq == from->next ||
		     (seq_after(from->una, from->next) && seg->seq == from->una) ||
		     ((from->flags & TCP_SIDE_FIN_DONE) && seg->seq == from->fin) ||
		     (t->sack && seq_after(from->top, from->next) && seg->seq == from->top);

	if (!(from->flags & TCP_SIDE_SEEN))
		valid = true; /* nothing is known of its numbers */
	if (!valid || tcp_side_is_unsure(from)) {
		c->tcp_ignored_rst++;
		return 0;
	}
	tcp_track_reset(t, state);
	return TCP_ACCEPTED;
}

enum window_verdict { WINDOW_IN, WINDOW_LEFT, WINDOW_RIGHT, WINDOW_CROSSED };

/* RFC 9293, section 3.10.7.4, first; the left edge is what was acknowledged. */
static enum window_verdict window_check(const struct tcp_side *from, const struct tcp_segment *seg)
{
	uint32_t end = tcp_segment_end(seg);

	if (seq_before(end, from->una) && !seq_after(from->una, from->top))
		return WINDOW_LEFT;
	if (!(from->flags & TCP_SIDE_EDGE) || !(from->flags & TCP_SIDE_SCALE))
		return WINDOW_IN;
	if (seq_after(seg->seq, from->edge) || (seg->len > 0 && seg->seq == from->edge))
		return WINDOW_RIGHT;
	return seq_after(seg->seq + seg->len, from->edge) ? WINDOW_CROSSED : WINDOW_IN;
}

enum ack_verdict { ACK_OK, ACK_OLD, ACK_FUTURE };

/* Whether a segment acknowledges what lies far beyond the window that was seen: only a
 * segment in doubt speaks for that, and who forges one can forge both. Closer to it, a probe
 * of a closed window is acknowledged, and the forger had to guess. */
static bool ack_passes_window(const struct tcp_side *to, const struct tcp_segment *seg)
{
	const uint8_t known = TCP_SIDE_EDGE | TCP_SIDE_SCALE;

	return (to->flags & known) == known && seq_after(seg->ack, to->edge + to->max_window) &&
	       seq_after(seg->ack, seq_max(to->top, to->una));
}

/* RFC 5961, section 5.2: at most the largest window back, and no more than was
 * ever sent. Where verdicts count, all packets pass here: what fits only a segment beyond
 * the window has to begin at the next byte exactly, as a reset. */
static enum ack_verdict ack_check(const struct tcp_side *from, const struct tcp_side *to,
				  const struct tcp_segment *seg, unsigned int manner)
{
	uint32_t back = to->una - seg->ack;

	if (!(to->flags & TCP_SIDE_SEEN))
		return ACK_OK;
	if (!tcp_side_may_have_sent(to, seg->ack, (uint32_t)seg->window << from->scale))
		return ACK_FUTURE;
	if ((manner & TCP_JUDGED) && ack_passes_window(to, seg) && seg->seq != from->next)
		return ACK_FUTURE;
	if ((int32_t)back > 0 && (to->flags & TCP_SIDE_SCALE) &&
	    back > RTE_MIN(to->max_window, to->acked))
		return ACK_OLD;
	return ACK_OK;
}

/* A FIN waits with its segment; one that covers it takes its place, as in Linux's
 * queue. */
static void fin_note(struct tcp_side *from, const struct tcp_segment *seg)
{
	uint32_t at = seg->seq + seg->len, end = tcp_segment_end(seg);

	if ((from->flags & TCP_SIDE_FIN) && seq_after(end, from->fin) &&
	    (!seq_after(seg->seq, from->next) || seq_before(seg->seq, from->fin_from) ||
	     (seg->seq == from->fin_from && seq_after(end, from->fin + 1))))
		from->flags &= (uint8_t)~TCP_SIDE_FIN;
	if (!(seg->flags & TCP_FIN) || (from->flags & TCP_SIDE_FIN_DONE))
		return;
	if (seq_before(at, from->next))
		return;
	if ((from->flags & TCP_SIDE_FIN) && !seq_before(at, from->fin))
		return;
	from->fin = at;
	from->fin_from = seg->seq;
	from->flags |= TCP_SIDE_FIN;
}

/* A side that so far only its peer's ACKs spoke of shows itself. */
static void side_show(struct tcp_side *s, const struct tcp_segment *seg, bool syn_answered)
{
	uint32_t at = seg->seq;

	bool known = (s->flags & TCP_SIDE_BASE) && !seq_after(at, s->next);

	s->flags |= TCP_SIDE_SEEN;
	if (syn_answered)
		return; /* a SYN-ACK told where it starts */
	if (known)
		at = s->next;
	s->isn = at - 1;
	s->next = at;
	s->top = seq_max(at, s->una);
	s->doubt_top = at;
	s->doubt_fin = 0;
}

/* Where the payload lies: what of it is new, what was there. */
static unsigned int payload_place(const struct tcp_track *t, enum mbx_direction dir,
				  const struct tcp_segment *seg, struct counters *c)
{
	const struct tcp_side *from = &t->side[dir];
	uint32_t end = seg->seq + seg->len;

	if (seq_after(end, from->next))
		return TCP_TAKES | (seq_before(seg->seq, from->next) ? TCP_REPEATS : 0);
	/* RFC 9293, section 3.8.4: garbage in the place of the last byte, which the peer
	 * has acknowledged. Before that, it may be what the peer gets. */
	if (seg->len == 1 && end == from->next && !seq_after(end, from->una)) {
		c->tcp_ignored_keep_alive++;
		return 0;
	}
	if ((t->syns & 1 << dir) && !seq_after(end, from->isn + 1)) {
		c->tcp_ignored_window++;
		return 0;
	}
	return TCP_REPEATS;
}

/* The payload against what has arrived; the outcome's bits for it. */
static unsigned int payload_take(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				 const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	uint32_t end = seg->seq + seg->len;
	unsigned int outcome = 0;

	if (from->flags & TCP_SIDE_FIN_DONE) {
		if (seg->len > 0 && seq_after(end, from->fin)) {
			c->tcp_ignored_after_fin++;
			return 0;
		}
		return seg->len > 0 ? TCP_REPEATS : 0;
	}
	fin_note(from, seg);
	if (tcp_segment_end(seg) != seg->seq) {
		from->top = seq_max(from->top, tcp_segment_end(seg));
	} else if (!tcp_side_may_have_sent(from, seg->seq, 0)) {
		from->doubt_top = seg->seq; /* bytes before it were sent, and it brings none */
		from->doubt_fin = 0;
	}
	if (seg->len > 0)
		outcome |= payload_place(t, dir, seg, c);
	if (!seq_after(seg->seq, from->next))
		tcp_track_arrived(t, state, dir, end);
	return outcome;
}

/* What header prediction asks for: the next bytes, and nothing else. */
static bool predicts_next(const struct tcp_side *from, const struct tcp_segment *seg)
{
	return seg->len > 0 && seg->seq == from->next && !(seg->flags & (TCP_FIN | TCP_URG));
}

/* Where the segment lies: window, then SYN, then ACK. True when the host goes on
 * with it; else `*outcome` says what is left of it. */
static bool place_accepted(struct tcp_side *from, const struct tcp_side *to,
			   const struct tcp_segment *seg, unsigned int manner, struct counters *c,
			   unsigned int *outcome)
{
	bool unsure = false; /* taken because it has to be judged */

	*outcome = 0;
	switch (window_check(from, seg)) {
	case WINDOW_LEFT:
		c->tcp_ignored_window += seg->len == 0 ? 0 : 1;
		if (seg->len > 0 && seq_after(seg->seq, from->isn))
			*outcome = TCP_REPEATS;
		return false;
	case WINDOW_RIGHT:
		c->tcp_ignored_window++;
		if (!(seg->flags & TCP_SYN))
			*outcome = tcp_side_doubt(from, seg);
		return false;
	case WINDOW_CROSSED:
		/* Linux 6.18 takes all of it, or none while bytes wait for the application. */
		if (seg->flags & TCP_SYN)
			break;
		if (manner & TCP_JUDGED) {
			unsure = true;
			break;
		}
		c->tcp_crossed_window++;
		*outcome = tcp_side_doubt(from, seg);
		if (seq_before(seg->seq, from->next))
			*outcome |= TCP_REPEATS;
		return false;
	case WINDOW_IN:
		break;
	}
	if (seg->flags & TCP_SYN) {
		/* Challenge ACK: RFC 5961, section 4.2. */
		c->tcp_ignored_syn++;
		return false;
	}
	switch (ack_check(from, to, seg, manner)) {
	case ACK_OLD: /* Linux takes it where header prediction holds and memory is at hand */
		if ((manner & TCP_JUDGED) && predicts_next(from, seg)) {
			unsure = true;
			break;
		}
		c->tcp_ignored_ack++;
		*outcome = tcp_side_refuse(from, seg);
		return false;
	case ACK_FUTURE:
		c->tcp_ignored_ack++;
		*outcome = tcp_side_doubt(from, seg);
		return false;
	case ACK_OK:
		break;
	}
	if (unsure)
		tcp_side_unsure(from, seg);
	return true;
}

/* RFC 7323, section 4.3. */
static void timestamp_note(struct tcp_side *from, const struct tcp_segment *seg)
{
	if (!(seg->options & TCP_OPTION_TIMESTAMP) || seq_after(seg->seq, from->una))
		return;
	if ((from->flags & TCP_SIDE_TS_RECENT) && (int32_t)(seg->tsval - from->ts_recent) < 0)
		return;
	from->ts_recent = seg->tsval;
	from->flags |= TCP_SIDE_TS_RECENT;
}

/* The acknowledgement; the outcome's bits for it. */
static unsigned int ack_take(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
			     const struct tcp_segment *seg)
{
	struct tcp_side *to = &t->side[dir ^ 1];
	unsigned int outcome;
	bool holed;

	if (!(to->flags & TCP_SIDE_SEEN) && seq_after(seg->ack, to->next)) {
		/* One direction only: what its ACKs say is all there is. */
		to->next = seg->ack;
		to->top = seg->ack;
	}
	holed = seq_after(seg->ack, to->next);
	tcp_side_acked(to, seg->ack, (uint32_t)seg->window << t->side[dir].scale);
	outcome = tcp_handshake_done(t, state);
	if (to->has_unsure && !tcp_side_is_unsure(to)) {
		to->has_unsure = 0;
		tcp_track_arrived(t, state, dir ^ 1, to->next);
	}
	if (holed)
		return outcome | TCP_ACKS_HOLE;
	tcp_track_close(t, state);
	return outcome;
}

/* In Linux's order: option, timestamp, window, RST, SYN, ACK, text, FIN. */
unsigned int tcp_established_segment(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				     const struct tcp_segment *seg, unsigned int manner,
				     struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	unsigned int outcome;

	if (!(seg->flags & (TCP_ACK | TCP_RST | TCP_SYN))) {
		c->tcp_ignored_no_ack++;
		return 0;
	}
	if (seg->flags & TCP_RST)
		return established_rst(t, state, dir, seg, c);
	if (!(from->flags & TCP_SIDE_SEEN))
		side_show(from, seg, (t->syns & 1 << (dir ^ 1)) != 0);
	if (tcp_paws_refuses(t, from, seg, 1)) {
		c->tcp_ignored_paws++;
		return 0;
	}
	if (!place_accepted(from, &t->side[dir ^ 1], seg, manner, c, &outcome))
		return outcome;
	if (!seq_before(seg->ack, t->side[dir ^ 1].una) && !tcp_side_is_unsure(from))
		timestamp_note(from, seg);
	outcome = ack_take(t, state, dir, seg);
	return outcome | payload_take(t, state, dir, seg, c) | TCP_ACCEPTED;
}
