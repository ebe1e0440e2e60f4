#include "track.h"

#include <rte_common.h>

#define WINDOW_UNSCALED_MAX 65535u

/* ---- the beginning of a flow ---- */

bool tcp_track_opens(const struct tcp_segment *seg, bool *sender_is_client)
{
	*sender_is_client = true;
	if (seg->flags & TCP_RST)
		return false;
	if (seg->flags & TCP_SYN) {
		*sender_is_client = !(seg->flags & TCP_ACK);
		/* Linux drops SYN with FIN, whatever it might mean (RFC 9293 allows it). */
		return !(seg->flags & TCP_FIN);
	}
	return (seg->flags & TCP_ACK) != 0;
}

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
	 * waits; a copy of the flow's own SYN is no new one. */
	return state >= TCP_FLOW_CLOSED && seg->seq != t->side[dir].isn;
}

static void side_start(struct tcp_side *s, uint32_t isn)
{
	s->isn = isn;
	s->next = isn + 1;
	s->top = isn + 1;
	s->doubt_top = isn + 1;
	s->una = isn + 1;
	s->acked = 0;
	s->flags |= TCP_SIDE_BASE;
}

/* Options hold when both SYNs had them (RFC 7323, sections 2.2 and 3.2; RFC 2018). */
static void track_negotiate(struct tcp_track *t)
{
	uint8_t both = t->side[0].syn_options & t->side[1].syn_options;

	if (t->syns != (1 << MBX_CLIENT | 1 << MBX_SERVER))
		return; /* one of them was not seen: nothing is known */
	t->timestamps = (both & TCP_OPTION_TIMESTAMP) != 0;
	t->sack = (both & TCP_OPTION_SACK_OK) != 0;
	t->md5 = (both & TCP_OPTION_MD5) != 0;
	for (int i = 0; i < 2; i++) {
		if (!(both & TCP_OPTION_SCALE))
			t->side[i].scale = 0;
		t->side[i].flags |= TCP_SIDE_SCALE;
	}
}

static void side_start_syn(struct tcp_track *t, enum mbx_direction dir,
			   const struct tcp_segment *seg)
{
	struct tcp_side *s = &t->side[dir];

	t->syns |= (uint8_t)(1 << dir);
	side_start(s, seg->seq);
	s->flags |= TCP_SIDE_SEEN;
	s->scale = seg->scale;
	s->syn_options = seg->options;
	s->una = seg->seq; /* the SYN itself is not acknowledged yet */
	s->flags &= (uint8_t)~TCP_SIDE_TS_RECENT;
	if (seg->options & TCP_OPTION_TIMESTAMP) {
		s->ts_recent = seg->tsval;
		s->flags |= TCP_SIDE_TS_RECENT;
	}
}

bool tcp_track_start(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
		     const struct tcp_segment *seg)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];

	if (seg->flags & TCP_SYN) {
		side_start_syn(t, dir, seg);
		*state = TCP_FLOW_SYN_SENT;
		if (!(seg->flags & TCP_ACK))
			return false;
		side_start(to, seg->ack - 1);
		*state = TCP_FLOW_SYN_RECEIVED;
		return true;
	}
	side_start(from, seg->seq - 1);
	from->flags |= TCP_SIDE_SEEN;
	side_start(to, seg->ack - 1);
	if (seg->options & TCP_OPTION_MD5)
		t->md5 = 1;
	*state = TCP_FLOW_ESTABLISHED;
	return true;
}

/* ---- the end ---- */

static void track_reset(struct tcp_track *t, uint8_t *state)
{
	*state = TCP_FLOW_RESET;
	t->ending = TCP_ENDING_RST;
}

static bool side_fin_acked(const struct tcp_side *s)
{
	return (s->flags & TCP_SIDE_FIN_DONE) && seq_after(s->una, s->fin);
}

/* RFC 9293, section 3.6: closed when both FINs have arrived and are acknowledged. */
static void track_close(struct tcp_track *t, uint8_t *state)
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
		s->flags &= (uint8_t)~TCP_SIDE_FIN; /* bytes took its place: it was never reached */
		return;
	}
	if (s->next != s->fin)
		return;
	s->flags = (uint8_t)((s->flags & ~TCP_SIDE_FIN) | TCP_SIDE_FIN_DONE);
	s->next = s->fin + 1;
	track_close(t, state);
}

void tcp_track_acked(struct tcp_track *t, uint8_t *state, enum mbx_direction dir)
{
	struct tcp_side *s = &t->side[dir];

	s->top = seq_max(s->top, s->una);
	tcp_track_arrived(t, state, dir, tcp_side_acked_data(s));
	track_close(t, state);
}

/* ---- the handshake ---- */

