/* Connections that follow one another on the same ports: where one ends and the next
 * begins (RFC 9293, section 3.6.1; RFC 6191), and what is known of the one before. */
#include "steps.h"

bool tcp_track_reopens(const struct tcp_track *t, uint8_t state, enum mbx_direction dir,
		       const struct tcp_segment *seg)
{
	const struct tcp_side *to = &t->side[dir ^ 1];

	if (!(seg->flags & TCP_SYN) || (seg->flags & (TCP_RST | TCP_FIN)))
		return false;
	if (seg->flags & TCP_ACK) {
		/* Who answers a SYN has no connection any more (RFC 9293, 3.10.7.3). */
		return state >= TCP_FLOW_ESTABLISHED && (to->flags & TCP_SIDE_SYN_AGAIN) &&
		       seg->ack == to->syn + 1;
	}
	/* Whether TIME-WAIT takes it (RFC 9293, 3.6.1; RFC 6191) depends on which side
	 * waits, and its answer shows it; a copy of the flow's own SYN is no new one. */
	if (state == TCP_FLOW_CLOSED && (t->syns & 1 << dir))
		return seg->seq != t->side[dir].isn;
	return state >= TCP_FLOW_CLOSED;
}

struct tcp_before tcp_track_before(const struct tcp_track *t, enum mbx_direction sender)
{
	const struct tcp_side *s = &t->side[sender ^ 1];

	return (struct tcp_before){
	    .syn = {.seq = s->syn,
		    .tsval = s->ts_syn,
		    .flags = s->flags & TCP_SIDE_SYN_AGAIN ? TCP_SYN : 0,
		    .scale = s->again_scale,
		    .options = s->again_options},
	    .next = s->next,
	    .waits = (s->flags & TCP_SIDE_BASE) != 0,
	};
}

bool tcp_track_answers_anew(const struct tcp_track *t, enum mbx_direction dir,
			    const struct tcp_segment *seg)
{
	const uint8_t flags = TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST;

	return (seg->flags & flags) == (TCP_SYN | TCP_ACK) && (t->syns & 1 << (dir ^ 1)) &&
	       seg->ack == t->side[dir ^ 1].isn + 1 && seg->seq != t->side[dir].isn;
}

struct tcp_before tcp_track_asked(const struct tcp_track *t, enum mbx_direction sender)
{
	const struct tcp_side *s = &t->side[sender ^ 1];

	return (struct tcp_before){
	    .syn = {.seq = s->isn,
		    .tsval = s->ts_syn,
		    .flags = TCP_SYN,
		    .scale = s->syn_scale,
		    .options = s->syn_options},
	};
}
