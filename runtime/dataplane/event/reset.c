/* Resets that an NF asks for: to each end a RST as if from the other, at the
 * number that it expects next (RFC 5961, section 3.2: only that one counts). */
#include <rte_byteorder.h>

#include "../flow/field.h"
#include "../tcp/segment.h"
#include "../tcp/track.h"
#include "handler.h"

/* The frame header of the flow's segments, as one side sends them. */
struct reset_link {
	const uint8_t *header;	/* up to the IP header */
	uint16_t len;		/* bytes; 0: none was seen */
	enum mbx_direction dir; /* who sent it */
	uint8_t port;		/* where it came from */
};

static bool caused_by_packet(const struct nf_context *nf, const struct flow *f)
{
	return nf->packet != EVENT_NO_PACKET && nf->burst->flow[nf->packet] == f;
}

/* Of the cause where there is one: what the flow remembers of its other side may
 * be from later packets. */
static struct reset_link link_at_cause(const struct nf_context *nf, const struct flow *f)
{
	const struct flow_l2 *l2 = stack_flow_part(f, nf->chain->program->features->l2_at);
	enum mbx_direction dir = l2->len[MBX_CLIENT] > 0 ? MBX_CLIENT : MBX_SERVER;
	const struct packet *p;

	if (!caused_by_packet(nf, f))
		return (struct reset_link){l2->bytes[dir], l2->len[dir], dir, f->port[dir]};
	p = &nf->burst->packet[nf->packet];
	dir = flow_direction(f, p->reversed);
	if (p->l3 > sizeof(l2->bytes[dir]))
		return (struct reset_link){0};
	return (struct reset_link){packet_at(p, 0), p->l3, dir, (uint8_t)nf->burst->port};
}

/* The flow's numbers as of the cause: the stack is already ahead of it, and what
 * it has seen since will not arrive either. */
static struct tcp_numbers numbers_at_cause(const struct nf_context *nf, const struct flow *f)
{
	const struct tcp_track *tcp = stack_flow_part(f, nf->chain->program->features->tcp_at);

	if (caused_by_packet(nf, f))
		return nf->burst->numbers[nf->packet];
	return tcp_track_numbers(tcp);
}

/* A frame from the other side has the addresses of the link the other way. */
static void link_turn(uint8_t *header, uint16_t len)
{
	uint8_t first[6];

	if (len < 12)
		return;
	memcpy(first, header, sizeof(first));
	memcpy(header, header + 6, sizeof(first));
	memcpy(header + 6, first, sizeof(first));
}

static void inject_reset(const struct nf_context *nf, const struct flow *f,
			 const struct reset_link *link, enum mbx_direction from, uint32_t seq,
			 uint32_t ack)
{
	struct chain *c = nf->chain;
	const struct program_chain *program = c->program;
	struct mbx_ip client = flow_client_ip(f), server = flow_server_ip(f);
	bool forth = from == MBX_CLIENT;
	uint16_t client_port = flow_client_port(f), server_port = flow_server_port(f);
	uint8_t peer = link->port == program->near ? program->far : program->near;
	uint8_t header[sizeof(((struct flow_l2 *)0)->bytes[0])];
	struct rte_mbuf *m;

	memcpy(header, link->header, link->len);
	if (from != link->dir)
		link_turn(header, link->len);
	m = tcp_reset_build(c->mbufs, header, link->len, flow_ip_version(f),
			    forth ? client.bytes : server.bytes,
			    forth ? server.bytes : client.bytes, forth ? client_port : server_port,
			    forth ? server_port : client_port, seq, ack);
	if (m == NULL) {
		c->counters->packets_injected_lost++;
		return;
	}
	c->injected_cause = nf->packet;
	c->send(c, from == link->dir ? peer : link->port, m);
}

void nf_inject_resets(const struct nf_context *nf, const struct flow *f)
{
	struct reset_link link;
	struct tcp_numbers at;

	if (f->proto != 6 || nf->chain->program->far == PROGRAM_NO_PORT)
		return;
	link = link_at_cause(nf, f);
	if (link.len == 0)
		return;
	at = numbers_at_cause(nf, f);
	for (int from = MBX_CLIENT; from <= MBX_SERVER; from++) {
		uint32_t ack = at.next[!from];

		if (!at.known[from])
			continue;
		inject_reset(nf, f, &link, (enum mbx_direction)from, at.next[from], ack);
		if (at.una[from] != at.next[from])
			inject_reset(nf, f, &link, (enum mbx_direction)from, at.una[from], ack);
	}
}
