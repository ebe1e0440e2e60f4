/* One frame at a time through the parser, which follows tunnels. */
#pragma once

#include "support/parsed.h"
#include "support/tunnel_cases.h"

static inline enum packet_tunnel_fault parse_inner(const struct frame *f, uint8_t tunnels,
						   bool verify)
{
	if (mbuf.buf_addr != NULL)
		mbuf_unwrap(&mbuf);
	mbuf = mbuf_wrap(f->bytes, f->len);
	memset(&packet, 0xee, sizeof(packet));
	return packet_parse_inner(&packet, &mbuf, LINK_ETHERNET, tunnels, verify);
}

static inline void assert_inner(const struct tunnel_case *c)
{
	if (packet.decap != c->tunnel || !(packet.flags & PACKET_TCP) || packet.payload_len != 5)
		fail_msg("%s: decap %#x, flags %#x, reason %u, payload %u", c->name, packet.decap,
			 packet.flags, packet.reason, packet.payload_len);
}
