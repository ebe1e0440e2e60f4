/* Verdicts of network functions: on a packet, on a flow, on a stream from one
 * byte on. A verdict holds for packets after its cause, so the result does not
 * depend on how packets fall into bursts. */
#include "handler.h"

#include "../packet/write.h"

static struct flow_block *block_of(const struct nf_context *nf, struct flow *f)
{
	struct flow_block *blocks = stack_flow_part(f, nf->chain->program->features->blocks_at);

	return &blocks[nf->block];
}

static void ban_begin(struct nf_context *nf, struct flow *f, struct flow_ban *ban, uint32_t seq)
{
	/* What was forbidden before stays so for packets before this one. */
	if (ban->active && nf->burst != NULL)
		burst_apply_blocks(nf->chain, nf->burst, nf->block);
	*ban = (struct flow_ban){.seq = seq, .packet = nf->packet, .active = FLOW_BAN_OLD};
	f->flags |= FLOW_BLOCKED;
	if (nf->burst == NULL)
		return;
	ban->active = FLOW_BAN_NEW;
	ban->serial = nf->burst->serial;
	nf->burst->any_blocked = 1;
}

static void drop_causing(struct nf_context *nf, enum verdict cause)
{
	if (nf->packet == EVENT_NO_PACKET) {
		nf->chain->counters->verdicts_without_packet++;
		return;
	}
	if (!burst_dropped_by(nf->burst, nf->packet, nf->block))
		nf->chain->nf[nf->number].dropped++;
	burst_drop(nf->burst, nf->packet, cause, nf->block);
}

void nf_block_stream(struct nf_context *nf, struct flow *f, enum mbx_direction dir, uint32_t seq)
{
	struct flow_ban *ban = &block_of(nf, f)->stream[dir];

	if (!ban->active || (int32_t)(seq - ban->seq) < 0)
		ban_begin(nf, f, ban, seq);
}

/* The causing packet, if it is of this flow and has bytes of this direction. */
static const struct packet *causing_bytes(const struct nf_context *nf, const struct flow *f,
					  enum mbx_direction dir)
{
	const struct packet *p;

	if (nf->packet == EVENT_NO_PACKET || nf->burst->flow[nf->packet] != f)
		return NULL;
	p = &nf->burst->packet[nf->packet];
	return (p->flags & PACKET_TCP) && p->payload_len > 0 &&
		       flow_direction(f, p->reversed) == dir
		   ? p
		   : NULL;
}

/* Blocks a direction from the refused bytes on. Held bytes are with their receiver
 * already, waiting for what the causing packet fills in: from there on, then. */
static void refuse_bytes(struct nf_context *nf, struct mbx_flow flow, unsigned int bits,
			 uint32_t seq)
{
	enum mbx_direction dir = (enum mbx_direction)(bits & NF_ANSWER_SERVER);
	struct flow *f = nf_flow(nf, flow);
	const struct packet *p;

	if (f == NULL)
		return;
	if (bits & (NF_ANSWER_HELD | NF_ANSWER_ERROR)) {
		p = causing_bytes(nf, f, dir);
		if (p == NULL && (bits & NF_ANSWER_ERROR))
			return;
		if (p != NULL && ((bits & NF_ANSWER_ERROR) || seq_before(p->seq, seq)))
			seq = p->seq;
	}
	nf_block_stream(nf, f, dir, seq);
}

void nf_refuse(struct nf_context *nf, enum verdict cause)
{
	const struct event *e = nf->event;

	drop_causing(nf, cause);
	if (e != NULL && e->type == EVENT_DATA_TCP)
		refuse_bytes(nf, e->flow, e->dir | (e->flags & EVENT_HELD ? NF_ANSWER_HELD : 0u),
			     ((const struct event_data *)e)->seq);
}

void nf_drop_packet(struct nf_context *nf)
{
	nf_refuse(nf, VERDICT_DROP);
}

void nf_answer_refuse(struct nf_context *nf, enum verdict cause, struct mbx_flow flow,
		      uint64_t value)
{
	uint32_t bits = (uint32_t)(value >> 32);

	drop_causing(nf, cause);
	if (bits & NF_ANSWER_DATA)
		refuse_bytes(nf, flow, bits, (uint32_t)value);
}

void nf_drop_flow(struct nf_context *nf, struct mbx_flow flow)
{
	struct flow *f = nf_flow(nf, flow);
	struct flow_ban *ban;

	if (f == NULL)
		return;
	ban = &block_of(nf, f)->flow;
	if (!ban->active)
		ban_begin(nf, f, ban, 0);
	if (nf->packet != EVENT_NO_PACKET && nf->burst->flow[nf->packet] == f)
		drop_causing(nf, VERDICT_DROP_FLOW);
}

