/* Nearly every segment of a connection is plainly its next one: nothing else is asked of
 * it, and all that is known of it stays in registers. */
#pragma once

#include "monitor_keep.h"
#include "monitor_segment.h"

/* A packet on which a function may still say something has not arrived yet. */
static __rte_always_inline bool monitor_has_next(const struct stack_features f)
{
	return f.tcp && !f.packet_verdicts;
}

/* Whether memory for bytes is plainly there, so that nothing has to be done for it first. */
static __rte_always_inline bool monitor_next_has_memory(const struct stack *s,
							const struct burst *b,
							const struct monitor_segment *g,
							const struct stack_features f)
{
	if (stack_is_short(s) || b->resume_stream != STREAM_NONE ||
	    s->reassembly.pages > s->reassembly.limit)
		return false;
	return !f.drops || (!reassembly_is_tight(&s->reassembly) &&
			    !monitor_is_scarce(s, g->flow, (enum mbx_direction)g->dir, g->len, f));
}

/* Whether the bytes of a segment are the next ones of streams in which nothing is open. */
static __rte_always_inline bool monitor_next_fits_tmpl(const struct stack *s, const struct burst *b,
						       const struct packet *p,
						       const struct monitor_segment *g,
						       const struct stack_features f,
						       const struct stack_hooks *h)
{
	enum mbx_direction dir = (enum mbx_direction)g->dir;
	const struct stream *st = monitor_stream(g->flow, dir, f);
	const struct stream *other = monitor_stream(g->flow, dir ^ 1, f);
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);

	if (!monitor_has_streams(f))
		return true;
	if (!monitor_next_has_memory(s, b, g, f) || h->unsettled(s, g->flow) ||
	    payload_present(p) != g->tcp.len || p->mbuf->nb_segs != 1)
		return false;
	if (monitor_hears(f, dir ^ 1) && ((other->flags & STREAM_URGENT_HOLD) ||
					  other->doubted != NULL || other->end > other->pos))
		return false;
	if (g->len == 0 || !monitor_hears(f, dir))
		return true;
	/* Its own packet event may be what a function makes its choice on. */
	if (!f.packet_events && !monitor_wants_tmpl(s, g->flow, dir, f, h))
		return !f.drops || (!stream_guards(st, t->side[dir].una) && !monitor_is_copy(g, f));
	return st->flags == 0 && st->end <= st->pos && st->given_up <= st->pos &&
	       st->doubted == NULL && stream_seq(st, st->pos) == g->tcp.seq;
}

static __rte_always_inline void monitor_next_payload_tmpl(struct stack *s, struct burst *b,
							  const struct monitor_segment *g,
							  const struct stack_features f,
							  const struct stack_hooks *h)
{
	enum mbx_direction dir = (enum mbx_direction)g->dir;
	const struct tcp_track *t = stack_flow_part(g->flow, f.tcp_at);
	struct stream *st = monitor_stream(g->flow, dir, f);

	if (!monitor_hears(f, dir) || g->len == 0)
		return;
	if (!monitor_wants_tmpl(s, g->flow, dir, f, h)) {
		monitor_stream_skip_tmpl(s, st, g, dir, &t->side[dir], f);
		return;
	}
	monitor_payload_direct_tmpl(s, b, g, st, 0, g->len, f, h);
	if (monitor_remembers(f))
		monitor_stream_trim_tmpl(s, g->flow, dir, st, f);
}

/* Does with such a segment what monitor_tcp_tmpl() would. False: it is none, and nothing
 * was done. */
static __rte_always_inline bool monitor_next_tmpl(struct stack *s, struct burst *b, uint16_t packet,
						  const struct stack_features f,
						  const struct stack_hooks *h)
{
	const uint16_t stands = FLOW_LIVE | FLOW_CLIENT_SEEN | FLOW_SERVER_SEEN;
	const struct packet *p = &b->packet[packet];
	struct flow *flow = b->flow[packet];
	struct monitor_segment g = {.flow = flow, .packet = packet};
	struct tcp_track *t = stack_flow_part(flow, f.tcp_at);
	enum mbx_direction dir;

	/* Else gcc computes it from the number again for each member. */
	__asm__("" : "+r"(p));
	if (unlikely(flow == NULL ||
		     (flow->flags & (stands | FLOW_ENDING | FLOW_EMBRYONIC)) != stands ||
		     !tcp_segment_read_usual(&g.tcp, p)))
		return false;
	dir = flow_direction(flow, p->reversed);
	g.dir = (uint8_t)dir;
	g.len = g.tcp.len;
	if (unlikely(b->port != flow->port[dir] ||
		     !tcp_track_predicts(t, flow->state, dir, &g.tcp) ||
		     t->ending != TCP_ENDING_NO || !monitor_next_fits_tmpl(s, b, p, &g, f, h)))
		return false;
	monitor_flow_count_tmpl(b, packet, flow, f);
	stack_raise_packet_tmpl(s, b, packet, flow, f, h);
	if (f.injects)
		b->numbers[packet] = tcp_track_numbers(t);
	tcp_track_next(t, dir, &g.tcp, monitor_judged(f));
	stack_list_keep(s, flow);
	if (f.rtt) {
		struct tcp_segment seg = g.tcp; /* has an address, the other one none */

		tcp_track_rtt_update(t, dir, &seg, TCP_ACCEPTED | TCP_TAKES, p->time);
	}
	monitor_next_payload_tmpl(s, b, &g, f, h);
	return true;
}
