/* Runs a script of segments (stream_script.h) through a whole monitor and holds
 * what it raises against the model: same bytes, same gaps, same conflicts, the
 * right copies dropped, no page left over. */
#pragma once

#include "outlined.h"

#include "event_equal.h"
#include "stream_check.h"

/* Features are a variable here: what the generated unit folds stays a branch, and
 * one instance plays every option. */
static struct stack_features play_features;

static inline void play_run(struct stack *s, struct burst *b)
{
	monitor_run_tmpl(s, b, play_features, &rig_hooks);
}

static inline void play_tick(struct stack *s, struct burst *b)
{
	monitor_tick_tmpl(s, b, play_features, &rig_hooks);
}

static inline void play_shutdown(struct stack *s, struct burst *b)
{
	monitor_shutdown_tmpl(s, b, play_features, &rig_hooks);
}

/* What was played, expected and raised, for who has to find out why. */
static inline void play_print(const struct play *p)
{
	fprintf(stderr, "%s\npolicy %d, history %u, %s%s%sbursts of %u\n", p->wrong,
		(int)p->features.overlap_policy, p->features.history,
		p->features.urgent_inline ? "urgent inline, " : "",
		p->features.drops ? "drops, " : "", p->small ? "small buffer, " : "", p->burst);
	for (uint32_t i = 0; i < p->segments; i++) {
		const struct model_segment *seg = &p->seg[i];

		fprintf(stderr, "packet %u: dir %d, %u..%u, ack %u%s%s", i, seg->dir, seg->at,
			seg->at + seg->len, seg->ack, seg->fin ? ", FIN" : "",
			seg->rst ? ", RST" : "");
		if (seg->urg)
			fprintf(stderr, ", URG %u", seg->urgent);
		if (p->window != 0)
			fprintf(stderr, ", window %u", seg->window);
		fprintf(stderr, "\n");
	}
	for (int dir = 0; dir < 2; dir++)
		for (uint32_t i = 0; i < p->model.side[dir].events; i++) {
			const struct model_event *e = &p->model.side[dir].event[i];

			fprintf(stderr, "model: dir %d packet %u %s %u+%u\n", dir, e->packet,
				e->type == MODEL_GAP ? "gap" : "data", e->offset, e->length);
		}
	for (size_t i = 0; i < p->rig->event_count; i++) {
		const struct rig_event *e = &p->rig->events[i];

		fprintf(stderr, "monitor: type %u dir %u packet %u reason %u, %lu+%lu\n", e->type,
			e->dir, e->packet, e->reason, e->offset, e->length);
	}
}

static inline struct rte_mbuf *play_frame(struct play *p, const struct model_segment *seg)
{
	const struct tcp_spec spec = {
	    .dir = seg->dir,
	    .seq = p->isn[seg->dir] + 1 + seg->at,
	    .ack = p->isn[seg->dir ^ 1] + 1 + seg->ack,
	    .flags = (uint8_t)(TCP_ACK | (seg->fin ? TCP_FIN : 0) | (seg->rst ? TCP_RST : 0) |
			       (seg->urg ? TCP_URG : 0)),
	    .window = (uint16_t)(p->window == 0 ? seg->window >> 14 : seg->window),
	    .urgent = seg->urgent,
	    .data = seg->data,
	    .len = seg->len,
	};

	tcp_clock += 1000;
	return tcp_frame(p->rig, &spec, tcp_clock);
}

/* A window of a gigabyte, so that all numbers that a script names are inside; or a narrow
 * one. */
static inline void play_open(struct play *p, struct rig *r)
{
	static const uint8_t scale[] = {1, 3, 3, 14};
	struct tcp_spec spec = {.seq = p->isn[0],
				.flags = TCP_SYN,
				.window = p->window == 0 ? 65535 : p->window,
				.options = scale,
				.options_len = p->window == 0 ? 4 : 0};

	tcp_send(r, &spec);
	spec.dir = 1;
	spec.seq = p->isn[1];
	spec.ack = p->isn[0] + 1;
	spec.flags = TCP_SYN | TCP_ACK;
	tcp_send(r, &spec);
	spec.dir = 0;
	spec.seq = p->isn[0] + 1;
	spec.ack = p->isn[1] + 1;
	spec.flags = TCP_ACK;
	spec.options_len = 0;
	tcp_send(r, &spec);
}

/* Plays segments in bursts, the model ahead of the monitor. */
static inline void play_bursts(struct play *p)
{
	bool more = true;

	while (more && p->wrong[0] == '\0') {
		struct rte_mbuf *frames[BURST_MAX];
		uint32_t first = p->segments;
		uint16_t count = 0;

		while (count < p->burst) {
			struct model_segment *seg = &p->seg[p->segments];

			more = play_read_segment(p, seg);
			if (!more)
				break;
			play_mark_sent(p, seg);
			flow_model_segment(&p->model, seg, &p->copy[seg->packet]);
			frames[count++] = play_frame(p, seg);
		}
		if (count == 0)
			break;
		rig_run(p->rig, frames, count, LINK_ETHERNET);
		play_check_events(p, first);
		play_check_pages(p);
	}
}

