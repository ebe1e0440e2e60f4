/* What the receiving host makes of a segment, by the state of its connection. */
#include "steps.h"

/* RFC 2385: a host refuses what is not signed as it expects, and Linux what it
 * cannot read a signature from. A SYN to a listener may be what it expects: the
 * answer shows it. */
static bool signature_refused(const struct tcp_track *t, uint8_t state, enum mbx_direction dir,
			      const struct tcp_segment *seg)
{
	bool has = (seg->options & TCP_OPTION_MD5) != 0;

	if (seg->options & TCP_OPTION_BROKEN)
		return !(seg->flags & TCP_SYN);
	if (t->syns & 1 << (dir ^ 1))
		return has != ((t->side[dir ^ 1].syn_options & TCP_OPTION_MD5) != 0);
	return has && !t->md5 && state >= TCP_FLOW_SYN_RECEIVED && !(seg->flags & TCP_SYN);
}

unsigned int tcp_track_general(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
			       const struct tcp_segment *seg, unsigned int manner,
			       struct counters *c)
{
	unsigned int outcome = 0;

	if (*state >= TCP_FLOW_CLOSED) {
		tcp_side_syn_again(&t->side[dir], seg);
		return 0;
	}
	if (signature_refused(t, *state, dir, seg)) {
		c->tcp_ignored_md5++;
		return tcp_side_refuse(&t->side[dir], seg);
	}
	if (*state >= TCP_FLOW_ESTABLISHED) {
		tcp_side_syn_again(&t->side[dir], seg);
		return tcp_established_segment(t, state, dir, seg, manner, c);
	}
	if (!tcp_handshake_segment(t, state, dir, seg, manner, c, &outcome))
		return outcome;
	return outcome | tcp_established_segment(t, state, dir, seg, manner, c);
}

bool tcp_track_in_flight(const struct tcp_track *t, enum mbx_direction dir, uint32_t seq)
{
	const struct tcp_side *s = &t->side[dir];
	/* Picked up mid-stream, earlier segments may be under way until the peer speaks. */
	bool una_known = (t->syns & 1 << dir) != 0 || (s->flags & TCP_SIDE_EDGE) != 0;

	if (!(s->flags & TCP_SIDE_SEEN))
		return true;
	if (seq_after(seq, s->next) && !tcp_side_may_have_sent(s, seq, 0))
		return false;
	return !una_known || !seq_before(seq, s->una);
}
