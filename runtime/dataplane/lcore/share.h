/* Which instance of the dataplane a packet is for: the same for all packets of a
 * flow, in both directions, by whatever port they come. */
#pragma once

#include "../flow/key.h"
#include "../packet/packet.h"
#include "../port/laps.h"
#include "../port/rss.h"
#include "program.h"

/* Where datagrams are put together, a fragment has to reach the instance of its flow,
 * and most fragments have no ports: then addresses alone decide. */
struct share {
	uint64_t add, ports, address[FLOW_KEY_WORDS_IP6 - 2]; /* secret; `ports` may be 0 */
	uint16_t instances;
	uint8_t decap; /* of all stacks */
	/* Devices share out, so we do as they do: with a weaker hash. NULL: by the above. */
	const struct rss *rss;
};

void share_init(struct share *s, const struct program *program);

/* Whether ports decide, too: no stack puts datagrams together. */
static inline bool share_by_ports(const struct share *s)
{
	return s->ports != 0;
}

/* The packets of one instance. */
struct share_part {
	struct laps_part part; /* first */
	const struct share *share;
	uint16_t instance;
};

struct share_part share_part(const struct share *s, uint16_t instance);

/* From 0. `p` is as packet_parse() left it, and is the innermost packet afterwards. */
uint16_t share_instance(const struct share *s, struct packet *p);
