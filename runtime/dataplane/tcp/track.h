/* Both ends of a TCP connection as what passes between them shows: RFC 9293,
 * 5961, 7323, and where these leave a choice, what a Linux host does. For each
 * segment the tracker says what the host that receives it makes of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../counter.h"
#include "../nf.h"
#include "segment.h"

/* State of a flow; the catalog's TcpState in the same order. In flow->state. */
enum tcp_flow_state {
	TCP_FLOW_SYN_SENT = 0,
	TCP_FLOW_SYN_RECEIVED,
	TCP_FLOW_ESTABLISHED,
	TCP_FLOW_HALF_CLOSED, /* one side's FIN has arrived */
	TCP_FLOW_CLOSING,     /* both sides', not both acknowledged */
	TCP_FLOW_CLOSED,
	TCP_FLOW_RESET,
};

enum tcp_side_flag {
	TCP_SIDE_SEEN = 1 << 0,	     /* its numbers are known from its own segments */
	TCP_SIDE_BASE = 1 << 1,	     /* isn and next are valid, perhaps from the peer's ACK */
	TCP_SIDE_SCALE = 1 << 2,     /* `scale` holds: both SYNs had the option, or neither */
	TCP_SIDE_EDGE = 1 << 3,	     /* `edge` holds */
	TCP_SIDE_FIN = 1 << 4,	     /* a FIN at `fin` waits for the bytes before it */
	TCP_SIDE_FIN_DONE = 1 << 5,  /* the FIN was reached: nothing follows */
	TCP_SIDE_TS_RECENT = 1 << 6, /* `ts_recent` holds */
	TCP_SIDE_SYN_AGAIN = 1 << 7, /* a SYN at `syn` came inside the connection */
	TCP_SIDE_UNSURE = 1 << 8,    /* `unsure` holds, and is not acknowledged */
	TCP_SIDE_TOP_LAST = 1 << 9,  /* the latest early segment ended at `top` */
};

/* What is known of one sender. */
struct tcp_side {
	uint32_t isn;
	uint32_t next;	     /* what the peer expects next: all before it has arrived there */
	uint32_t top;	     /* end of the highest segment accepted */
	uint32_t doubt_top;  /* the same with segments in doubt */
	uint32_t una;	     /* highest number that the peer acknowledged */
	uint32_t edge;	     /* right edge of the window that the peer offers */
	uint32_t acked;	     /* bytes that the peer acknowledged, saturates */
	uint32_t max_window; /* largest window that the peer offered, bytes */
	uint32_t ts_recent;  /* as the peer keeps it (RFC 7323, section 4.3); where verdicts
				count, the latest that it may keep */
	uint32_t fin;	     /* sequence number of the FIN */
	uint32_t fin_from;   /* of the segment that carried it */
	uint32_t syn;	     /* of a SYN inside the connection, or the first of several */
	uint32_t ts_syn;     /* timestamp of the last copy of its SYN, or of that at `syn`; in a
				connection one that the peer has noted */
	uint32_t unsure;     /* end of bytes that were taken, and that the peer may refuse */
	uint16_t flags;	     /* enum tcp_side_flag */
	uint8_t scale;
	uint8_t syn_options;		    /* enum tcp_option of its SYN */
	uint8_t again_options, again_scale; /* of the SYN at `syn` */
	uint8_t doubt_fin;		    /* a FIN ends at `doubt_top` */
	uint8_t syn_scale;		    /* of its SYN, whatever was agreed on */
};

/* A segment whose acknowledgement gives a round trip. */
struct tcp_rtt_sample {
	uint64_t sent;	    /* nanoseconds; 0: none is waited for */
	uint32_t from, end; /* of it, or of the last one; equal: there was none */
};

/* A flow's part with TCP; arrays by enum mbx_direction of the sender. */
struct tcp_track {
	struct tcp_side side[2];
	uint64_t rtt[2]; /* smoothed, from the monitor to that side and back; 0 unknown */
	struct tcp_rtt_sample sample[2];
	uint8_t md5;	       /* the connection uses RFC 2385 */
	uint8_t timestamps;    /* both SYNs had the option: PAWS holds */
	uint8_t sack;	       /* both SYNs had SACK permitted */
	uint8_t ending;	       /* enum tcp_ending */
	uint8_t syns;	       /* bit per direction whose SYN was seen */
	uint8_t active;	       /* bit per direction whose SYN was no answer */
	uint8_t waits;	       /* bit per direction that may still wait in an earlier connection of
				  these ports; its next number is in `fin` */
	uint8_t taken_back;    /* bit per direction that sent SYN, then RST, before an answer was
				  seen */
	uint32_t doubt_ack[2]; /* what each side's latest segment in doubt acknowledged */
};

/* Where both streams stand, by enum mbx_direction of the sender: what a reset
 * has to carry. */
struct tcp_numbers {
	uint32_t next[2]; /* what the peer expects next */
	uint32_t una[2];  /* what the peer has acknowledged */
	bool known[2];	  /* the side's numbers are known */
};

