/* Round trips, as a monitor between both ends sees them (RFC 6298). */
#include "track.h"

/* RFC 6298, section 2: an eighth of the new sample. */
static void rtt_smooth(uint64_t *rtt, uint64_t sample)
{
	*rtt = *rtt == 0 ? sample : *rtt - *rtt / 8 + sample / 8;
}

/* Nothing was sent yet that reaches so far: its acknowledgement can only be that
 * of this segment (Karn; RFC 6298, section 3). A SYN with another number begins
 * anew. */
static bool sample_is_first(const struct tcp_rtt_sample *mine, const struct tcp_segment *seg)
{
	if (mine->from == mine->end)
		return true;
	if (seg->flags & TCP_SYN)
		return seg->seq != mine->from;
	return seq_after(tcp_segment_end(seg), mine->end);
}

/* What lies before the end of the sample and comes after it is a copy, or fills a
 * hole that held the acknowledgement back. */
static void sample_spoil(struct tcp_rtt_sample *mine, const struct tcp_segment *seg)
{
	if ((seg->flags & TCP_SYN) || seq_before(seg->seq, mine->end))
		mine->sent = 0;
}

void tcp_track_rtt_update(struct tcp_track *t, enum mbx_direction dir,
			  const struct tcp_segment *seg, unsigned int outcome, uint64_t now)
{
	struct tcp_rtt_sample *mine = &t->sample[dir];
	struct tcp_rtt_sample *theirs = &t->sample[dir ^ 1];
	bool counts = seg->len > 0 || (seg->flags & (TCP_SYN | TCP_FIN)) != 0;

	if (counts)
		sample_spoil(mine, seg);
	if (!(outcome & TCP_ACCEPTED))
		return;
	if ((seg->flags & TCP_ACK) && theirs->sent != 0 && now >= theirs->sent &&
	    !seq_before(seg->ack, theirs->end)) {
		rtt_smooth(&t->rtt[dir], now - theirs->sent);
		theirs->sent = 0;
	}
	if (counts && mine->sent == 0 && !(outcome & TCP_REPEATS) && sample_is_first(mine, seg)) {
		mine->sent = now;
		mine->from = seg->seq;
		mine->end = tcp_segment_end(seg);
	}
}
