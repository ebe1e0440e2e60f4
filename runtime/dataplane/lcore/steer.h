/* What a device sends to another instance than that of its flow: errors of ICMP, which
 * concern the flow that they quote, packets in tunnels, fragments where it hashes ports,
 * and all that it does not hash. Whose a packet is can be computed (port/rss.h), so each
 * instance looks at all that it receives, and hands on what is another's. */
#pragma once

#include "../event/burst.h"
#include "runner.h"
#include "share.h"

struct steer {
	const struct share *share;
	struct queue **handed; /* of all instances: distributor.h */
	uint16_t self, count;
	bool ended; /* it takes no more of its devices, and hands nothing on */
};

/* A queue for each two of `count` instances. NULL: no memory. */
struct queue **steer_create(struct runner *const *instances, uint16_t count);
void steer_destroy(struct queue **handed, uint16_t count);
/* Mbufs in them, at most. */
uint32_t steer_mbufs(uint16_t instances);

/* From another instance to this one; NULL: from itself. */
static inline struct queue *steer_from(const struct steer *s, uint16_t instance)
{
	return s->handed[instance * s->count + s->self];
}

/* Of `count` packets in `b`, received by `port` and parsed, those that are this
 * instance's are left, in order; returns how many. The others are handed on. */
uint16_t steer_keep(struct runner *r, uint8_t port, struct burst *b, uint16_t count);

void steer_end(struct steer *s);
/* Nobody hands this one anything any more, and all is taken. */
bool steer_has_ended(const struct steer *s);
/* Something has come since it was looked at. */
bool steer_has_more(const struct steer *s);
