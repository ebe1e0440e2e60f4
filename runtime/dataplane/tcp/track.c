/* What the receiving host makes of a segment, by the state of its connection. */
#include "steps.h"

/* SYNs inside a connection are remembered: an answer shows that it was not one. */
static void syn_remember(struct tcp_side *from, const struct tcp_segment *seg)
{
	if ((seg->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) != TCP_SYN)
		return;
	from->syn = seg->seq;
	from->flags |= TCP_SIDE_SYN_AGAIN;
}

unsigned int tcp_track_general(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
			       const struct tcp_segment *seg, bool patient, struct counters *c)
{
	bool syn = (seg->flags & TCP_SYN) != 0;
	unsigned int outcome = 0;

	if (*state >= TCP_FLOW_CLOSED) {
		syn_remember(&t->side[dir], seg);
		return 0;
	}
	if (syn && (seg->flags & (TCP_FIN | TCP_RST))) {
		c->tcp_ignored_flags++;
		return 0;
	}
	if (*state >= TCP_FLOW_SYN_RECEIVED && (seg->options & TCP_OPTION_MD5) && !t->md5 &&
	    !(syn && *state == TCP_FLOW_SYN_RECEIVED)) {
		c->tcp_ignored_md5++;
		return 0;
	}
	if (*state >= TCP_FLOW_ESTABLISHED) {
		syn_remember(&t->side[dir], seg);
		return tcp_established_segment(t, state, dir, seg, c);
	}
	if (!tcp_handshake_segment(t, state, dir, seg, patient, c, &outcome))
		return outcome;
	return outcome | tcp_established_segment(t, state, dir, seg, c);
}

bool tcp_track_in_flight(const struct tcp_track *t, enum mbx_direction dir, uint32_t seq)
{
	const struct tcp_side *s = &t->side[dir];
	/* Picked up mid-stream, earlier segments may be under way until the peer speaks. */
	bool una_known = (t->syns & 1 << dir) != 0 || (s->flags & TCP_SIDE_EDGE) != 0;

	if (!(s->flags & TCP_SIDE_SEEN))
		return true;
	if (seq_after(seq, seq_max(seq_max(s->top, s->doubt_top), s->next)))
		return false;
	return !una_known || !seq_before(seq, s->una);
}
