/* What separates equal tuples: the identifiers around a packet, from the outermost
 * VLAN inwards, as one number. */
#pragma once

#include "../flow/key.h"

/* Numberings that are apart. A tunnel without a number is one too: what is inside
 * of it is not what is outside. */
enum zone_kind {
	ZONE_VLAN = 0,
	ZONE_PPPOE,
	ZONE_GRE,
	ZONE_GRE_KEYLESS,
	ZONE_VXLAN,
	ZONE_GENEVE,
	ZONE_ERSPAN,
	ZONE_IPIP,
	ZONE_AUTHENTICATION,
};

#define ZONE_PRIME ((1ull << 61) - 1)

/* Drawn when the program starts, below ZONE_PRIME; nothing but which stacks of
 * identifiers would collide depends on it. */
extern uint64_t packet_zone_secret;

/* One more identifier, of which VLAN 0 is none. The zone is a polynomial over the
 * identifiers, taken at a secret point: one identifier alone is exact, and two lists
 * of at most n, made by who does not know the secret, are the same with a chance of
 * n in 2^61. Only what is the same in both directions of a flow may be given. */
static inline void zone_add(struct flow_zone *zone, enum zone_kind kind, uint32_t id)
{
	unsigned __int128 product = (unsigned __int128)zone->id * packet_zone_secret;
	uint64_t sum = (uint64_t)(product & ZONE_PRIME) + (uint64_t)(product >> 61) +
		       ((uint64_t)kind << 32 | id);

	sum = (sum & ZONE_PRIME) + (sum >> 61);
	zone->id = sum >= ZONE_PRIME ? sum - ZONE_PRIME : sum;
}

/* Whoever has not the key for it could say anything behind an authentication header:
 * the host ignores it, so it is not of a flow without. The association (SPI) differs by
 * direction. */
static inline void zone_add_authentication(struct flow_zone *zone)
{
	zone_add(zone, ZONE_AUTHENTICATION, 0);
}

/* A tag with id 0 has a priority only, and is of no VLAN (802.1Q, 9.6). */
static inline void zone_add_tag(struct flow_zone *zone, uint16_t id)
{
	if (id == 0)
		return;
	zone_add(zone, ZONE_VLAN, id);
	if (zone->vlan == 0)
		zone->vlan = id;
}
