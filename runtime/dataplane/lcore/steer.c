#include "steer.h"

#include <rte_branch_prediction.h>
#include <stdlib.h>

/* Places for what one instance is handed by all others. */
#define STEER_SLOTS 2048u
#define STEER_SLOTS_LEAST 32u

static uint32_t slots_of(uint16_t instances)
{
	uint32_t slots = STEER_SLOTS;

	while (slots > STEER_SLOTS_LEAST && slots * (instances - 1u) > STEER_SLOTS)
		slots /= 2;
	return slots;
}

uint32_t steer_mbufs(uint16_t instances)
{
	return instances * (instances - 1u) * slots_of(instances);
}

void steer_destroy(struct queue **handed, uint16_t count)
{
	for (unsigned int i = 0; handed != NULL && i < count * count; i++)
		queue_destroy(handed[i]);
	free(handed);
}

struct queue **steer_create(struct runner *const *instances, uint16_t count)
{
	struct queue **handed = calloc((size_t)count * count, sizeof(struct queue *));
	bool all = handed != NULL;

	for (unsigned int i = 0; all && i < (unsigned int)count * count; i++) {
		unsigned int from = i / count, to = i % count;

		if (from == to)
			continue;
		handed[i] = queue_create(slots_of(count), &instances[from]->sleeper,
					 &instances[to]->sleeper);
		all = handed[i] != NULL;
	}
	if (all)
		return handed;
	steer_destroy(handed, count);
	return NULL;
}

static struct queue *steer_to(const struct steer *s, uint16_t instance)
{
	return s->handed[s->self * s->count + instance];
}

/* The stack looks into tunnels itself, and verifies what it passes. */
static uint16_t owner_of(const struct steer *s, struct packet *p)
{
	struct packet inner;

	if (likely(!packet_carries(p, s->share->decap)))
		return share_instance(s->share, p);
	inner = *p;
	return share_instance(s->share, &inner);
}

static void hand_on(struct runner *r, uint8_t port, uint16_t owner, struct rte_mbuf *m)
{
	struct queue *q = steer_to(r->steer, owner);
	const struct queue_frame f = {.mbuf = m, .port = port, .link = LINK_ETHERNET};

	if (unlikely(queue_room(q) == 0)) {
		port_lose(&r->port[port], m);
		return;
	}
	r->counters.packets_handed_on++;
	queue_put(q, &f);
}

uint16_t steer_keep(struct runner *r, uint8_t port, struct burst *b, uint16_t count)
{
	struct steer *s = r->steer;
	uint16_t kept = 0;

	for (uint16_t i = 0; i < count; i++) {
		uint16_t owner = owner_of(s, &b->packet[i]);

		if (unlikely(owner != s->self)) {
			hand_on(r, port, owner, b->mbuf[i]);
			continue;
		}
		if (unlikely(kept < i)) {
			b->mbuf[kept] = b->mbuf[i];
			b->packet[kept] = b->packet[i];
		}
		kept++;
	}
	for (uint16_t k = 0; kept < count && k < s->count; k++)
		if (k != s->self)
			queue_publish(steer_to(s, k));
	return kept;
}

void steer_end(struct steer *s)
{
	s->ended = true;
	for (uint16_t k = 0; k < s->count; k++)
		if (k != s->self)
			queue_end(steer_to(s, k));
}

bool steer_has_ended(const struct steer *s)
{
	for (uint16_t k = 0; k < s->count; k++)
		if (k != s->self &&
		    !(queue_ended(steer_from(s, k)) && queue_is_empty(steer_from(s, k))))
			return false;
	return true;
}

bool steer_has_more(const struct steer *s)
{
	for (uint16_t k = 0; k < s->count; k++)
		if (k != s->self && queue_has_more(steer_from(s, k)))
			return true;
	return false;
}