static inline struct tcp_numbers tcp_track_numbers(const struct tcp_track *t)
{
	const struct tcp_side *client = &t->side[MBX_CLIENT], *server = &t->side[MBX_SERVER];

	return (struct tcp_numbers){
	    .next = {client->next, server->next},
	    .una = {client->una, server->una},
	    .known = {(client->flags & TCP_SIDE_BASE) != 0, (server->flags & TCP_SIDE_BASE) != 0},
	};
}

enum tcp_ending {
	TCP_ENDING_NO = 0,
	TCP_ENDING_FIN,
	TCP_ENDING_RST,
};

/* What decides beside the segment; bits. */
enum tcp_manner {
	TCP_PATIENT = 1 << 0,	  /* long enough since the flow's start to conclude that the other
				     direction is not seen */
	TCP_JUDGED = 1 << 1,	  /* verdicts count: what the host may take cannot wait until it is
				     acknowledged */
	TCP_GUARDED = 1 << 2,	  /* with TCP_JUDGED: what nobody hears does not leave */
	TCP_FIN_DOUBTED = 1 << 3, /* with TCP_JUDGED: a byte in doubt lies in the FIN's place */
};

/* What the receiving host makes of a segment; bits. */
enum tcp_outcome {
	TCP_TAKES = 1 << 0,	  /* its payload, as far as it lies right of `next` */
	TCP_DOUBTS = 1 << 1,	  /* payload is refused as far as is known; what the peer
				     acknowledges later shows whether it was taken */
	TCP_ESTABLISHES = 1 << 2, /* completes the handshake */
	TCP_ACKS_HOLE = 1 << 3,	  /* acknowledges bytes of the other side that are missing */
	TCP_REPEATS = 1 << 4,	  /* has bytes that the peer has; not a keep-alive */
	TCP_ACCEPTED = 1 << 5,	  /* the host processes the segment at all */
	TCP_CONFIRMS = 1 << 6,	  /* shows that what was in doubt of this side was taken */
	TCP_REFUSED = 1 << 7,	  /* with TCP_DOUBTS: only an acknowledgment can show otherwise */
	TCP_LEAPS = 1 << 8,	  /* shows that bytes of its own side were lost: its peer has all
				     up to `una`; with TCP_ACKS_HOLE */
};

/* Whether the FIN of this side has arrived with all bytes before it. */
static inline bool tcp_track_closed(const struct tcp_track *t, enum mbx_direction dir)
{
	return (t->side[dir].flags & TCP_SIDE_FIN_DONE) != 0;
}

/* The smoothed round trip between both ends (RFC 6298), nanoseconds, 0 while
 * unknown. */
static inline uint64_t tcp_track_rtt(const struct tcp_track *t)
{
	return t->rtt[MBX_CLIENT] != 0 && t->rtt[MBX_SERVER] != 0
		   ? t->rtt[MBX_CLIENT] + t->rtt[MBX_SERVER]
		   : t->rtt[MBX_SERVER];
}

/* Whether a segment without a flow begins one, and who is its client. */
bool tcp_track_opens(const struct tcp_segment *seg, bool *sender_is_client);

/* Whether a segment ends this flow and begins another with the same ports: a
 * SYN after the end, or the answer to a SYN inside an established one. */
bool tcp_track_reopens(const struct tcp_track *t, uint8_t state, enum mbx_direction dir,
		       const struct tcp_segment *seg);

/* What a connection with the ports of an earlier one knows from that. */
struct tcp_before {
	struct tcp_segment syn; /* the SYN that its first segment answers; without flags: none */
	uint32_t next;		/* of who has to answer its SYN, in the earlier one */
	bool waits;
};

struct tcp_before tcp_track_before(const struct tcp_track *t, enum mbx_direction sender);

/* Whether a segment of `dir` answers the other side's SYN, and not as that was
 * answered before. */
bool tcp_track_answers_anew(const struct tcp_track *t, enum mbx_direction dir,
			    const struct tcp_segment *seg);

/* Of the same connection, when all that `sender` has said is to be forgotten: the SYN
 * of the other side. */
struct tcp_before tcp_track_asked(const struct tcp_track *t, enum mbx_direction sender);

/* Begins with a flow's first segment, before tcp_track_segment() is called with
 * it. Returns whether the flow is picked up mid-stream. */
bool tcp_track_start(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
		     const struct tcp_segment *seg, const struct tcp_before *before);

/* The general case; enum tcp_outcome bits. `manner`: enum tcp_manner. */
unsigned int tcp_track_general(struct tcp_track *t, uint8_t *state, enum mbx_direction dir,
			       const struct tcp_segment *seg, unsigned int manner,
			       struct counters *c);

/* Whether a segment of `dir` at `seq` may be on its way: sent, as far as is known,
 * and not acknowledged (RFC 5927, section 4.1; both ends count, as in Linux). What
 * an ICMP error says about others is forged or too late. */
bool tcp_track_in_flight(const struct tcp_track *t, enum mbx_direction dir, uint32_t seq);

