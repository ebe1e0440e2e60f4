/* One frame at a time through the parser, which follows tunnels. */
#pragma once

#include "support/parsed.h"
#include "support/tunnel_cases.h"

static inline void assert_inner(const struct tunnel_case *c)
{
	if (packet.decap != c->tunnel || !(packet.flags & PACKET_TCP) || packet.payload_len != 5)
		fail_msg("%s: decap %#x, flags %#x, reason %u, payload %u", c->name, packet.decap,
			 packet.flags, packet.reason, packet.payload_len);
}
