/* One frame at a time through the parser. */
#pragma once

#include "packet/dynfield.h"
#include "packet/packet.h"
#include "support/eal.h"
#include "support/frame.h"

/* The last frame that was parsed; its memory is kept until the next. */
static struct rte_mbuf mbuf;
static struct packet packet;

static inline const struct packet *parse_link(const struct frame *f, enum link_type link)
{
	if (mbuf.buf_addr != NULL)
		mbuf_unwrap(&mbuf);
	mbuf = mbuf_wrap(f->bytes, f->len);
	memset(&packet, 0xee, sizeof(packet));
	packet_parse(&packet, &mbuf, link);
	return &packet;
}

static inline const struct packet *parse(const struct frame *f)
{
	return parse_link(f, LINK_ETHERNET);
}

/* The packet inside of tunnels of the kinds `tunnels`. */
static inline enum packet_tunnel_fault parse_inner(const struct frame *f, uint8_t tunnels,
						   bool verify)
{
	if (mbuf.buf_addr != NULL)
		mbuf_unwrap(&mbuf);
	mbuf = mbuf_wrap(f->bytes, f->len);
	memset(&packet, 0xee, sizeof(packet));
	return packet_parse_inner(&packet, &mbuf, LINK_ETHERNET, tunnels, verify);
}

static inline void assert_malformed(const struct packet *p, enum packet_malformed_reason reason)
{
	assert_true(p->flags & PACKET_MALFORMED);
	assert_int_equal(p->reason, reason);
	assert_false(p->flags & (PACKET_TCP | PACKET_UDP | PACKET_ICMP));
}

static inline int parse_start(void **state)
{
	(void)state;
	return test_eal_start() < 0 ? -1 : packet_dynfields_register();
}

static inline int parsed_release(void **state)
{
	(void)state;
	if (mbuf.buf_addr != NULL)
		mbuf_unwrap(&mbuf);
	return 0;
}

static inline int parse_stop(void **state)
{
	parsed_release(state);
	return rte_eal_cleanup();
}
