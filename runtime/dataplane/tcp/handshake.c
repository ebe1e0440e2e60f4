/* How a connection begins: which segments open a flow, and what both hosts make
 * of the handshake, simultaneous and split ones too (RFC 9293, section 3.5). */
#include <rte_common.h>

#include "steps.h"

#define WINDOW_UNSCALED_MAX 65535u
#define ECHO_LATE 120000u

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
	if (!(seg->flags & TCP_ACK))
		t->active |= (uint8_t)(1 << dir);
	tcp_side_start(s, seg->seq);
	s->flags |= TCP_SIDE_SEEN;
	s->scale = seg->scale;
	s->syn_scale = seg->scale;
	s->syn_options = seg->options;
	s->una = seg->seq; /* the SYN itself is not acknowledged yet */
	s->flags &= (uint16_t)~TCP_SIDE_TS_RECENT;
	if (seg->options & TCP_OPTION_TIMESTAMP) {
		s->ts_recent = seg->tsval;
		s->ts_syn = seg->tsval;
		s->flags |= TCP_SIDE_TS_RECENT;
	}
}

bool tcp_track_start(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
		     const struct tcp_segment *seg, const struct tcp_before *before)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];

	if (!(seg->flags & TCP_ACK) && before->waits) {
		t->waits = (uint8_t)(1 << (dir ^ 1));
		to->fin = before->next;
	}
	if ((seg->flags & TCP_ACK) && before->syn.flags == TCP_SYN) {
		side_start_syn(t, dir ^ 1, &before->syn);
		*state = TCP_FLOW_SYN_SENT;
		return false;
	}
	if (seg->flags & TCP_SYN) {
		side_start_syn(t, dir, seg);
		*state = TCP_FLOW_SYN_SENT;
		if (!(seg->flags & TCP_ACK))
			return false;
		tcp_side_start(to, seg->ack - 1);
		*state = TCP_FLOW_SYN_RECEIVED;
		return true;
	}
	tcp_side_start(from, seg->seq - 1);
	from->flags |= TCP_SIDE_SEEN;
	tcp_side_start(to, seg->ack - 1);
	if (seg->options & TCP_OPTION_MD5)
		t->md5 = 1;
	*state = TCP_FLOW_ESTABLISHED;
	return true;
}

unsigned int tcp_handshake_done(struct tcp_track *t, uint8_t *state)
{
	struct tcp_side *client = &t->side[MBX_CLIENT];
	struct tcp_side *server = &t->side[MBX_SERVER];

	if (*state >= TCP_FLOW_ESTABLISHED)
		return 0;
	if (!seq_after(client->una, client->isn) || !seq_after(server->una, server->isn))
		return 0;
	track_negotiate(t);
	for (int i = 0; i < 2; i++) {
		/* Linux counts the SYN of who opened actively. */
		t->side[i].acked -= t->side[i].acked > 0 && !(t->active & 1 << i);
		t->side[i].ts_syn = t->side[i].ts_recent; /* of copies, the peer has the first */
	}
	*state = TCP_FLOW_ESTABLISHED;
	return TCP_ESTABLISHES;
}

/* Whether a side has only answered a SYN: the host keeps a request and no socket. */
static bool side_is_request(const struct tcp_track *t, enum mbx_direction dir)
{
	return (t->side[dir].flags & TCP_SIDE_SEEN) && !(t->active & 1 << dir);
}

/* The window of a request: RFC 9293, section 3.10.7.4, first (Linux, tcp_in_window). */
static bool request_window(const struct tcp_side *from, const struct tcp_segment *seg)
{
	uint32_t end = tcp_segment_end(seg);
	uint32_t edge = from->next + RTE_MIN(from->max_window, WINDOW_UNSCALED_MAX);

	if (seg->seq == from->next)
		return true;
	if (seq_after(end, from->next) && seq_before(seg->seq, edge))
		return true;
	return seg->seq == edge && end == seg->seq;
}

