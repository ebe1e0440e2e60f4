/* Changes to a frame on its way. Every checksum that covers what changes is kept:
 * updated by the difference (RFC 1624), so one that was wrong stays wrong, and
 * no more than the changed bytes is read.
 *
 * All return 0, -EINVAL where the packet has no such header (IP and above: or is
 * malformed), or -ENOMEM when the frame is shared and there is no mbuf for a copy; then nothing
 * has changed. Fields of struct packet follow the change; `key`, `hash` and
 * `reversed` do not: the flow is known by what came in. */
#pragma once

#include <stdint.h>

#include "../nf.h"
#include "packet.h"

/* Whether somebody else holds bytes of the frame. */
bool packet_is_shared(const struct packet *p);

/* Makes the frame this packet's alone. When someone else holds it too, it is
 * copied to mbufs of its own pool, p->mbuf becomes the copy, and the packet's
 * reference to the original is dropped: pointers into the original are then
 * valid only as long as its other holders keep it. */
int packet_make_private(struct packet *p);

int packet_write_eth_src(struct packet *p, const struct mbx_mac *mac);
int packet_write_eth_dst(struct packet *p, const struct mbx_mac *mac);

/* The address must be of the packet's IP version. Not on fragments, whose
 * checksum lies in another packet, nor where a routing header names the
 * destination. */
int packet_write_ip_src(struct packet *p, const struct mbx_ip *ip);
int packet_write_ip_dst(struct packet *p, const struct mbx_ip *ip);

int packet_write_ip_ttl(struct packet *p, uint8_t ttl); /* or hop limit */
int packet_write_ip_tos(struct packet *p, uint8_t tos); /* or traffic class */

int packet_write_tcp_sport(struct packet *p, uint16_t port);
int packet_write_tcp_dport(struct packet *p, uint16_t port);
int packet_write_tcp_window(struct packet *p, uint16_t window);
int packet_write_udp_sport(struct packet *p, uint16_t port);
int packet_write_udp_dport(struct packet *p, uint16_t port);

/* Replaces `len` bytes of the TCP, UDP or ICMP payload from `offset` on. -EINVAL
 * also when they are not all in the payload. `bytes` lie
 * outside the frame. */
int packet_write_payload(struct packet *p, uint32_t offset, const void *bytes, uint32_t len);
