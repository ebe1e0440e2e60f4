/* Runs a script of segments (stream_script.h) through a whole monitor and holds
 * what it raises against the model: same bytes, same gaps, same conflicts, the
 * right copies dropped, no page left over. With a small buffer the model cannot
 * know which hole is given up: then each byte is one that was sent there, comes
 * once, and memory stays within its bounds. */
#pragma once

#include "stream_script.h"

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

__attribute__((format(printf, 2, 3))) static inline void play_wrong(struct play *p,
								    const char *format, ...)
{
	va_list arguments;

	if (p->wrong[0] != '\0')
		return;
	va_start(arguments, format);
	vsnprintf(p->wrong, sizeof(p->wrong), format, arguments);
	va_end(arguments);
}

/* ---- what was raised, against the model ---- */

static inline void play_check_data(struct play *p, const struct rig_event *e)
{
	const uint8_t *bytes = p->rig->bytes + e->bytes;
	const struct model_side *s = &p->model.side[e->dir];

	if (((e->flags & EVENT_AFTER_GAP) != 0) != p->gap[e->dir])
		play_wrong(p, "data at %lu: after a gap or not?", e->offset);
	p->gap[e->dir] = false;
	for (uint64_t i = 0; i < e->length && p->small; i++) {
		unsigned int variant = bytes[i] & (PLAY_VARIANTS - 1);
		uint32_t at = (uint32_t)(e->offset + i);

		if (bytes[i] != play_value(e->dir, at, variant) ||
		    !(p->sent[e->dir][at] & 1 << variant))
			play_wrong(p, "byte %u was never sent so", at);
	}
	if (!p->small && memcmp(bytes, s->out + e->offset, e->length) != 0)
		play_wrong(p, "dir %u packet %u: other bytes at %lu+%lu", e->dir, e->packet,
			   e->offset, e->length);
}

/* One event in order of the stream: contiguous, and what the model has next. */
static inline void play_check_stream(struct play *p, const struct rig_event *e, uint32_t packet)
{
	const struct model_side *s = &p->model.side[e->dir];
	const struct model_event *m = &s->event[p->heard[e->dir]];
	uint32_t part = p->heard_part[e->dir];
	bool gap = e->type == EVENT_FLOW_GAP;

	if (e->offset != p->offset[e->dir] || e->length == 0 ||
	    e->offset + e->length > MODEL_BYTES) {
		play_wrong(p, "dir %u packet %u: %lu+%lu follows %lu", e->dir, packet, e->offset,
			   e->length, p->offset[e->dir]);
		return;
	}
	p->offset[e->dir] += e->length;
	if (!p->small) {
		if (p->heard[e->dir] == s->events || (m->type == MODEL_GAP) != gap ||
		    m->packet != packet || m->offset + part != e->offset ||
		    part + e->length > m->length || (gap && m->length != e->length)) {
			play_wrong(p, "dir %u packet %u: %s %lu+%lu is not expected", e->dir,
				   packet, gap ? "gap" : "data", e->offset, e->length);
			return;
		}
		p->heard_part[e->dir] += (uint32_t)e->length;
		if (p->heard_part[e->dir] == m->length) {
			p->heard[e->dir]++;
			p->heard_part[e->dir] = 0;
		}
	}
	if (gap)
		p->gap[e->dir] = true;
	else
		play_check_data(p, e);
}

/* Positions of which a copy has to be kept: in `history`, or not acknowledged
 * where drops are possible. */
static inline uint32_t play_kept_from(const struct play *p, const struct model_copy *c)
{
	uint32_t history = p->features.history;
	uint32_t from = c->have > history ? c->have - history : 0;

	if (history == 0)
		return c->have;
	return p->features.drops && c->acked < from ? c->acked : from;
}

/* Bytes left of what was handed on, against the copies that are kept. */
static inline void play_check_copy(struct play *p, uint32_t packet,
				   const struct rig_event *conflict,
				   const struct rig_event *unknown)
{
	const struct model_segment *seg = &p->seg[packet];
	const struct model_side *s = &p->model.side[seg->dir];
	const struct model_copy *c = &p->copy[packet];
	uint32_t kept = play_kept_from(p, c);
	uint64_t cf = conflict == NULL ? 0 : conflict->offset + c->removed;
	uint64_t ct = conflict == NULL ? 0 : cf + conflict->length;
	uint64_t uf = unknown == NULL ? 0 : unknown->offset + c->removed;
	uint64_t ut = unknown == NULL ? 0 : uf + unknown->length;

	if (ct > c->to || ut > c->to || (ct > 0 && cf < c->from) || (ut > 0 && uf < c->from))
		play_wrong(p, "packet %u: an overlap outside its segment", packet);
	for (uint32_t at = c->from; at < c->to; at++) {
		/* The peer has it, and it never passed here: a gap, now or behind an urgent byte.
		 */
		bool missed = s->fate[at] == MODEL_MISSED || s->fate[at] == MODEL_ABSENT;
		bool differs = !missed && s->value[at] != seg->data[at - seg->at];
		bool known = !missed && at >= kept;

		if (known && differs && (at < cf || at >= ct))
			play_wrong(p, "packet %u: no conflict at %u", packet, at);
		if (!known && (missed || differs) && (at < uf || at >= ut) && (at < cf || at >= ct))
			play_wrong(p, "packet %u: nothing said of %u", packet, at);
		if (known && ut > 0 && (at == uf || at == ut - 1))
			play_wrong(p, "packet %u: %u is said to be unknown", packet, at);
		if (!differs && ct > 0 && (at == cf || at == ct - 1))
			play_wrong(p, "packet %u: no difference at %u", packet, at);
	}
}

