/* The life of a flow in the monitor: start, counting, end. */
#pragma once

#include "../flow/field.h"
#include "../packet/field.h"
#include "../tcp/track.h"
#include "admit.h"
#include "monitor_stream.h"

#define MONITOR_NOT_ENDING UINT8_MAX

/* A UDP or ICMP flow that was not answered is soon forgotten. */
static __rte_always_inline uint64_t monitor_idle_ns(const struct flow *flow,
						    const struct stack_features f)
{
	uint64_t idle = f.idle_ns;

	if (!(f.udp || f.icmp) || flow->proto == 6)
		return idle;
	if (flow->proto == 17 && f.idle_udp_ns > 0)
		idle = f.idle_udp_ns;
	else if (flow->proto != 17 && f.idle_icmp_ns > 0)
		idle = f.idle_icmp_ns;
	if (f.idle_unanswered_ns > 0 && flow_onesided(flow))
		idle = RTE_MIN(idle, f.idle_unanswered_ns);
	return idle;
}

/* A new record with its timer and its place among those that can be evicted.
 * NULL when the table has none left. */
static __rte_always_inline struct flow *
monitor_flow_create_tmpl(struct stack *s, const struct packet *p, bool sender_is_client,
			 const struct stack_features f, const struct stack_hooks *h)
{
	struct flow *flow = flow_table_insert(s->table, &p->key, p->hash);

	if (flow == NULL) {
		s->counters->flow_table_full++;
		return NULL;
	}
	if ((p->reversed != 0) == sender_is_client)
		flow->flags |= FLOW_CLIENT_SECOND;
	flow->proto = p->proto;
	flow->started = p->time;
	flow->last_seen = p->time;
	flow->idle.kind = STACK_TIMER_IDLE;
	flow->idle.owner = flow->index;
	timer_arm(&s->wheel, &flow->idle, p->time + monitor_idle_ns(flow, f));
	stack_list_append(s, flow, true);
	stack_list_look(s);
	s->counters->flows_started++;
	h->subscribe(s, flow, p);
	return flow;
}

/* What the port that a packet came in at says of its sender. */
enum monitor_way {
	MONITOR_WAY_OWN,
	MONITOR_WAY_ASTRAY, /* the other side's port: its sender did not send it */
	MONITOR_WAY_FOUND,  /* so this is its sender's port, and what it has said was forged */
};

/* Where one port holds both sides, as in a capture, every packet is on its way; so
 * are packets that pass twice, at one port and then at the other. Else only one whose
 * sender is on the other side comes in at the other side's port: the path takes it
 * away from the host that it names as its receiver. */
static __rte_always_inline enum monitor_way monitor_way(const struct flow *flow,
							const struct tcp_track *t,
							enum mbx_direction dir, uint16_t port,
							const struct tcp_segment *seg)
{
	const uint16_t both = FLOW_CLIENT_SEEN | FLOW_SERVER_SEEN;

	if (likely(port == flow->port[dir]))
		return MONITOR_WAY_OWN;
	if (flow->flags & FLOW_ACROSS)
		return port == flow->port[dir ^ 1] ? MONITOR_WAY_ASTRAY : MONITOR_WAY_OWN;
	if ((flow->flags & both) == both && tcp_track_answers_anew(t, dir, seg))
		return MONITOR_WAY_FOUND;
	return MONITOR_WAY_OWN;
}

/* The first packet of a side. */
static inline void monitor_flow_meet(struct flow *flow, enum mbx_direction dir, uint16_t port)
{
	const uint16_t both = FLOW_CLIENT_SEEN | FLOW_SERVER_SEEN;

	flow->flags |= dir == MBX_CLIENT ? FLOW_CLIENT_SEEN : FLOW_SERVER_SEEN;
	if (flow->flags & FLOW_ACROSS)
		return;
	flow->port[dir] = port;
	if ((flow->flags & both) == both && flow->port[dir ^ 1] != port)
		flow->flags |= FLOW_ACROSS;
}

static inline void monitor_flow_lies_across(struct flow *flow, uint16_t clients, uint16_t servers)
{
	flow->port[MBX_CLIENT] = clients;
	flow->port[MBX_SERVER] = servers;
	flow->flags |= FLOW_ACROSS;
}