/* Where drops are possible, the model has to know which segments got past the monitor:
 * a verdict is held against what was raised, and the model follows it. */
static inline void play_one_by_one(struct play *p)
{
	struct model_segment *seg = &p->seg[0];

	while (p->wrong[0] == '\0' && play_read_segment(p, seg)) {
		struct rte_mbuf *frame = play_frame(p, seg);

		rig_run(p->rig, &frame, 1, LINK_ETHERNET);
		if (play_is_dropped(p, seg->packet)) {
			flow_model_dropped(&p->model, seg, &p->copy[seg->packet]);
		} else {
			play_mark_sent(p, seg);
			flow_model_segment(&p->model, seg, &p->copy[seg->packet]);
		}
		play_check_events(p, seg->packet);
		play_check_pages(p);
		seg++;
	}
}

/* A monitor with the script's options. It is made once for either buffer: that
 * costs more than a script, and after one all memory is back. */
static inline struct rig *play_rig(const struct play *p, struct rte_mempool *pool, struct rig **at)
{
	struct rig *r = *at;

	if (r == NULL) {
		*at = rig_open(pool, &play_features, play_run, play_tick, play_shutdown, 16,
			       p->small ? PLAY_BUFFER_SMALL : PLAY_BUFFER_LARGE);
		return *at;
	}
	for (size_t i = 0; i < r->flow_count; i++) {
		free(r->flows[i].stream[0]);
		free(r->flows[i].stream[1]);
	}
	r->flow_count = r->event_count = r->byte_count = r->verdict_count = 0;
	r->counters = (struct counters){0};
	stack_init(&r->stack, &play_features, r->stack.table, &r->chunks, &r->counters, tcp_clock);
	r->stack.chain = r;
	return r;
}

/* The same segments in the script's bursts raise the same. */
static inline void play_cut(struct play *p, struct rte_mempool *pool, uint64_t begin)
{
	uint64_t end = tcp_clock;
	const struct rig *a = p->rig, *b;

	tcp_clock = begin;
	b = p->cut = play_rig(p, pool, &p->cuts[p->small]);
	play_open(p, p->cut);
	for (uint32_t i = 0; i < p->segments;) {
		struct rte_mbuf *frames[BURST_MAX];
		uint16_t count = 0;

		while (count < p->burst && i < p->segments)
			frames[count++] = play_frame(p, &p->seg[i++]);
		rig_run(p->cut, frames, count, LINK_ETHERNET);
	}
	rig_end(p->cut, end);
	if (a->event_count != b->event_count || a->verdict_count != b->verdict_count) {
		play_wrong(p, "%zu events in bursts of one and %zu of %u", a->event_count,
			   b->event_count, p->burst);
		return;
	}
	for (size_t i = 0; i < a->event_count; i++)
		if (!rig_event_equal(a, &a->events[i], b, &b->events[i]))
			play_wrong(p, "event %zu differs in bursts of %u", i, p->burst);
	for (size_t i = 0; i < a->verdict_count; i++)
		if (a->verdicts[i] != b->verdicts[i])
			play_wrong(p, "verdict %zu differs in bursts of %u", i, p->burst);
}

static inline void play_close(struct play *p)
{
	for (int i = 0; i < 2; i++) {
		if (p->rigs[i] != NULL)
			rig_close(p->rigs[i]);
		if (p->cuts[i] != NULL)
			rig_close(p->cuts[i]);
	}
	free(p);
}

/* Plays an input; p->wrong says what broke. */
static inline void play(struct play *p, struct rte_mempool *pool, const uint8_t *input, size_t len)
{
	uint64_t begin;

	memset(p->sent, 0, sizeof(p->sent));
	p->in = (struct play_input){input, input + len};
	p->segments = 0;
	p->read = 0;
	p->wrong[0] = '\0';
	for (int dir = 0; dir < 2; dir++) {
		p->heard[dir] = p->heard_part[dir] = 0;
		p->offset[dir] = 0;
		p->gap[dir] = false;
	}
	play_read_options(p);
	play_features = p->features;
	p->rig = play_rig(p, pool, &p->rigs[p->small]);
	begin = tcp_clock;
	play_open(p, p->rig);
	p->read = p->rig->event_count;
	if (p->features.drops)
		play_one_by_one(p);
	else
		play_bursts(p);
	if (!p->model.ended)
		model_end(&p->model, p->segments);
	rig_end(p->rig, tcp_clock);
	play_check_events(p, p->segments);
	play_check_silence(p);
	play_check_pages(p);
	if (p->rig->chunks.available != p->rig->chunks.capacity)
		play_wrong(p, "%u pages are left over",
			   p->rig->chunks.capacity - p->rig->chunks.available);
	if (p->features.drops && p->burst > 1 && p->wrong[0] == '\0')
		play_cut(p, pool, begin);
	if (p->wrong[0] != '\0')
		play_print(p);
	for (uint32_t i = 0; i < p->segments; i++)
		free(p->data[i]);
}