/* The overlaps of one packet: of its copy first, then of what is queued. */
static inline void play_check_overlaps(struct play *p, uint32_t packet,
				       const struct rig_event *const *events, unsigned int count)
{
	const struct model_copy *c = &p->copy[packet];
	const struct rig_event *conflict = NULL, *unknown = NULL, *queued = NULL, *denied = NULL;

	for (unsigned int i = 0; i < count; i++) {
		const struct rig_event *e = events[i];

		if (p->small && (e->offset < p->seg[packet].at ||
				 e->offset + e->length > p->seg[packet].at + p->seg[packet].len))
			play_wrong(p, "packet %u: an overlap outside its segment", packet);
	}
	if (p->small)
		return;
	for (unsigned int i = 0; i < count; i++) {
		if (events[i]->reason == 1)
			unknown = events[i];
		else if (c->compared && events[i]->offset + c->removed < c->have)
			conflict = events[i];
		else if (c->denies != MODEL_NOWHERE && denied == NULL)
			denied = events[i];
		else
			queued = events[i];
	}
	if (c->compared)
		play_check_copy(p, packet, conflict, unknown);
	else if (conflict != NULL || unknown != NULL)
		play_wrong(p, "packet %u: nothing to compare it with", packet);
	if (c->denies != MODEL_NOWHERE &&
	    (denied == NULL || denied->length != c->denies_to - c->denies ||
	     denied->offset + c->removed != c->denies))
		play_wrong(p, "packet %u: other bytes than those in doubt from %u on", packet,
			   c->denies);
	if ((queued != NULL) != (c->differs != MODEL_NOWHERE))
		play_wrong(p, "packet %u: conflict in the queue %s", packet,
			   queued == NULL ? "not seen" : "not there");
	else if (queued != NULL && queued->length != c->differs_to - c->differs)
		play_wrong(p, "packet %u: conflict in the queue of another extent", packet);
}

/* Copies that may put other bytes in the place of what was handed on. */
static inline void play_check_verdict(struct play *p, uint32_t packet,
				      const struct rig_event *const *events, unsigned int count)
{
	const struct model_copy *c = &p->copy[packet];
	bool dropped = p->rig->verdicts[packet + 3] == VERDICT_DROP_REWRITTEN;
	bool due = false;

	if (p->small)
		return;
	for (unsigned int i = 0; i < count; i++) {
		uint64_t from = events[i]->offset + c->removed;

		if (events[i]->reason == 1)
			due = due || from + events[i]->length > c->acked;
		else
			due = due || (c->compared && from < c->have);
	}
	if (dropped != (due && p->features.drops))
		play_wrong(p, "packet %u: %s", packet, dropped ? "dropped" : "not dropped");
}

/* Events that were raised since the last call; packets from `first` on. */
static inline void play_check_events(struct play *p, uint32_t first)
{
	const struct rig_event *overlap[4];
	unsigned int overlaps = 0;
	uint32_t packet = first;

	for (; p->wrong[0] == '\0'; p->read++) {
		const struct rig_event *e =
		    p->read < p->rig->event_count ? &p->rig->events[p->read] : NULL;

		while (packet < p->segments && (e == NULL || first + e->packet != packet)) {
			play_check_overlaps(p, packet, overlap, overlaps);
			play_check_verdict(p, packet, overlap, overlaps);
			overlaps = 0;
			packet++;
		}
		if (e == NULL)
			break;
		if (e->type == EVENT_FLOW_OVERLAP && overlaps < RTE_DIM(overlap))
			overlap[overlaps++] = e;
		else if (e->type == EVENT_DATA_TCP || e->type == EVENT_FLOW_GAP)
			play_check_stream(p, e, e->has_packet ? first + e->packet : p->segments);
	}
}

/* Nothing that the model raised is missing. */
static inline void play_check_silence(struct play *p)
{
	for (int dir = 0; dir < 2 && !p->small; dir++)
		if (p->heard[dir] != p->model.side[dir].events)
			play_wrong(p, "dir %d: packet %u should have raised more", dir,
				   p->model.side[dir].event[p->heard[dir]].packet);
}

/* Pages that the bytes of a direction lie in that have to be kept. */
static inline uint32_t play_pages_due(const struct play *p, int dir)
{
	const struct model_side *s = &p->model.side[dir];
	uint32_t history = p->features.history;
	uint32_t from = s->pos > history ? s->pos - history : 0;
	uint32_t end = model_queue_end(s) > s->pos ? model_queue_end(s) : s->pos;

	if (!p->features.overlap || history == 0)
		from = s->pos;
	return from == end ? 0 : (end - 1) / PAGE_BYTES - from / PAGE_BYTES + 1;
}

