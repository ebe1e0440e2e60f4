/* A segment of a connection that stands: RFC 9293, section 3.10.7.4, with what
 * RFC 5961 and 7323 add, in Linux's order. */
#include <rte_common.h>

#include "steps.h"

/* Whether a reset is at the end of the highest block that was selectively acknowledged.
 * Linux keeps four of them, the latest first: where verdicts count, it has to be that. */
static bool rst_at_block(const struct tcp_track *t, const struct tcp_side *from,
			 const struct tcp_segment *seg, unsigned int manner)
{
	return t->sack && seq_after(from->top, from->next) && seg->seq == from->top &&
	       (!(manner & TCP_JUDGED) || (from->flags & TCP_SIDE_TOP_LAST));
}

/* Resets: RFC 5961, section 3.2, as Linux has it: the next byte exactly, the
 * FIN's own number after a FIN, or the end of the highest block selectively
 * acknowledged. */
static unsigned int established_rst(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				    const struct tcp_segment *seg, unsigned int manner,
				    struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	bool valid = seg->seq == from->next ||
		     (seq_after(from->una, from->next) && seg->seq == from->una) ||
		     ((from->flags & TCP_SIDE_FIN_DONE) && seg->seq == from->fin) ||
		     rst_at_block(t, from, seg, manner);

	if (!(from->flags & TCP_SIDE_SEEN))
		valid = true; /* nothing is known of its numbers */
	if (!valid || tcp_side_is_unsure(from)) {
		c->tcp_ignored_rst++;
		return 0;
	}
	tcp_track_reset(t, state);
	return TCP_ACCEPTED;
}

/* A FIN waits with its segment; one that covers it takes its place, as in Linux's
 * queue. */
static void fin_note(struct tcp_side *from, const struct tcp_segment *seg)
{
	uint32_t at = seg->seq + seg->len, end = tcp_segment_end(seg);

	if ((from->flags & TCP_SIDE_FIN) && seq_after(end, from->fin) &&
	    (!seq_after(seg->seq, from->next) || seq_before(seg->seq, from->fin_from) ||
	     (seg->seq == from->fin_from && seq_after(end, from->fin + 1))))
		from->flags &= (uint16_t)~TCP_SIDE_FIN;
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

static void top_note(struct tcp_side *from, uint32_t end)
{
	from->flags &= (uint16_t)~TCP_SIDE_TOP_LAST;
	if (seq_before(end, from->top))
		return;
	from->top = end;
	from->flags |= TCP_SIDE_TOP_LAST;
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
		top_note(from, tcp_segment_end(seg));
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

/* Whether the host may take a segment whose timestamp is older than others that it may have
 * noted. It has noted the SYN's. */
static bool timestamp_may_hold(const struct tcp_side *from, const struct tcp_segment *seg)
{
	return (from->flags & TCP_SIDE_SYN_AGAIN) || (int32_t)(from->ts_syn - seg->tsval) <= 1;
}

/* RFC 7323, section 4.3. `eager`: the peer may have acknowledged more by now. */
static void timestamp_note(struct tcp_side *from, const struct tcp_segment *seg, bool eager)
{
	if (!(seg->options & TCP_OPTION_TIMESTAMP) || (!eager && seq_after(seg->seq, from->una)))
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
	if ((to->flags & TCP_SIDE_UNSURE) && !tcp_side_is_unsure(to)) {
		to->flags &= (uint16_t)~TCP_SIDE_UNSURE;
		tcp_track_arrived(t, state, dir ^ 1, to->next);
	}
	if (holed)
		return outcome | TCP_ACKS_HOLE;
	tcp_track_close(t, state);
	return outcome;
}

/* A segment that the host may refuse, whose acknowledgement does not count then. */
static unsigned int unsure_take(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir], *to = &t->side[dir ^ 1];
	uint32_t window = (uint32_t)seg->window << from->scale;
	unsigned int outcome = 0;

	if (*state < TCP_FLOW_ESTABLISHED)
		outcome = ack_take(t, state, dir, seg);
	else
		to->max_window = RTE_MAX(to->max_window, window);
	if (tcp_segment_end(seg) == seg->seq)
		return outcome;
	tcp_side_unsure(from, seg);
	return outcome | payload_take(t, state, dir, seg, c) | TCP_ACCEPTED;
}

/* In Linux's order: option, timestamp, window, RST, SYN, ACK, text, FIN. */
unsigned int tcp_established_segment(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				     const struct tcp_segment *seg, unsigned int manner,
				     struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	bool judged = (manner & TCP_JUDGED) != 0, old = false;
	unsigned int outcome = 0, leaps = 0;
	enum tcp_place place;

	if (!(seg->flags & (TCP_ACK | TCP_RST | TCP_SYN))) {
		c->tcp_ignored_no_ack++;
		return 0;
	}
	if (seg->flags & TCP_RST)
		return established_rst(t, state, dir, seg, manner, c);
	if (!(from->flags & TCP_SIDE_SEEN))
		side_show(from, seg, (t->syns & 1 << (dir ^ 1)) != 0);
	if (tcp_paws_refuses(t, from, seg, 1)) {
		old = judged && timestamp_may_hold(from, seg);
		c->tcp_ignored_paws += !old;
		if (!old)
			return 0;
	}
	if (!judged && tcp_track_leaps(t, state, dir, seg))
		leaps = TCP_LEAPS;
	place = tcp_place_find(from, &t->side[dir ^ 1], seg, manner, c, &outcome);
	if (outcome & TCP_DOUBTS)
		t->doubt_ack[dir] = seg->ack;
	if (place == TCP_PLACE_REFUSED)
		return outcome;
	if (!seq_before(seg->ack, t->side[dir ^ 1].una))
		timestamp_note(from, seg, judged && *state >= TCP_FLOW_ESTABLISHED);
	if (place == TCP_PLACE_UNSURE || old)
		return unsure_take(t, state, dir, seg, c);
	outcome = ack_take(t, state, dir, seg) | leaps;
	return outcome | payload_take(t, state, dir, seg, c) | TCP_ACCEPTED;
}
