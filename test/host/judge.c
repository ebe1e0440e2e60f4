#include "judge.h"

#include "../dataplane/support/monitor_rig.h"

RIG_INSTANCE(plain, RIG_FEATURES_FULL, .checksum = CHECKSUM_VERIFY)
RIG_INSTANCE(inlined, RIG_FEATURES_FULL, .checksum = CHECKSUM_VERIFY, .urgent_inline = true)

#define BURST_LONG 64

/* What the monitor says of one connection. */
struct seen {
	const uint8_t *bytes;
	size_t len;
	const uint8_t *host_bytes;
	size_t host_len;
	uint64_t gaps;
	uint8_t end; /* enum connection_end */
	bool established, midstream;
	uint32_t flow;
};

/* State of each flow's sender of crafted segments, as the monitor goes on. */
struct watched {
	bool fin, reset;
};

static bool peer_is_client(const struct rig_flow *f)
{
	uint32_t client = rte_be_to_cpu_32(f->key.word[2 + f->client_second]);

	return client == WIRE_PEER;
}

static void flows_watch(struct rig *r, struct watched *watched)
{
	for (size_t i = 0; i < r->flow_count && i < PLAY_CONNECTIONS_MAX * 4; i++) {
		const struct rig_flow *f = &r->flows[i];
		const struct flow *flow = flow_table_at(r->stack.table, f->handle.index);
		const struct tcp_track *t;

		if (!(flow->flags & FLOW_LIVE) || flow->generation != f->handle.generation)
			continue;
		t = (const void *)((const uint8_t *)flow + offsetof(struct rig_record, tcp));
		watched[i].fin = watched[i].fin || tcp_track_closed(t, peer_is_client(f) ? 0 : 1);
		watched[i].reset = watched[i].reset || flow->state == TCP_FLOW_RESET;
	}
}

static void monitor_run(struct rig *r, const struct play *p, uint16_t burst,
			struct watched *watched)
{
	struct rte_mbuf *mbufs[BURST_LONG];
	uint16_t count = 0;
	uint64_t first = 0;

	for (size_t i = 0; i < p->passed_count; i++) {
		const struct passed *f = &p->passed[i];

		if (count > 0 && (count == burst || f->time / TIMER_TICK_NS != first)) {
			rig_run(r, mbufs, count, LINK_ETHERNET);
			flows_watch(r, watched);
			count = 0;
		}
		if (count == 0)
			first = f->time / TIMER_TICK_NS;
		mbufs[count++] = rig_mbuf(r->pool, p->frames + f->at, f->len, f->time);
	}
	if (count > 0)
		rig_run(r, mbufs, count, LINK_ETHERNET);
	flows_watch(r, watched);
}

/* Connections of which the host's application could know, in order. */
static size_t connections_seen(const struct rig *r, const struct watched *watched,
			       struct seen *seen, size_t max)
{
	size_t count = 0;

	for (uint32_t i = 0; i < r->flow_count && count < max; i++) {
		const struct rig_flow *f = &r->flows[i];
		int dir = peer_is_client(f) ? 0 : 1;
		struct seen *s = &seen[count];

		*s = (struct seen){.bytes = f->stream[dir],
				   .len = f->len[dir],
				   .host_bytes = f->stream[dir ^ 1],
				   .host_len = f->len[dir ^ 1],
				   .gaps = f->gap[0] + f->gap[1],
				   .flow = i};
		for (size_t e = 0; e < r->event_count; e++) {
			if (r->events[e].flow != i)
				continue;
			s->established |= r->events[e].type == EVENT_FLOW_ESTABLISHED;
			s->midstream |= r->events[e].type == EVENT_FLOW_START &&
					(r->events[e].flags & EVENT_MIDSTREAM);
		}
		s->end = watched[i].fin ? END_EOF : watched[i].reset ? END_RESET : END_OPEN;
		if (s->established || (s->len > 0 && !s->midstream))
			count++;
	}
	return count;
}