/* The same for bytes in doubt, at most. */
static inline uint32_t play_pages_doubted(const struct model_side *s)
{
	return model_doubts(s) ? (model_doubt_end(s) - 1) / PAGE_BYTES - s->pos / PAGE_BYTES + 1
			       : 0;
}

/* All pages are accounted for, and none is kept without need. Where drops are
 * possible, one stays until a segment after its acknowledgement. */
static inline void play_check_pages(struct play *p)
{
	const struct reassembly *r = &p->rig->stack.reassembly;
	uint32_t taken = p->rig->chunks.capacity - p->rig->chunks.available;
	uint32_t due = 0;

	for (int dir = 0; dir < 2 && !p->model.ended; dir++)
		due += play_pages_due(p, dir) + play_pages_doubted(&p->model.side[dir]);

	if (taken != r->pages)
		play_wrong(p, "%u pages are taken and %u accounted for", taken, r->pages);
	if (!p->features.drops && !p->small && taken > due)
		play_wrong(p, "%u pages are taken, %u would do", taken, due);
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
		if (seg->refused)
			fprintf(stderr, ", refused");
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

/* ---- running ---- */

static inline struct rte_mbuf *play_frame(struct play *p, const struct model_segment *seg)
{
	const struct tcp_spec spec = {
	    .dir = seg->dir,
	    .seq = p->isn[seg->dir] + 1 + seg->at,
	    .ack = p->isn[seg->dir ^ 1] + 1 + seg->ack,
	    .flags = (uint8_t)(TCP_ACK | (seg->fin ? TCP_FIN : 0) | (seg->rst ? TCP_RST : 0) |
			       (seg->urg ? TCP_URG : 0)),
	    .window = 65535,
	    .urgent = seg->urgent,
	    .data = seg->data,
	    .len = seg->len,
	};

	tcp_clock += 1000;
	return tcp_frame(p->rig, &spec, tcp_clock);
}

/* A window of a gigabyte: all numbers that a script names are inside. */
static inline void play_open(struct play *p)
{
	static const uint8_t scale[] = {1, 3, 3, 14};

	tcp_send(p->rig, &(struct tcp_spec){.dir = 0,
					    .seq = p->isn[0],
					    .flags = TCP_SYN,
					    .window = 65535,
					    .options = scale,
					    .options_len = 4});
	tcp_send(p->rig, &(struct tcp_spec){.dir = 1,
					    .seq = p->isn[1],
					    .ack = p->isn[0] + 1,
					    .flags = TCP_SYN | TCP_ACK,
					    .window = 65535,
					    .options = scale,
					    .options_len = 4});
	tcp_send(p->rig, &(struct tcp_spec){.dir = 0,
					    .seq = p->isn[0] + 1,
					    .ack = p->isn[1] + 1,
					    .flags = TCP_ACK,
					    .window = 65535});
}

static inline void play_script(struct play *p)
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

/* A monitor with the script's options. It is made once for either buffer: that
 * costs more than a script, and after one all memory is back. */
static inline void play_rig(struct play *p, struct rte_mempool *pool)
{
	struct rig **at = &p->rigs[p->small];
	struct rig *r = *at;

	if (r == NULL) {
		*at = p->rig = rig_open(pool, &play_features, play_run, play_tick, play_shutdown,
					16, p->small ? PLAY_BUFFER_SMALL : PLAY_BUFFER_LARGE);
		return;
	}
	p->rig = r;
	for (size_t i = 0; i < r->flow_count; i++) {
		free(r->flows[i].stream[0]);
		free(r->flows[i].stream[1]);
	}
	r->flow_count = r->event_count = r->byte_count = r->verdict_count = 0;
	r->counters = (struct counters){0};
	stack_init(&r->stack, &play_features, r->stack.table, &r->chunks, &r->counters, tcp_clock);
	r->stack.chain = r;
}

static inline void play_close(struct play *p)
{
	for (int i = 0; i < 2; i++)
		if (p->rigs[i] != NULL)
			rig_close(p->rigs[i]);
	free(p);
}

/* Plays an input; p->wrong says what broke. */
static inline void play(struct play *p, struct rte_mempool *pool, const uint8_t *input, size_t len)
{
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
	play_rig(p, pool);
	play_open(p);
	p->read = p->rig->event_count;
	play_script(p);
	if (!p->model.ended)
		model_end(&p->model, p->segments);
	rig_end(p->rig, tcp_clock);
	play_check_events(p, p->segments);
	play_check_silence(p);
	play_check_pages(p);
	if (p->rig->chunks.available != p->rig->chunks.capacity)
		play_wrong(p, "%u pages are left over",
			   p->rig->chunks.capacity - p->rig->chunks.available);
	if (p->wrong[0] != '\0')
		play_print(p);
	for (uint32_t i = 0; i < p->segments; i++)
		free(p->data[i]);
}