/* Linux takes the echo of a timestamp that one of its SYN-ACKs had, no other. */
static bool request_echoed(const struct tcp_track *t, const struct tcp_side *to,
			   const struct tcp_segment *seg)
{
	if (!t->timestamps || !(seg->options & TCP_OPTION_TIMESTAMP) || seg->tsecr == 0)
		return true;
	return !seq_before(seg->tsecr, to->ts_recent) && !seq_after(seg->tsecr, to->ts_syn);
}

static void syn_copy(struct tcp_side *from, const struct tcp_segment *seg)
{
	if ((seg->options & TCP_OPTION_TIMESTAMP) && (from->flags & TCP_SIDE_TS_RECENT))
		from->ts_syn = seg->tsval;
}

/* Another SYN, whose answer may be for an earlier one. */
static void syn_renew(struct tcp_track *t, enum mbx_direction dir, const struct tcp_segment *seg)
{
	struct tcp_side *from = &t->side[dir];
	bool timed = (from->flags & TCP_SIDE_TS_RECENT) && (seg->options & TCP_OPTION_TIMESTAMP);
	uint32_t first = from->ts_recent;

	side_start_syn(t, dir, seg);
	if (timed)
		from->ts_recent = first;
}

/* A SYN of either side before the connection stands. */
static unsigned int handshake_syn(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				  const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];

	if (!(from->flags & TCP_SIDE_SEEN)) {
		/* Simultaneous open, or a split handshake (RFC 9293, section 3.5). */
		side_start_syn(t, dir, seg);
		*state = TCP_FLOW_SYN_RECEIVED;
		return TCP_ACCEPTED;
	}
	t->taken_back &= (uint8_t) ~(1 << dir);
	if (seg->seq == from->isn) {
		syn_copy(from, seg);
		if ((from->syn_options & ~seg->options) & (TCP_OPTION_MD5 | TCP_OPTION_BROKEN))
			side_start_syn(t, dir, seg); /* the other one was refused */
		return TCP_ACCEPTED | tcp_side_doubt(from, seg);
	}
	if (*state == TCP_FLOW_SYN_SENT) {
		/* The answer decides which of them counts; the latest until then. */
		if (!(from->flags & TCP_SIDE_SYN_AGAIN))
			from->syn = from->isn;
		from->flags |= TCP_SIDE_SYN_AGAIN;
		syn_renew(t, dir, seg);
		return TCP_ACCEPTED | tcp_side_doubt(from, seg);
	}
	c->tcp_ignored_syn++;
	if (!(t->active & 1 << dir))
		tcp_side_syn_again(from, seg); /* it had only answered */
	/* Inside the window of the half-open connection it kills that (Linux,
	 * tcp_check_req; RFC 9293, section 3.10.7.4, fourth). */
	if (side_is_request(t, dir ^ 1) && !tcp_paws_refuses(t, from, seg, 0) &&
	    request_window(from, seg))
		tcp_track_reset(t, state);
	return 0;
}

/* An answer to a SYN echoes a timestamp that was sent (RFC 7323, section 3.2);
 * Linux refuses others in SYN-SENT, resets too. What lies between the copies of a
 * SYN and now, the monitor cannot know: at most ECHO_LATE ticks of a millisecond. */
static bool echo_valid(const struct tcp_side *syn_sender, const struct tcp_segment *seg)
{
	if (!(seg->options & TCP_OPTION_TIMESTAMP) || seg->tsecr == 0 ||
	    !(syn_sender->flags & TCP_SIDE_TS_RECENT))
		return true;
	return !seq_before(seg->tsecr, syn_sender->ts_recent) &&
	       !seq_after(seg->tsecr, syn_sender->ts_syn + ECHO_LATE);
}

/* An acknowledgement of what a side sent in its handshake. */
static bool ack_answers(const struct tcp_side *to, const struct tcp_segment *seg)
{
	return (seg->flags & TCP_ACK) && seq_after(seg->ack, to->isn) &&
	       !seq_after(seg->ack, seq_max(to->top, to->doubt_top));
}