/* A packet of the flow, counted; its direction. */
static __rte_always_inline enum mbx_direction monitor_flow_count_tmpl(struct burst *b,
								      uint16_t packet,
								      struct flow *flow,
								      const struct stack_features f)
{
	const struct packet *p = &b->packet[packet];
	enum mbx_direction dir = flow_direction(flow, p->reversed);
	uint16_t seen = dir == MBX_CLIENT ? FLOW_CLIENT_SEEN : FLOW_SERVER_SEEN;

	flow->last_seen = p->time;
	if (f.ttl) {
		struct flow_ttl *ttl = stack_flow_part(flow, f.ttl_at);

		STACK_FEATURE("ttl");
		if (!(flow->flags & seen))
			ttl->first[dir] = packet_ip_ttl(p);
		ttl->changed |= ttl->first[dir] != packet_ip_ttl(p);
	}
	if (unlikely(!(flow->flags & seen)))
		monitor_flow_meet(flow, dir, b->port);
	if (f.counters) {
		struct flow_counters *c = stack_flow_part(flow, f.counters_at);

		STACK_FEATURE("counters");
		c->packets[dir]++;
		c->bytes[dir] += rte_pktmbuf_pkt_len(p->mbuf);
	}
	if (f.injects) {
		uint16_t kept = dir == MBX_CLIENT ? FLOW_CLIENT_PREFIX : FLOW_SERVER_PREFIX;

		STACK_FEATURE("injects");
		if (unlikely(!(flow->flags & kept)) && p->l3 <= f.prefix_room) {
			struct flow_prefix *prefix = stack_flow_part(flow, f.prefix_at);

			packet_copy_prefix(p, prefix->bytes + dir * f.prefix_room);
			prefix->len[dir] = (uint8_t)(p->l3 + 1);
			flow->flags |= kept;
		}
		b->spoken[packet] = flow->flags;
	}
	if (f.drops) {
		STACK_FEATURE("drops");
		if (flow->flags & FLOW_BLOCKED)
			b->any_blocked = 1;
	}
	return dir;
}

/* A packet was tracked. Once both ends have spoken, and a connection stands, the
 * flow is no more among the first to go. */
static __rte_always_inline void monitor_flow_promote(struct stack *s, struct flow *flow)
{
	const uint16_t both = FLOW_CLIENT_SEEN | FLOW_SERVER_SEEN;

	if (likely((flow->flags & (FLOW_EMBRYONIC | both)) != (FLOW_EMBRYONIC | both))) {
		stack_list_keep(s, flow);
		return;
	}
	if (flow->proto == 6 && flow->state < TCP_FLOW_ESTABLISHED)
		return;
	stack_list_remove(s, flow);
	stack_list_append(s, flow, false);
}

static inline void monitor_count_end(struct counters *c, uint8_t reason)
{
	c->flows_fin += reason == FLOW_END_FIN;
	c->flows_rst += reason == FLOW_END_RST;
	c->flows_idle += reason == FLOW_END_IDLE;
	c->flows_evicted += reason == FLOW_END_EVICTED;
	c->flows_shutdown += reason == FLOW_END_SHUTDOWN;
}

/* What was raised before has been handled: nothing is unsettled any more. */
static inline void monitor_round_begin(struct stack *s, struct burst *b)
{
	s->now = b->now;
	s->round += s->round == UINT32_MAX ? 2 : 1;
	s->tentative = false;
	s->reassembly.released = &b->released;
}

/* Closed connections linger, all else is gone at once. */
static inline void monitor_flow_close(struct stack *s, struct burst *b, struct flow *flow,
				      uint8_t reason, uint64_t time)
{
	bool lingers = reason == FLOW_END_FIN || reason == FLOW_END_RST;

	monitor_count_end(s->counters, reason);
	if (!lingers) {
		stack_flow_bury(s, b, flow);
		return;
	}
	stack_flow_silence(s, flow);
	stack_list_remove(s, flow);
	stack_list_append(s, flow, true);
	timer_arm(&s->wheel, &flow->idle, time + STACK_LINGER_NS);
}

/* The event of a flow's end, and of both ends of the life of UDP and ICMP flows. */
static __rte_always_inline enum event_type monitor_end_event(const struct flow *flow,
							     const struct stack_features f)
{
	if (f.udp && flow->proto == 17)
		return EVENT_FLOW_UDP;
	if (f.icmp && flow->proto != 6)
		return EVENT_FLOW_ICMP;
	return EVENT_FLOW_END;
}

/* Raises all that is due for a flow: bytes that can be handed on, gaps, and its
 * end, when `reason` says so or its connection is over. Returns false when the
 * log has no room for the rest: called again with the same arguments, it goes
 * on. */
static __rte_always_inline bool monitor_settle_tmpl(struct stack *s, struct burst *b,
						    struct flow *flow, uint16_t packet,
						    uint64_t time, uint8_t reason,
						    const struct stack_features f,
						    const struct stack_hooks *h)
{
	struct event_site site = {.flow = flow, .packet = packet, .time = time};
	bool tcp = f.tcp && flow->proto == 6;

	if (tcp) {
		struct tcp_track *t = stack_flow_part(flow, f.tcp_at);

		if (!monitor_drain_tmpl(s, b, flow, packet, time, reason != MONITOR_NOT_ENDING, f,
					h))
			return false;
		if (reason == MONITOR_NOT_ENDING && t->ending == TCP_ENDING_NO)
			return true;
		if (reason == MONITOR_NOT_ENDING) {
			reason = t->ending == TCP_ENDING_FIN ? FLOW_END_FIN : FLOW_END_RST;
			if (!monitor_drain_tmpl(s, b, flow, packet, time, true, f, h))
				return false;
		}
		monitor_streams_clear_tmpl(s, flow, f);
	}
	if (reason == MONITOR_NOT_ENDING)
		return true;
	if (event_log_room(&b->log) < EVENT_SLOTS_MAX)
		return false;
	if (f.stashes)
		STACK_FEATURE("stashes");
	site.reason = tcp ? reason : 1;
	h->raise(s, b, monitor_end_event(flow, f), &site);
	monitor_flow_close(s, b, flow, reason, time);
	return true;
}