static bool conflict_covers(const struct rig *r, uint32_t flow, size_t at)
{
	for (size_t e = 0; e < r->event_count; e++) {
		const struct rig_event *o = &r->events[e];

		if (o->type == EVENT_FLOW_OVERLAP && o->flow == flow && o->offset <= at &&
		    at < o->offset + o->length)
			return true;
	}
	return false;
}

static const char *const end_names[] = {"open", "eof", "reset"};

static void say(char *why, const char *what, size_t number, const uint8_t *host, size_t host_len,
		uint8_t host_end, const struct seen *s)
{
	snprintf(why, JUDGE_TEXT_MAX,
		 "%s of connection %zu: host %zu '%.*s' [%s], monitor %zu '%.*s' [%s]", what,
		 number, host_len, (int)RTE_MIN(host_len, (size_t)200), (const char *)host,
		 end_names[host_end], s->len, (int)RTE_MIN(s->len, (size_t)200),
		 (const char *)s->bytes, end_names[s->end]);
}

static bool pattern_holds(const struct connection *c, const struct seen *s)
{
	if (s->host_len > c->written)
		return false;
	for (size_t i = 0; i < s->host_len; i++)
		if (s->host_bytes[i] != 'a' + i % 26)
			return false;
	return true;
}

/* Whether `a` becomes `b` by leaving out, or putting back, bytes that were urgent:
 * which of them the application finds in its stream depends on when it reads. */
static bool equal_but_urgent(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
			     unsigned int skips)
{
	while (a_len > 0 && b_len > 0 && *a == *b) {
		a++, a_len--;
		b++, b_len--;
	}
	if (a_len == 0 && b_len == 0)
		return true;
	if (skips == 0)
		return false;
	return (a_len > 0 && equal_but_urgent(a + 1, a_len - 1, b, b_len, skips - 1)) ||
	       (b_len > 0 && equal_but_urgent(a, a_len, b + 1, b_len - 1, skips - 1));
}

static unsigned int urgent_segments(const struct play *p)
{
	const struct scenario *s = p->scenario;
	unsigned int count = 0;

	for (uint8_t i = 0; i < s->step_count && !s->oob_inline; i++)
		count += s->step[i].kind == STEP_SEGMENT && (s->step[i].segment.flags & 32) != 0;
	return count;
}

static enum judgement connection_judge(const struct rig *r, const struct play *p,
				       const struct connection *c, const struct seen *s,
				       size_t number, char *why)
{
	enum judgement judgement = JUDGE_SAME;
	unsigned int urgent = urgent_segments(p);
	size_t len = s->len;

	if (s->end == c->end && urgent > 0 && len != c->len &&
	    equal_but_urgent(c->bytes, c->len, s->bytes, s->len, urgent))
		return JUDGE_URGENT;
	/* Behind its close() nobody reads, and only the reset shows it, later. */
	if (c->given_up)
		len = RTE_MIN(len, c->len);
	if (len != c->len || (!c->given_up && s->end != c->end)) {
		say(why, len != c->len ? "length" : "end", number, c->bytes, c->len, c->end, s);
		return JUDGE_WRONG;
	}
	for (size_t i = 0; i < len; i++) {
		if (c->bytes[i] == s->bytes[i])
			continue;
		judgement = JUDGE_COPY;
		if (conflict_covers(r, s->flow, i))
			continue;
		say(why, "bytes", number, c->bytes, c->len, c->end, s);
		return JUDGE_WRONG;
	}
	if (pattern_holds(c, s))
		return judgement;
	say(why, "the host's own bytes", number, c->bytes, c->len, c->end, s);
	return JUDGE_WRONG;
}

