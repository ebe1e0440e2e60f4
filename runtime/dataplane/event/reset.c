/* Resets that an NF asks for: to each end a RST as if from the other, at the
 * number that it expects next (RFC 5961, section 3.2: only that one counts). */
#include <errno.h>
#include <rte_byteorder.h>

#include "../flow/field.h"
#include "../packet/layers.h"
#include "../tcp/segment.h"
#include "../tcp/track.h"
#include "handler.h"

#define PREFIX_MAX 512 /* bytes before the IP header that a reset may have */

/* Headers of the flow's frames up to its IP header, as one side sends them. */
struct reset_prefix {
	uint8_t bytes[PREFIX_MAX];
	uint16_t len;
	enum mbx_direction dir; /* who sent it */
	uint8_t port;		/* where it came from */
};

static bool caused_by_packet(const struct nf_context *nf, const struct flow *f)
{
	return nf->packet != EVENT_NO_PACKET && nf->burst->flow[nf->packet] == f;
}

static bool prefix_of_packet(const struct nf_context *nf, const struct flow *f,
			     struct reset_prefix *prefix)
{
	const struct packet *p = &nf->burst->packet[nf->packet];

	if (p->l3 > sizeof(prefix->bytes))
		return false;
	packet_copy_prefix(p, prefix->bytes);
	prefix->len = p->l3;
	prefix->dir = flow_direction(f, p->reversed);
	prefix->port = (uint8_t)(f->flags & FLOW_ACROSS ? f->port[prefix->dir] : nf->burst->port);
	return true;
}

/* What the flow remembers of a side; as of the cause, where there is one. */
static bool prefix_of_side(const struct nf_context *nf, const struct flow *f,
			   enum mbx_direction dir, struct reset_prefix *prefix)
{
	const struct stack_features *features = nf->chain->program->features;
	const struct flow_prefix *kept = stack_flow_part(f, features->prefix_at);
	uint16_t flags = caused_by_packet(nf, f) ? nf->burst->spoken[nf->packet] : f->flags;

	if (kept->len[dir] == 0 ||
	    !(flags & (dir == MBX_CLIENT ? FLOW_CLIENT_SEEN : FLOW_SERVER_SEEN)))
		return false;
	prefix->len = kept->len[dir] - 1u;
	memcpy(prefix->bytes, kept->bytes + dir * features->prefix_room, prefix->len);
	prefix->dir = dir;
	prefix->port = (uint8_t)f->port[dir];
	return true;
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

/* A reset as if from `from` with the headers of `prefix`; NULL with errno's number
 * in `*error`. */
static struct rte_mbuf *reset_build(const struct nf_context *nf, const struct flow *f,
				    const struct reset_prefix *prefix, enum mbx_direction from,
				    uint32_t seq, uint32_t ack, int *error)
{
	const struct chain *c = nf->chain;
	struct mbx_ip client = flow_client_ip(f), server = flow_server_ip(f);
	bool forth = from == MBX_CLIENT;
	uint16_t client_port = flow_client_port(f), server_port = flow_server_port(f);
	struct rte_mbuf *m = tcp_reset_build(
	    c->mbufs, prefix->bytes, prefix->len, flow_ip_version(f),
	    forth ? client.bytes : server.bytes, forth ? server.bytes : client.bytes,
	    forth ? client_port : server_port, forth ? server_port : client_port, seq, ack);

	*error = ENOMEM;
	if (m == NULL)
		return NULL;
	if (packet_prefix_renew(m, c->stack.link, c->program->features->decap, prefix->len,
				from != prefix->dir))
		return m;
	rte_pktmbuf_free(m);
	*error = EINVAL;
	return NULL;
}

/* With the headers of what caused it, turned where it is to go the other way. Where
 * these do not turn, with those that the other side's frames had. */
static void inject_reset(const struct nf_context *nf, const struct flow *f, enum mbx_direction from,
			 uint32_t seq, uint32_t ack)
{
	struct chain *c = nf->chain;
	const struct program_chain *program = c->program;
	struct reset_prefix prefix;
	struct rte_mbuf *m = NULL;
	int error = EINVAL;
	uint8_t peer;

	if (caused_by_packet(nf, f) && prefix_of_packet(nf, f, &prefix))
		m = reset_build(nf, f, &prefix, from, seq, ack, &error);
	if (m == NULL && error == EINVAL && prefix_of_side(nf, f, from, &prefix))
		m = reset_build(nf, f, &prefix, from, seq, ack, &error);
	if (m == NULL && error == EINVAL && !caused_by_packet(nf, f) &&
	    prefix_of_side(nf, f, (enum mbx_direction) !from, &prefix))
		m = reset_build(nf, f, &prefix, from, seq, ack, &error);
	if (m == NULL) {
		c->counters->packets_injected_lost += error == ENOMEM;
		c->counters->packets_injected_unbuilt += error == EINVAL;
		return;
	}
	peer = prefix.port == program->near ? program->far : program->near;
	c->injected_cause = nf->packet;
	c->send(c, from == prefix.dir ? peer : prefix.port, m);
}

void nf_inject_resets(const struct nf_context *nf, const struct flow *f)
{
	struct tcp_numbers at;

	if (f->proto != 6 || nf->chain->program->far == PROGRAM_NO_PORT)
		return;
	at = numbers_at_cause(nf, f);
	for (int from = MBX_CLIENT; from <= MBX_SERVER; from++) {
		uint32_t ack = at.next[!from];

		if (!at.known[from])
			continue;
		inject_reset(nf, f, (enum mbx_direction)from, at.next[from], ack);
		if (at.una[from] != at.next[from])
			inject_reset(nf, f, (enum mbx_direction)from, at.una[from], ack);
	}
}