/* The same of a SYN, which has at most a packet of data, whatever is in doubt behind it: no
 * window is known yet, and what is in doubt may be forged. */
static bool ack_answers_syn(const struct tcp_side *to, const struct tcp_segment *seg)
{
	return ack_answers(to, seg) && seg->ack - to->isn <= WINDOW_UNSCALED_MAX;
}

/* The first of several SYNs was answered: the others came inside a half-open
 * connection, and one inside its window killed that. */
static bool syn_again_kills(struct tcp_side *to, uint32_t window)
{
	uint32_t later = to->isn;

	tcp_side_start(to, to->syn);
	to->una = to->isn;
	return later - to->next < RTE_MIN(window, WINDOW_UNSCALED_MAX);
}

/* SYN and ACK: RFC 9293, section 3.10.7.3, in SYN-SENT of the other side. */
static unsigned int handshake_syn_ack(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				      const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];
	bool killed = false;

	if (side_is_request(t, dir ^ 1) && (from->flags & TCP_SIDE_SEEN)) {
		/* Nobody waits for it. With data it makes a socket of the request. */
		c->tcp_ignored_syn++;
		if (!ack_answers(to, seg) || tcp_paws_refuses(t, from, seg, 0) ||
		    !request_window(from, seg))
			return 0;
		if (seg->seq == from->isn)
			t->active |= (uint8_t)(1 << (dir ^ 1));
		else
			tcp_track_reset(t, state);
		return 0;
	}
	if ((to->flags & TCP_SIDE_SYN_AGAIN) && seg->ack == to->syn + 1)
		killed = syn_again_kills(to, seg->window);
	if (!echo_valid(to, seg) || !ack_answers_syn(to, seg)) {
		c->tcp_ignored_ack++;
		return 0;
	}
	if ((from->flags & TCP_SIDE_SEEN) && seg->seq != from->isn) {
		c->tcp_ignored_syn++;
		return 0;
	}
	if (!(from->flags & TCP_SIDE_SEEN))
		side_start_syn(t, dir, seg);
	else
		syn_copy(from, seg);
	if (killed) {
		tcp_track_reset(t, state);
		return TCP_ACCEPTED;
	}
	to->flags &= (uint16_t)~TCP_SIDE_SYN_AGAIN;
	if ((seg->options & TCP_OPTION_TIMESTAMP) && (to->flags & TCP_SIDE_TS_RECENT) && seg->tsecr)
		to->ts_recent = seg->tsecr; /* of the SYN that counts */
	track_negotiate(t);
	if (*state == TCP_FLOW_SYN_SENT)
		*state = TCP_FLOW_SYN_RECEIVED;
	tcp_side_acked(to, seg->ack, seg->window);
	return TCP_ACCEPTED | (seq_after(to->una, to->next) ? TCP_ACKS_HOLE : 0) |
	       tcp_side_doubt(from, seg) | tcp_handshake_done(t, state);
}

static bool older_than_syn(const struct tcp_side *from, const struct tcp_segment *seg)
{
	return (seg->options & from->syn_options & TCP_OPTION_TIMESTAMP) &&
	       seq_before(seg->tsval, from->ts_recent);
}

/* Who sends SYN and RST takes the SYN back, or refuses something else and waits on
 * (RFC 9293, 3.10.7.3, first): whether there is a connection, the other side shows
 * by what it acknowledges. */
static unsigned int handshake_rst(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
				  const struct tcp_segment *seg, struct counters *c)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];
	bool answers = ack_answers_syn(to, seg);
	bool valid;

	if (!(to->flags & TCP_SIDE_SEEN)) {
		valid = false;
		if (seg->seq == from->next && !older_than_syn(from, seg))
			t->taken_back |= (uint8_t)(1 << dir);
	} else if (!(from->flags & TCP_SIDE_BASE)) { /* in SYN-SENT: RFC 9293, 3.10.7.3, second */
		valid = answers && echo_valid(to, seg);
	} else if (side_is_request(t, dir ^ 1)) { /* RFC 5961, section 3.2; any ACK */
		valid = seg->seq == from->next && !tcp_paws_refuses(t, from, seg, 0);
	} else {
		valid = seg->seq == from->next || (dir == MBX_SERVER && answers && seg->seq == 0);
	}
	if (!valid) {
		c->tcp_ignored_rst++;
		return 0;
	}
	tcp_track_reset(t, state);
	return TCP_ACCEPTED;
}