static unsigned int handshake_done(struct tcp_track *t, uint8_t *state)
{
	struct tcp_side *client = &t->side[MBX_CLIENT];
	struct tcp_side *server = &t->side[MBX_SERVER];

	if (*state >= TCP_FLOW_ESTABLISHED)
		return 0;
	if (!seq_after(client->una, client->isn) || !seq_after(server->una, server->isn))
		return 0;
	track_negotiate(t);
	*state = TCP_FLOW_ESTABLISHED;
	return TCP_ESTABLISHES;
}

/* Payload that the host refuses as far as the monitor knows; it may know too
 * little, because the capture lost segments or a SYN carries it (RFC 7413). */
static unsigned int doubt(struct tcp_side *from, const struct tcp_segment *seg)
{
	uint32_t end = seg->seq + seg->len + ((seg->flags & TCP_SYN) != 0);

	if (seg->len == 0 || (from->flags & TCP_SIDE_FIN_DONE) || !seq_after(end, from->next))
		return 0;
	from->doubt_top = seq_max(from->doubt_top, end + ((seg->flags & TCP_FIN) != 0));
	return TCP_DOUBTS;
}

/* A SYN of either side before the connection stands. */
static unsigned int handshake_syn(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				  const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];
	uint32_t window = RTE_MIN(from->max_window, WINDOW_UNSCALED_MAX);

	if (!(from->flags & TCP_SIDE_SEEN)) {
		/* Simultaneous open, or a split handshake (RFC 9293, section 3.5). */
		side_start_syn(t, dir, seg);
		*state = TCP_FLOW_SYN_RECEIVED;
		return TCP_ACCEPTED;
	}
	if (seg->seq == from->isn)
		return TCP_ACCEPTED | doubt(from, seg);
	if (*state == TCP_FLOW_SYN_SENT) {
		/* The answer decides which of the two counts; the latest until then. */
		from->syn = from->isn;
		from->flags |= TCP_SIDE_SYN_AGAIN;
		side_start_syn(t, dir, seg);
		return TCP_ACCEPTED | doubt(from, seg);
	}
	c->tcp_ignored_syn++;
	/* Inside the window of the half-open connection it kills that (Linux,
	 * tcp_check_req; RFC 9293, section 3.10.7.4, fourth). */
	if ((to->flags & TCP_SIDE_SEEN) && seg->seq - from->next < window)
		track_reset(t, state);
	return 0;
}

/* An answer to a SYN echoes a timestamp that was sent (RFC 7323, section 3.2);
 * Linux refuses others in SYN-SENT, resets too. */
static bool echo_valid(const struct tcp_side *syn_sender, const struct tcp_segment *seg)
{
	if (!(seg->options & TCP_OPTION_TIMESTAMP) || seg->tsecr == 0 ||
	    !(syn_sender->flags & TCP_SIDE_TS_RECENT))
		return true;
	return !seq_before(seg->tsecr, syn_sender->ts_recent);
}

/* SYN and ACK: RFC 9293, section 3.10.7.3, in SYN-SENT of the other side. */
static unsigned int handshake_syn_ack(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				      const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];

	if ((to->flags & TCP_SIDE_SYN_AGAIN) && seg->ack == to->syn + 1) {
		side_start(to, to->syn); /* the earlier SYN was answered */
		to->una = to->isn;
	}
	if (!echo_valid(to, seg) || !seq_after(seg->ack, to->isn) ||
	    seq_after(seg->ack, seq_max(to->top, to->doubt_top))) {
		c->tcp_ignored_ack++;
		return 0;
	}
	if ((from->flags & TCP_SIDE_SEEN) && seg->seq != from->isn) {
		c->tcp_ignored_syn++;
		return 0;
	}
	if (!(from->flags & TCP_SIDE_SEEN))
		side_start_syn(t, dir, seg);
	from->syn_options = seg->options;
	from->scale = seg->scale;
	to->flags &= (uint8_t)~TCP_SIDE_SYN_AGAIN;
	track_negotiate(t);
	if (*state == TCP_FLOW_SYN_SENT)
		*state = TCP_FLOW_SYN_RECEIVED;
	tcp_side_acked(to, seg->ack, seg->window);
	to->acked = 0;
	return TCP_ACCEPTED | (seq_after(to->una, to->next) ? TCP_ACKS_HOLE : 0) |
	       doubt(from, seg) | handshake_done(t, state);
}

