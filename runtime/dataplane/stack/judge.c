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

static void judge(struct stack *s, const struct event_data *e, const struct stack_features *f)
{
	struct flow *flow = flow_table_at(s->table, e->head.flow.index);
	enum mbx_direction dir = (enum mbx_direction)e->head.dir;
	struct stream *st = stream_of(s, &e->head, f);
	uint32_t id = monitor_stream_id(flow, dir);
	int64_t at;

	if (st == NULL)
		return;
	at = stream_position(st, e->seq);
	if (at < 0)
		return;
	if (e->head.flags & EVENT_WAS_HEARD) {
		if (monitor_remembers(*f) && (e->owner & 1) == 0)
			stream_remember(&s->reassembly, st, id, (uint64_t)at, e->data, e->len);
	} else {
		stream_clear(&s->reassembly, st, id);
		st->unheard = RTE_MAX(st->unheard, (uint64_t)at + e->len);
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
	s->postponed = 0;
}