void nf_reset_flow(struct nf_context *nf, struct mbx_flow flow)
{
	struct flow *f = nf_flow(nf, flow);

	if (f == NULL)
		return;
	if (!block_of(nf, f)->flow.active)
		nf_inject_resets(nf, f);
	nf_drop_flow(nf, flow);
}

void nf_set_timer(struct nf_context *nf, struct mbx_flow flow, uint32_t milliseconds)
{
	struct stack *s = &nf->chain->stack;
	struct flow *f = nf_flow(nf, flow);
	struct wheel_timer *timers;
	uint64_t from;

	if (f == NULL || (f->flags & FLOW_ENDING))
		return;
	timers = stack_flow_part(f, nf->chain->program->features->timers_at);
	from = nf->event != NULL ? nf->event->time : nf_answer_time(nf);
	if (milliseconds == 0) {
		timer_cancel(&s->wheel, &timers[nf->timer]);
		return;
	}
	timers[nf->timer].owner = f->index;
	timers[nf->timer].kind = STACK_TIMER_NF;
	timers[nf->timer].nf = nf->number;
	timer_arm(&s->wheel, &timers[nf->timer], from + milliseconds * 1000000ull);
}

/* Bursts are numbered in order; no two that are on their way are so far apart. */
#define SERIALS_IN_FLIGHT 65536u

/* Whether a packet comes after what caused the ban: a burst before the cause's
 * may still be waiting for a worker. */
static bool ban_holds(struct flow_ban *ban, const struct burst *b, uint16_t packet)
{
	uint32_t since = b->serial - ban->serial;

	if (ban->active != FLOW_BAN_NEW)
		return ban->active == FLOW_BAN_OLD;
	if (since == 0)
		return ban->packet == EVENT_NO_PACKET || packet > ban->packet;
	if (since >= UINT32_MAX - SERIALS_IN_FLIGHT)
		return false;
	if (since > SERIALS_IN_FLIGHT) /* before numbers wrap */
		ban->active = FLOW_BAN_OLD;
	return true;
}

/* The counter's cause when the packet is forbidden, else VERDICT_FORWARD. */
static enum verdict block_verdict(struct flow_block *block, const struct flow *f,
				  const struct burst *b, uint16_t packet)
{
	const struct packet *p = &b->packet[packet];
	struct flow_ban *ban = &block->stream[flow_direction(f, p->reversed)];

	if (ban_holds(&block->flow, b, packet))
		return VERDICT_DROP_FLOW;
	if ((p->flags & PACKET_TCP) && ban_holds(ban, b, packet) && p->payload_len > 0 &&
	    (int32_t)(p->seq + p->payload_len - ban->seq) > 0)
		return VERDICT_DROP_BLOCKED;
	return VERDICT_FORWARD;
}

void burst_apply_blocks(struct chain *c, struct burst *b, uint8_t block_number)
{
	uint16_t blocks_at = c->program->features->blocks_at;

	/* What the stack has not come to yet may turn out to be of another flow. */
	for (uint16_t i = 0; i < b->next; i++) {
		struct flow *f = b->flow[i];
		struct flow_block *block;
		enum verdict cause;

		if (f == NULL || !(f->flags & FLOW_BLOCKED) || burst_dropped_by(b, i, block_number))
			continue;
		block = (struct flow_block *)stack_flow_part(f, blocks_at) + block_number;
		cause = block_verdict(block, f, b, i);
		if (cause != VERDICT_FORWARD)
			burst_drop(b, i, cause, block_number);
	}
}

bool burst_refuses_write(const struct packet *p)
{
	if (p == NULL || (p->flags & (PACKET_REASSEMBLED | PACKET_AUTHENTICATED)))
		return true;
	return p->mbuf->nb_segs > 1 && packet_is_shared(p);
}

void burst_written(struct burst *b, uint16_t packet, struct rte_mbuf *before, int result)
{
	struct rte_mbuf *after = b->packet[packet].mbuf;
	const uint8_t *old = rte_pktmbuf_mtod(before, const uint8_t *);
	uint32_t len = rte_pktmbuf_data_len(before);

	if (result != 0)
		b->counters->writes_refused++;
	if (after == before)
		return;
	b->mbuf[packet] = after;
	for (uint32_t at = b->log.first; at != EVENT_END; at = event_log_at(&b->log, at)->next) {
		struct event_data *e = (struct event_data *)event_log_at(&b->log, at);

		if (e->head.type != EVENT_DATA_TCP || e->head.packet != packet || e->data < old ||
		    e->data >= old + len)
			continue;
		e->data = rte_pktmbuf_mtod(after, const uint8_t *) + (e->data - old);
		e->owner = owner_of_mbuf(after);
	}
}
