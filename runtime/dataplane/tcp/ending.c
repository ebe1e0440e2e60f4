/* How a connection ends: FINs of both sides (RFC 9293, section 3.6). */
#include "steps.h"

static bool side_fin_acked(const struct tcp_side *s)
{
	return (s->flags & TCP_SIDE_FIN_DONE) && seq_after(s->una, s->fin);
}

/* RFC 9293, section 3.6: closed when both FINs have arrived and are acknowledged. */
void tcp_track_close(struct tcp_track *t, uint8_t *state)
{
	unsigned int fins = ((t->side[0].flags & TCP_SIDE_FIN_DONE) != 0) +
			    ((t->side[1].flags & TCP_SIDE_FIN_DONE) != 0);

	if (*state >= TCP_FLOW_CLOSED)
		return;
	if (fins == 1)
		*state = TCP_FLOW_HALF_CLOSED;
	if (fins < 2)
		return;
	*state = TCP_FLOW_CLOSING;
	if (!side_fin_acked(&t->side[0]) || !side_fin_acked(&t->side[1]))
		return;
	*state = TCP_FLOW_CLOSED;
	t->ending = TCP_ENDING_FIN;
}

void tcp_track_arrived(struct tcp_track *t, uint8_t *state, enum mbx_direction dir, uint32_t next)
{
	struct tcp_side *s = &t->side[dir];

	if (seq_after(next, s->next) && !(s->flags & TCP_SIDE_FIN_DONE))
		s->next = next;
	if (!(s->flags & TCP_SIDE_FIN))
		return;
	if (seq_after(s->next, s->fin)) {
		s->flags &=
		    (uint16_t)~TCP_SIDE_FIN; /* bytes took its place: it was never reached */
		return;
	}
	if (s->next != s->fin || tcp_side_is_unsure(s))
		return;
	s->flags = (uint16_t)((s->flags & ~TCP_SIDE_FIN) | TCP_SIDE_FIN_DONE);
	s->next = s->fin + 1;
	tcp_track_close(t, state);
}

void tcp_track_acked(struct tcp_track *t, uint8_t *state, enum mbx_direction dir)
{
	struct tcp_side *s = &t->side[dir];

	if (s->doubt_fin && s->una == s->doubt_top && !seq_after(s->top, s->una) &&
	    !(s->flags & (TCP_SIDE_FIN | TCP_SIDE_FIN_DONE))) {
		s->fin = s->una - 1; /* the segment in doubt that it ends was taken */
		s->fin_from = s->fin;
		s->flags |= TCP_SIDE_FIN;
	}
	s->top = seq_max(s->top, s->una);
	tcp_track_arrived(t, state, dir, tcp_side_acked_data(s));
	tcp_track_close(t, state);
}
