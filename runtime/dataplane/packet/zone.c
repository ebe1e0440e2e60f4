#include "zone.h"

uint64_t packet_zone_secret;

/* The parser has no state to hold a secret, and is not to work without one. */
__attribute__((constructor)) static void zone_secret_draw(void)
{
	do
		packet_zone_secret = flow_secret_draw() & ZONE_PRIME;
	while (packet_zone_secret <= UINT32_MAX || packet_zone_secret == ZONE_PRIME);
}
