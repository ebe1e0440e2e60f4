/* A capture that lost more than a window of both directions at once: each side's segments
 * lie right of its window then, and so their acknowledgements do not count. What both say
 * of each other does. */
#include <rte_common.h>

#include "steps.h"

/* Both sides lie right of their windows, and each is where the other one says: what it sends
 * ends in the window that begins there. */
static bool sides_agree(const struct tcp_track *t, enum mbx_direction dir,
			const struct tcp_segment *seg)
{
	const struct tcp_side *from = &t->side[dir], *to = &t->side[dir ^ 1];
	uint32_t said = t->doubt_ack[dir ^ 1]; /* of this side, by the other one */
	uint32_t window = (uint32_t)seg->window << from->scale;

	return seq_after(seg->seq, from->edge) && seq_after(said, from->next) &&
	       seq_after(seg->ack, to->edge) && tcp_segment_end(seg) - said <= from->max_window &&
	       to->doubt_top - seg->ack <= RTE_MAX(to->max_window, window);
}

bool tcp_track_leaps(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
		     const struct tcp_segment *seg)
{
	const uint16_t known = TCP_SIDE_SEEN | TCP_SIDE_SCALE | TCP_SIDE_EDGE;
	struct tcp_side *from = &t->side[dir];

	if ((from->flags & t->side[dir ^ 1].flags & known) != known ||
	    (from->flags & TCP_SIDE_FIN_DONE) || (seg->flags & (TCP_SYN | TCP_ACK)) != TCP_ACK ||
	    !sides_agree(t, dir, seg))
		return false;
	/* What the peer offers now was lost: as much as ever. */
	tcp_side_acked(from, t->doubt_ack[dir ^ 1], from->max_window);
	tcp_track_acked(t, state, dir);
	return true;
}
