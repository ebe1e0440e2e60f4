/* Where a segment lies: in its window or not, and what it acknowledges (RFC 9293, section
 * 3.10.7.4, first and fifth; RFC 5961). What the host makes of that depends on what it has
 * said and got meanwhile. */
#include <rte_common.h>

#include "steps.h"

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

/* What header prediction asks for: the next bytes, and nothing else. */
static bool predicts_next(const struct tcp_side *from, const struct tcp_segment *seg)
{
	return seg->len > 0 && seg->seq == from->next && !(seg->flags & (TCP_FIN | TCP_URG));
}

/* Whether the window may open before a segment gets there that begins right of it. What
 * follows without a hole may always be taken; else the window would have to be more than
 * twice the largest that was seen, and who forges may not choose from all numbers. */
static bool window_may_open(const struct tcp_side *from, const struct tcp_segment *seg)
{
	return !seq_after(seg->seq, from->next) || (seg->seq - from->next) / 2 < from->max_window;
}

/* Whether a segment may acknowledge bytes that were sent and have not passed here yet: the
 * peer has sent a window more than was acknowledged, and that may be a window more than was
 * seen. So many numbers are not to be guessed from: it has to be the next one exactly. */
static bool ack_is_under_way(const struct tcp_side *from, const struct tcp_side *to,
			     const struct tcp_segment *seg)
{
	return seg->seq == from->next && (seg->ack - to->top) / 2 < to->max_window;
}

static enum tcp_place place_right(struct tcp_side *from, const struct tcp_segment *seg,
				  unsigned int manner, struct counters *c, unsigned int *outcome)
{
	if (!(seg->flags & TCP_SYN) && (manner & TCP_JUDGED) && window_may_open(from, seg))
		return TCP_PLACE_UNSURE;
	c->tcp_ignored_window++;
	if (!(seg->flags & TCP_SYN))
		*outcome = tcp_side_doubt(from, seg);
	return TCP_PLACE_REFUSED;
}

/* Linux 6.18 takes all of it, or none while bytes wait for the application. */
static enum tcp_place place_crossed(struct tcp_side *from, const struct tcp_segment *seg,
				    unsigned int manner, struct counters *c, unsigned int *outcome)
{
	if (seg->flags & TCP_SYN)
		return TCP_PLACE_TAKEN;
	if (manner & TCP_JUDGED)
		return TCP_PLACE_UNSURE;
	c->tcp_crossed_window++;
	*outcome = tcp_side_doubt(from, seg);
	if (seq_before(seg->seq, from->next))
		*outcome |= TCP_REPEATS;
	return TCP_PLACE_REFUSED;
}

static enum tcp_place place_in_window(struct tcp_side *from, const struct tcp_segment *seg,
				      unsigned int manner, struct counters *c,
				      unsigned int *outcome)
{
	switch (window_check(from, seg)) {
	case WINDOW_LEFT:
		c->tcp_ignored_window += seg->len == 0 ? 0 : 1;
		if (seg->len > 0 && seq_after(seg->seq, from->isn))
			*outcome = TCP_REPEATS;
		return TCP_PLACE_REFUSED;
	case WINDOW_RIGHT:
		return place_right(from, seg, manner, c, outcome);
	case WINDOW_CROSSED:
		return place_crossed(from, seg, manner, c, outcome);
	case WINDOW_IN:
		break;
	}
	return TCP_PLACE_TAKEN;
}

static enum tcp_place place_of_ack(struct tcp_side *from, const struct tcp_side *to,
				   const struct tcp_segment *seg, unsigned int manner,
				   struct counters *c, unsigned int *outcome)
{
	switch (ack_check(from, to, seg, manner)) {
	case ACK_OLD: /* Linux takes it where header prediction holds and memory is at hand */
		if ((manner & TCP_JUDGED) && predicts_next(from, seg))
			return TCP_PLACE_UNSURE;
		c->tcp_ignored_ack++;
		*outcome = tcp_side_refuse(from, seg);
		return TCP_PLACE_REFUSED;
	case ACK_FUTURE:
		if ((manner & (TCP_JUDGED | TCP_GUARDED)) == TCP_JUDGED &&
		    ack_is_under_way(from, to, seg))
			return TCP_PLACE_UNSURE;
		c->tcp_ignored_ack++;
		*outcome = tcp_side_doubt(from, seg);
		return TCP_PLACE_REFUSED;
	case ACK_OK:
		break;
	}
	return TCP_PLACE_TAKEN;
}

/* Whether a FIN may not reach the host: what it acknowledges may be too old by then. */
static bool fin_is_unsure(const struct tcp_side *to, const struct tcp_segment *seg,
			  unsigned int manner)
{
	return (manner & TCP_JUDGED) &&
	       (seq_before(seg->ack, to->top) || (manner & TCP_FIN_DOUBTED));
}

enum tcp_place tcp_place_find(struct tcp_side *from, const struct tcp_side *to,
			      const struct tcp_segment *seg, unsigned int manner,
			      struct counters *c, unsigned int *outcome)
{
	enum tcp_place window = place_in_window(from, seg, manner, c, outcome), ack;

	if (window == TCP_PLACE_REFUSED)
		return TCP_PLACE_REFUSED;
	if (seg->flags & TCP_SYN) {
		/* Challenge ACK: RFC 5961, section 4.2. */
		c->tcp_ignored_syn++;
		return TCP_PLACE_REFUSED;
	}
	ack = place_of_ack(from, to, seg, manner, c, outcome);
	if (ack != TCP_PLACE_TAKEN)
		return ack;
	return (seg->flags & TCP_FIN) && fin_is_unsure(to, seg, manner) ? TCP_PLACE_UNSURE : window;
}