/* All bytes of a side up to `next` have arrived: notes it, and its FIN if that is
 * reached. */
void tcp_track_arrived(struct tcp_track *t, uint8_t *state, enum mbx_direction dir, uint32_t next);

/* End of the bytes of a side that its peer has acknowledged, its FIN left out. */
static inline uint32_t tcp_side_acked_data(const struct tcp_side *s)
{
	bool fin = (s->flags & (TCP_SIDE_FIN | TCP_SIDE_FIN_DONE)) != 0;

	return fin && s->una == s->fin + 1 ? s->fin : s->una;
}

/* The peer has acknowledged bytes of `dir` that the monitor misses: they arrived. */
void tcp_track_acked(struct tcp_track *t, uint8_t *state, enum mbx_direction dir);

/* A side by its direction. The compiler is not told how its address came about: else it
 * computes that again for each member. */
static __rte_always_inline struct tcp_side *tcp_track_side(const struct tcp_track *t,
							   unsigned int dir)
{
	struct tcp_side *side = (struct tcp_side *)(uintptr_t)&t->side[dir];

	__asm__("" : "+r"(side));
	return side;
}

/* What an acceptable ACK of `dir` says of the other side. */
static inline void tcp_side_acked(struct tcp_side *peer, uint32_t ack, uint32_t window)
{
	uint32_t more = ack - peer->una;

	if ((int32_t)more > 0) {
		peer->una = ack;
		peer->acked = peer->acked + more < peer->acked ? UINT32_MAX : peer->acked + more;
	}
	if (window > peer->max_window)
		peer->max_window = window;
	if (!(peer->flags & TCP_SIDE_EDGE) || seq_after(ack + window, peer->edge))
		peer->edge = ack + window;
	peer->flags |= TCP_SIDE_EDGE;
}

/* Established, in order, nothing remarkable: most segments. Header prediction
 * (Jacobson, RFC 1323, appendix E). */
static __rte_always_inline bool tcp_track_predicts(const struct tcp_track *t, uint8_t state,
						   enum mbx_direction dir,
						   const struct tcp_segment *seg)
{
	const struct tcp_side *from = tcp_track_side(t, dir);
	const struct tcp_side *to = tcp_track_side(t, dir ^ 1);
	const uint16_t known = TCP_SIDE_SEEN | TCP_SIDE_BASE | TCP_SIDE_SCALE | TCP_SIDE_EDGE;
	const uint16_t special =
	    TCP_SIDE_FIN | TCP_SIDE_FIN_DONE | TCP_SIDE_SYN_AGAIN | TCP_SIDE_UNSURE;
	uint32_t end = seg->seq + seg->len;

	if (unlikely(state != TCP_FLOW_ESTABLISHED ||
		     (seg->flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK | TCP_URG)) != TCP_ACK ||
		     ((from->flags & to->flags) & known) != known ||
		     ((from->flags | to->flags) & special) != 0 || seg->seq != from->next ||
		     seq_after(end, from->edge) ||
		     (seg->options & (TCP_OPTION_MD5 | TCP_OPTION_BROKEN)) || t->md5 ||
		     seq_before(seg->ack, to->una) || seq_after(seg->ack, to->next)))
		return false;
	return !(t->timestamps && (seg->options & TCP_OPTION_TIMESTAMP)) ||
	       (int32_t)(seg->tsval - from->ts_recent) >= 0;
}

/* What is predicted is taken. */
static __rte_always_inline void tcp_track_next(struct tcp_track *t, enum mbx_direction dir,
					       const struct tcp_segment *seg, unsigned int manner)
{
	struct tcp_side *from = tcp_track_side(t, dir);
	uint32_t end = seg->seq + seg->len;

	/* RFC 7323, section 4.3, (2). The peer may have acknowledged more by now. */
	if (t->timestamps && (seg->options & TCP_OPTION_TIMESTAMP) &&
	    ((manner & TCP_JUDGED) || seg->seq == from->una))
		from->ts_recent = seg->tsval;
	from->next = end;
	from->top = seq_max(from->top, end);
	tcp_side_acked(tcp_track_side(t, dir ^ 1), seg->ack, (uint32_t)seg->window << from->scale);
}

/* What is not predicted the general case decides. */
static __rte_always_inline unsigned int tcp_track_segment(struct tcp_track *t, uint8_t *state,
							  enum mbx_direction dir,
							  const struct tcp_segment *seg,
							  unsigned int manner, struct counters *c)
{
	if (unlikely(!tcp_track_predicts(t, *state, dir, seg)))
		return tcp_track_general(t, state, dir, seg, manner, c);
	tcp_track_next(t, dir, seg, manner);
	return TCP_ACCEPTED | TCP_TAKES;
}

/* Round trips from segments and their acknowledgement, one sample in flight a
 * side; a retransmission spoils it (Karn). `now` in nanoseconds. */
void tcp_track_rtt_update(struct tcp_track *t, enum mbx_direction dir,
			  const struct tcp_segment *seg, unsigned int outcome, uint64_t now);
