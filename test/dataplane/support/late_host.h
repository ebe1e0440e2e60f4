/* A receiving host some way behind the monitor: what passes here arrives there later, and
 * its answers are seen later still, so it knows more than the monitor does. Linux's rules
 * for an established connection (RFC 9293, 3.10.7.4; RFC 5961; RFC 7323), byte by byte;
 * of what is queued it keeps the first copy. Positions count from the first byte behind
 * the SYN. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "packet/packet.h"

#define HOST_BYTES 4096u
#define HOST_SENDS 2048u

struct host_segment {
	uint32_t at, ack, len, clock;
	uint16_t window;
	uint8_t flags;
	uint32_t number; /* of the packet, in the order in which it passed the monitor */
	uint8_t bytes[64];
};

struct late_host {
	uint8_t value[HOST_BYTES];
	bool present[HOST_BYTES];
	uint32_t next;	/* a FIN that was reached counts as one byte */
	uint32_t acked; /* as it has said last */
	uint32_t edge;	/* right one of the window that it has offered */
	uint32_t buffer, read;
	uint32_t fin, fin_from;	   /* a FIN that waits; UINT32_MAX for none */
	uint32_t block[4], blocks; /* ends of what it acknowledged selectively, latest first */
	uint32_t clock;		   /* of the peer, as it has noted it */
	/* What it sends. */
	uint32_t sent, una, peer_edge, peer_window;
	bool timestamps, sack, closed, dead;
};

static inline void late_host_open(struct late_host *h, uint32_t buffer, uint32_t peer_window)
{
	*h = (struct late_host){.buffer = buffer,
				.edge = buffer,
				.fin = UINT32_MAX,
				.peer_edge = peer_window,
				.peer_window = peer_window};
}

static inline uint32_t host_min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What it says now: acknowledges all, and offers what is free. */
static inline void late_host_speaks(struct late_host *h, struct host_segment *s, uint32_t len)
{
	uint32_t data = h->next - h->closed;
	uint32_t edge = h->read + h->buffer;

	len = host_min(len, host_min(sizeof(s->bytes), h->peer_edge - h->sent));
	len = host_min(len, HOST_SENDS - h->sent);
	h->acked = h->next;
	if (edge > h->edge)
		h->edge = edge;
	*s = (struct host_segment){.at = h->sent,
				   .ack = h->next,
				   .len = len,
				   .flags = TCP_ACK,
				   .window = (uint16_t)(h->edge - host_min(h->edge, data))};
	h->sent += len;
}

static inline bool host_old(const struct late_host *h, const struct host_segment *s)
{
	return h->timestamps && (int32_t)(h->clock - s->clock) > 1;
}

/* RFC 9293, section 3.10.7.4, first; Linux 6.18 takes what crosses the edge while no byte
 * waits for the application. */
static inline bool host_window(const struct late_host *h, const struct host_segment *s)
{
	uint32_t end = s->at + s->len + ((s->flags & TCP_FIN) != 0);

	if (end < h->acked || s->at > h->edge)
		return false;
	return s->at + s->len <= h->edge || h->read == h->next - h->closed;
}

static inline bool host_resets(const struct late_host *h, const struct host_segment *s)
{
	uint32_t highest = 0;

	for (uint32_t i = 0; i < h->blocks; i++)
		highest = h->block[i] > highest ? h->block[i] : highest;
	return s->at == h->next || (h->closed && s->at + 1 == h->next) ||
	       (h->sack && h->blocks > 0 && s->at == highest);
}

static inline bool host_ack(struct late_host *h, const struct host_segment *s)
{
	uint32_t back = host_min(h->peer_window, h->una);

	if (s->ack > h->sent || s->ack + back < h->una)
		return false;
	if (s->ack < h->una)
		return true;
	h->una = s->ack;
	h->peer_edge = s->ack + s->window > h->peer_edge ? s->ack + s->window : h->peer_edge;
	h->peer_window = s->window > h->peer_window ? s->window : h->peer_window;
	if (s->at <= h->acked && (int32_t)(s->clock - h->clock) >= 0)
		h->clock = s->clock;
	return true;
}

/* Linux has room for four blocks, the latest first. */
static inline void host_block(struct late_host *h, const struct host_segment *s)
{
	uint32_t end = s->at + s->len + ((s->flags & TCP_FIN) != 0), begin = s->at, kept = 0;
	uint32_t block[4];

	if (end == begin)
		return;
	while (end < HOST_BYTES && h->present[end])
		end++;
	while (begin > h->next && h->present[begin - 1])
		begin--;
	for (uint32_t i = 0; i < h->blocks; i++)
		if (h->block[i] > h->next && (h->block[i] > end || h->block[i] <= begin))
			block[kept++] = h->block[i];
	h->blocks = 0;
	if (end > h->next)
		h->block[h->blocks++] = end;
	for (uint32_t i = 0; i < kept && h->blocks < 4; i++)
		h->block[h->blocks++] = block[i];
}

static inline void host_fin(struct late_host *h, const struct host_segment *s)
{
	uint32_t at = s->at + s->len, end = at + ((s->flags & TCP_FIN) != 0);

	if (h->fin != UINT32_MAX && end > h->fin &&
	    (s->at <= h->next || s->at < h->fin_from || (s->at == h->fin_from && end > h->fin + 1)))
		h->fin = UINT32_MAX;
	if (!(s->flags & TCP_FIN) || at < h->next || (h->fin != UINT32_MAX && at >= h->fin))
		return;
	if (s->at > h->next && h->present[s->at] && h->present[at])
		return; /* it lies inside what is queued */
	h->fin = at;
	h->fin_from = s->at;
}

/* A segment arrives. Bytes [the answer, h->next) go to the application then. */
static inline uint32_t late_host_takes(struct late_host *h, const struct host_segment *s)
{
	uint32_t before = h->next;

	if (h->dead || !(s->flags & (TCP_ACK | TCP_RST)))
		return before;
	if (s->flags & TCP_RST) {
		h->dead = host_resets(h, s);
		return before;
	}
	if (host_old(h, s) || !host_window(h, s) || !host_ack(h, s) || h->closed)
		return before;
	host_fin(h, s);
	for (uint32_t i = 0; i < s->len; i++) {
		if (s->at + i < h->next || h->present[s->at + i])
			continue;
		h->value[s->at + i] = s->bytes[i];
		h->present[s->at + i] = true;
	}
	while (h->next != h->fin && h->present[h->next])
		h->next++;
	host_block(h, s);
	if (h->next != h->fin)
		return before;
	h->closed = true;
	h->next++;
	return before;
}