static unsigned int handshake_rst(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				  const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];
	bool refuses = (seg->flags & TCP_ACK) && seq_after(seg->ack, to->isn) &&
		       !seq_after(seg->ack, seq_max(to->top, to->doubt_top));
	bool valid;

	if (!(to->flags & TCP_SIDE_SEEN))
		valid = false; /* the SYN's own sender refuses something else: nothing is open */
	else if (!(from->flags & TCP_SIDE_SEEN)) /* in SYN-SENT: RFC 9293, 3.10.7.3, second */
		valid = refuses && echo_valid(to, seg);
	else if (dir == MBX_CLIENT && *state == TCP_FLOW_SYN_RECEIVED)
		valid = seg->seq - from->next <= RTE_MIN(from->max_window, WINDOW_UNSCALED_MAX);
	else
		valid = seg->seq == from->next || (dir == MBX_SERVER && refuses && seg->seq == 0);
	if (!valid) {
		c->tcp_ignored_rst++;
		return 0;
	}
	track_reset(t, state);
	return TCP_ACCEPTED;
}

/* An ACK or data before the handshake is complete. Returns false when the segment
 * is done with, and `*outcome` says how. */
static bool handshake_ack(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
			  const struct tcp_segment *seg, bool patient, struct counters *c,
			  unsigned int *outcome)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];

	*outcome = 0;
	if (!(from->flags & TCP_SIDE_BASE)) {
		c->tcp_ignored_flags++; /* answers a SYN without a SYN: challenge ACK */
		return false;
	}
	if (!(to->flags & TCP_SIDE_SEEN) && !(to->flags & TCP_SIDE_BASE)) {
		/* The other direction has not been seen: data waits until something shows
		 * that the connection stands. */
		if (!patient) {
			*outcome = TCP_DOUBTS;
			return false;
		}
		side_start(to, seg->ack - 1);
		from->una = from->next;
		*state = TCP_FLOW_ESTABLISHED;
		*outcome = TCP_ESTABLISHES | TCP_CONFIRMS;
		return true;
	}
	if (!(to->flags & TCP_SIDE_SEEN)) {
		/* Its SYN was answered, so there is a client; data shows the rest. */
		if (seg->len > 0) {
			from->una = seq_max(from->una, from->isn + 1);
			*state = TCP_FLOW_ESTABLISHED;
			*outcome = TCP_ESTABLISHES;
		}
		return true;
	}
	if (!seq_after(seg->ack, to->isn) || seq_after(seg->ack, seq_max(to->top, to->doubt_top))) {
		c->tcp_ignored_ack++; /* Linux: the listener answers it with a reset */
		return false;
	}
	return true;
}

/* ---- after the handshake ---- */

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
	if (!valid) {
		c->tcp_ignored_rst++;
		return 0;
	}
	track_reset(t, state);
	return TCP_ACCEPTED;
}

/* RFC 7323, section 5.3, R1; one tick of slack as in Linux. */
static bool paws_refuses(const struct tcp_track *t, const struct tcp_side *from,
			 const struct tcp_segment *seg)
{
	return t->timestamps && (seg->options & TCP_OPTION_TIMESTAMP) &&
	       (from->flags & TCP_SIDE_TS_RECENT) && from->ts_recent != 0 &&
	       (int32_t)(from->ts_recent - seg->tsval) > 1;
}

enum window_verdict { WINDOW_IN, WINDOW_LEFT, WINDOW_RIGHT };

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
	return WINDOW_IN;
}

enum ack_verdict { ACK_OK, ACK_OLD, ACK_FUTURE };

/* RFC 5961, section 5.2: at most the largest window back, and no more than was
 * ever sent. */
static enum ack_verdict ack_check(const struct tcp_side *to, const struct tcp_segment *seg)
{
	uint32_t back = to->una - seg->ack;

	if (!(to->flags & TCP_SIDE_SEEN))
		return ACK_OK;
	if (seq_after(seg->ack, seq_max(to->top, to->doubt_top)))
		return ACK_FUTURE;
	if ((int32_t)back > 0 && (to->flags & TCP_SIDE_SCALE) &&
	    back > RTE_MIN(to->max_window, to->acked))
		return ACK_OLD;
	return ACK_OK;
}

static void fin_note(struct tcp_side *from, const struct tcp_segment *seg)
{
	uint32_t at = seg->seq + seg->len;

	if (!(seg->flags & TCP_FIN) || (from->flags & TCP_SIDE_FIN_DONE))
		return;
	if (seq_before(at, from->next))
		return;
	if ((from->flags & TCP_SIDE_FIN) && !seq_before(at, from->fin))
		return;
	from->fin = at;
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
	from->top = seq_max(from->top, tcp_segment_end(seg));
	if (seg->len > 0) {
		bool keep_alive = seg->len == 1 && end == from->next; /* RFC 9293, 3.8.4 */

		outcome |= seq_after(end, from->next) ? TCP_TAKES : 0;
		outcome |= seq_before(seg->seq, from->next) && !keep_alive ? TCP_REPEATS : 0;
	}
	if (!seq_after(seg->seq, from->next))
		tcp_track_arrived(t, state, dir, end);
	return outcome;
}