static enum judgement connections_judge(const struct rig *r, const struct play *p,
					const struct watched *watched, char *why)
{
	struct seen seen[PLAY_CONNECTIONS_MAX * 4];
	size_t count = connections_seen(r, watched, seen, RTE_DIM(seen)), at = 0;
	enum judgement worst = JUDGE_SAME;

	for (unsigned int i = 0; i < p->connection_count; i++) {
		const struct connection *c = &p->connection[i];
		enum judgement judgement;

		if (!c->established && !(c->perhaps && at < count))
			continue;
		/* Its cookie gave the application a connection before anything else passed. */
		if (p->scenario->fastopen && c->len == 0 && c->end == END_RESET && at == count)
			continue;
		if (at == count) {
			snprintf(why, JUDGE_TEXT_MAX, "the host has a connection %zu [%s] '%.*s'",
				 at, end_names[c->end], (int)RTE_MIN(c->len, (size_t)200),
				 (const char *)c->bytes);
			return JUDGE_WRONG;
		}
		judgement = connection_judge(r, p, c, &seen[at], at, why);
		worst = RTE_MAX(worst, judgement);
		if (judgement == JUDGE_WRONG)
			return worst;
		at++;
	}
	if (at == count)
		return worst;
	say(why, "the host has no such connection; bytes", at, NULL, 0, END_OPEN, &seen[at]);
	return JUDGE_WRONG;
}

static bool runs_equal(const struct rig *a, const struct rig *b)
{
	if (a->event_count != b->event_count || a->byte_count != b->byte_count)
		return false;
	for (size_t i = 0; i < a->event_count; i++)
		if (a->events[i].type != b->events[i].type ||
		    a->events[i].offset != b->events[i].offset ||
		    a->events[i].length != b->events[i].length)
			return false;
	return a->byte_count == 0 || memcmp(a->bytes, b->bytes, a->byte_count) == 0;
}

static struct rig *judge_open(struct rte_mempool *pool, const struct play *p)
{
	return p->scenario->oob_inline ? inlined_open(pool, 64, 1 << 20)
				       : plain_open(pool, 64, 1 << 20);
}

enum judgement judge_play(struct rte_mempool *pool, const struct play *p, char why[JUDGE_TEXT_MAX])
{
	struct rig *single = judge_open(pool, p), *burst = judge_open(pool, p);
	struct watched watched[PLAY_CONNECTIONS_MAX * 4] = {0};
	struct watched unused[PLAY_CONNECTIONS_MAX * 4] = {0};
	uint64_t end = p->passed_count == 0 ? 0 : p->passed[p->passed_count - 1].time;
	enum judgement judgement;

	monitor_run(single, p, 1, watched);
	rig_end(single, end);
	monitor_run(burst, p, BURST_LONG, unused);
	rig_end(burst, end);
	judgement = connections_judge(single, p, watched, why);
	if (judgement != JUDGE_WRONG && !runs_equal(single, burst)) {
		snprintf(why, JUDGE_TEXT_MAX, "bursts of 1 and of %d give other events",
			 BURST_LONG);
		judgement = JUDGE_VARIES;
	}
	rig_close(single);
	rig_close(burst);
	return judgement;
}

void judge_print(const struct play *p)
{
	for (size_t i = 0; i < p->passed_count; i++) {
		const struct passed *f = &p->passed[i];
		const uint8_t *ip = p->frames + f->at + 14, *tcp = ip + (ip[0] & 15) * 4;
		uint32_t seq, ack, header = (tcp[12] >> 4) * 4u, end;
		uint32_t host = p->peer.host_isn + 1, peer = p->peer.isn + 1;
		static const char letters[] = "FSRPAUEC";

		memcpy(&seq, tcp + 4, 4);
		memcpy(&ack, tcp + 8, 4);
		end = (uint32_t)(ip[2] << 8 | ip[3]);
		printf("    %6.1f ms %s ", (double)(f->time - p->passed[0].time) / 1e6,
		       f->from_host ? "<" : ">");
		for (int bit = 7; bit >= 0; bit--)
			if (tcp[13] & 1 << bit)
				putchar(letters[bit]);
		printf("@%d+%d ack %d win %d\n",
		       (int32_t)(rte_be_to_cpu_32(seq) - (f->from_host ? host : peer)),
		       (int)(end - (uint32_t)(tcp - ip) - header),
		       tcp[13] & 16
			   ? (int32_t)(rte_be_to_cpu_32(ack) - (f->from_host ? peer : host))
			   : 0,
		       tcp[14] << 8 | tcp[15]);
	}
}
