/* What the streams keep of bytes, once it is known who has heard them. */
#include "monitor_stream.h"

/* The stream of a DATA event while it goes on, or NULL. */
static struct stream *stream_of(const struct stack *s, const struct event *e,
				const struct stack_features *f)
{
	struct flow *flow = flow_table_at(s->table, e->flow.index);

	if (flow->generation != e->flow.generation || !(flow->flags & FLOW_LIVE) ||
	    (flow->flags & FLOW_ENDING))
		return NULL;
	return monitor_stream(flow, (enum mbx_direction)e->dir, *f);
}

/* What a stream forgets that nobody listens to, as if that had been known when
 * [from, end) came. What was heard behind it in the same round stays. */
static void forget(struct stack *s, const struct flow *flow, struct stream *st,
		   enum mbx_direction dir, uint64_t from, uint64_t end,
		   const struct stack_features *f)
{
	const struct tcp_track *t = stack_flow_part(flow, f->tcp_at);
	uint32_t id = monitor_stream_id(flow, dir);

	stream_forget(&s->reassembly, st, id, f->drops ? from : 0, end);
	if (f->drops)
		stream_turn_deaf(&s->reassembly, st, id, t->side[dir].una);
	else
		stream_cut(&s->reassembly, st, id, st->pos);
}

static void judge(struct stack *s, const struct event_data *e, const struct stack_features *f)
{
	struct flow *flow = flow_table_at(s->table, e->head.flow.index);
	enum mbx_direction dir = (enum mbx_direction)e->head.dir;
	struct stream *st = stream_of(s, &e->head, f);
	int64_t at;

	if (st == NULL)
		return;
	at = stream_position(st, e->seq);
	if (at < 0)
		return;
	if (!(e->head.flags & EVENT_WAS_HEARD)) {
		uint64_t end = (uint64_t)at + e->len;

		stream_unheard(st, (uint64_t)at, end);
		if (!f->overlap || !(e->head.flags & EVENT_FOLLOWED))
			forget(s, flow, st, dir, end - e->len, end, f);
	}
	monitor_stream_trim_tmpl(s, flow, dir, st, *f);
}

void stack_judge_bytes(struct stack *s, struct burst *b, const struct stack_features *f)
{
	for (uint32_t at = b->log.first; at != EVENT_END; at = event_log_at(&b->log, at)->next) {
		const struct event_data *e = (const struct event_data *)event_log_at(&b->log, at);

		if (e->head.type == EVENT_DATA_TCP && (e->head.flags & EVENT_UNSETTLED))
			judge(s, e, f);
	}
	s->tentative = false;
}