/* Everything of RFC 9293, section 3.10.7.4, that comes after the handshake's own
 * rules, in Linux's order: option, timestamp, window, RST, SYN, ACK, text, FIN. */
static unsigned int established_segment(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
					const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];
	bool rst = (seg->flags & TCP_RST) != 0;
	unsigned int outcome = TCP_ACCEPTED;
	bool holed;

	if (!(seg->flags & (TCP_ACK | TCP_RST | TCP_SYN))) {
		c->tcp_ignored_no_ack++;
		return 0;
	}
	if (!(from->flags & TCP_SIDE_SEEN) && !rst)
		side_show(from, seg, (t->syns & 1 << (dir ^ 1)) != 0);
	if (!rst && paws_refuses(t, from, seg)) {
		c->tcp_ignored_paws++;
		return 0;
	}
	if (rst)
		return established_rst(t, state, dir, seg, c);
	switch (window_check(from, seg)) {
	case WINDOW_LEFT:
		c->tcp_ignored_window += seg->len == 0 ? 0 : 1;
		return seg->len > 0 && seq_after(seg->seq, from->isn) ? TCP_REPEATS : 0;
	case WINDOW_RIGHT:
		c->tcp_ignored_window++;
		return seg->flags & TCP_SYN ? 0 : doubt(from, seg);
	case WINDOW_IN:
		break;
	}
	if (seg->flags & TCP_SYN) {
		/* Challenge ACK: RFC 5961, section 4.2. */
		c->tcp_ignored_syn++;
		return 0;
	}
	switch (ack_check(to, seg)) {
	case ACK_OLD:
		c->tcp_ignored_ack++;
		return 0;
	case ACK_FUTURE:
		c->tcp_ignored_ack++;
		return doubt(from, seg);
	case ACK_OK:
		break;
	}
	if ((seg->options & TCP_OPTION_TIMESTAMP) && !seq_after(seg->seq, from->una) &&
	    (!(from->flags & TCP_SIDE_TS_RECENT) || (int32_t)(seg->tsval - from->ts_recent) >= 0)) {
		from->ts_recent = seg->tsval;
		from->flags |= TCP_SIDE_TS_RECENT;
	}
	if (!(to->flags & TCP_SIDE_SEEN) && seq_after(seg->ack, to->next)) {
		/* One direction only: what its ACKs say is all there is. */
		to->next = seg->ack;
		to->top = seg->ack;
	}
	holed = seq_after(seg->ack, to->next);
	tcp_side_acked(to, seg->ack, (uint32_t)seg->window << from->scale);
	outcome |= handshake_done(t, state);
	if (holed)
		outcome |= TCP_ACKS_HOLE;
	else
		track_close(t, state);
	return outcome | payload_take(t, state, dir, seg, c);
}

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
		return established_segment(t, state, dir, seg, c);
	}
	if (syn)
		return seg->flags & TCP_ACK ? handshake_syn_ack(t, state, dir, seg, c)
					    : handshake_syn(t, state, dir, seg, c);
	if (seg->flags & TCP_RST)
		return handshake_rst(t, state, dir, seg, c);
	if (!(seg->flags & TCP_ACK)) {
		c->tcp_ignored_no_ack++;
		return 0;
	}
	if (!handshake_ack(t, state, dir, seg, patient, c, &outcome)) {
		if (outcome == TCP_DOUBTS)
			outcome = doubt(&t->side[dir], seg);
		return outcome;
	}
	return outcome | established_segment(t, state, dir, seg, c);
}

/* RFC 6298, section 2: an eighth of the new sample. */
static void rtt_smooth(uint64_t *rtt, uint64_t sample)
{
	*rtt = *rtt == 0 ? sample : *rtt - *rtt / 8 + sample / 8;
}

void tcp_track_rtt_update(struct tcp_track *t, enum mbx_direction dir,
			  const struct tcp_segment *seg, unsigned int outcome, uint64_t now)
{
	struct tcp_rtt_sample *mine = &t->sample[dir];
	struct tcp_rtt_sample *theirs = &t->sample[dir ^ 1];
	bool counts = seg->len > 0 || (seg->flags & (TCP_SYN | TCP_FIN)) != 0;

	if (outcome & TCP_REPEATS)
		mine->sent = 0;
	if (!(outcome & TCP_ACCEPTED))
		return;
	if ((seg->flags & TCP_ACK) && theirs->sent != 0 && now >= theirs->sent &&
	    !seq_before(seg->ack, theirs->end)) {
		rtt_smooth(&t->rtt[dir], now - theirs->sent);
		theirs->sent = 0;
	}
	if (counts && mine->sent == 0 && !(outcome & TCP_REPEATS)) {
		mine->sent = now;
		mine->end = tcp_segment_end(seg);
	}
}