/* An ACK or data before the handshake is complete. Returns false when the segment
 * is done with, and `*outcome` says how. */
static bool handshake_ack(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
			  const struct tcp_segment *seg, unsigned int manner, struct counters *c,
			  unsigned int *outcome)
{
	struct tcp_side *from = &t->side[dir];
	struct tcp_side *to = &t->side[dir ^ 1];
	bool answers = manner & TCP_JUDGED ? ack_answers_syn(to, seg) : ack_answers(to, seg);

	*outcome = 0;
	if (!(from->flags & TCP_SIDE_BASE) && answers && seq_after(seg->ack, to->isn + 1) &&
	    !((t->waits & 1 << dir) && seg->seq == from->fin)) {
		/* It has taken bytes: its SYN was not seen. */
		tcp_side_start(from, seg->seq - 1);
		from->flags |= TCP_SIDE_SEEN;
		*state = TCP_FLOW_ESTABLISHED;
		*outcome = TCP_ESTABLISHES;
		return true;
	}
	if (!(from->flags & TCP_SIDE_BASE)) {
		c->tcp_ignored_flags++; /* answers a SYN without a SYN: challenge ACK */
		return false;
	}
	if (!(to->flags & TCP_SIDE_SEEN) && !(to->flags & TCP_SIDE_BASE)) {
		/* The other direction has not been seen: data waits until something shows
		 * that the connection stands. */
		if (!(manner & TCP_PATIENT)) {
			*outcome = TCP_DOUBTS;
			return false;
		}
		tcp_side_start(to, seg->ack - 1);
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
	if (!ack_answers(to, seg)) {
		c->tcp_ignored_ack++;		  /* Linux: the listener answers it with a reset */
		if (seq_after(seg->ack, to->isn)) /* unless the capture lost what it has */
			*outcome = TCP_DOUBTS;
		return false;
	}
	if (dir == MBX_SERVER && (from->flags & TCP_SIDE_SEEN) && seq_after(seg->ack, to->isn + 1))
		from->una = seq_max(from->una, from->isn + 1); /* it has taken bytes: it stands */
	if (!side_is_request(t, dir ^ 1))
		return true;
	if (!request_echoed(t, to, seg) || (t->taken_back & 1 << dir)) {
		c->tcp_ignored_ack++;
		*outcome = TCP_DOUBTS;
		return false;
	}
	if (tcp_paws_refuses(t, from, seg, 0)) {
		c->tcp_ignored_paws++;
		return false;
	}
	if (!request_window(from, seg)) {
		c->tcp_ignored_window++;
		return false;
	}
	return true;
}

bool tcp_handshake_segment(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
			   const struct tcp_segment *seg, unsigned int manner, struct counters *c,
			   unsigned int *outcome)
{
	*outcome = 0;
	if (seg->flags & TCP_RST) {
		*outcome = handshake_rst(t, state, dir, seg, c);
		return false;
	}
	if (seg->flags & TCP_SYN) {
		*outcome = seg->flags & TCP_ACK ? handshake_syn_ack(t, state, dir, seg, c)
						: handshake_syn(t, state, dir, seg, c);
		return false;
	}
	if (!(seg->flags & TCP_ACK)) {
		c->tcp_ignored_no_ack++;
		return false;
	}
	if (handshake_ack(t, state, dir, seg, manner, c, outcome))
		return true;
	if (*outcome == TCP_DOUBTS)
		*outcome = tcp_side_doubt(&t->side[dir], seg);
	return false;
}
