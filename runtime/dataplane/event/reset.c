/* Resets that an NF asks for: to each end a RST as if from the other, at the
 * number that it expects next (RFC 5961, section 3.2: only that one counts). */
#include <rte_byteorder.h>

#include "../flow/field.h"
#include "../tcp/segment.h"
#include "../tcp/track.h"
#include "handler.h"

/* The port by which frames of this sender leave. */
static uint8_t egress_port(const struct chain *c, const struct flow *f, enum mbx_direction dir)
{
	const struct program_chain *program = c->program;

	return f->port[dir] == program->near ? program->far : program->near;
}

/* The flow's numbers as of the cause: the stack is already ahead of it, and what
 * it has seen since will not arrive either. */
static struct tcp_numbers numbers_at_cause(const struct nf_context *nf, const struct flow *f)
{
	const struct tcp_track *tcp = stack_flow_part(f, nf->chain->program->features->tcp_at);

	if (nf->packet != EVENT_NO_PACKET && nf->burst->flow[nf->packet] == f)
		return nf->burst->numbers[nf->packet];
	return tcp_track_numbers(tcp);
}

static void inject_reset(struct chain *c, const struct flow *f, enum mbx_direction from,
			 uint32_t seq, uint32_t ack)
{
	const struct stack_features *features = c->program->features;
	const struct flow_l2 *l2 = stack_flow_part(f, features->l2_at);
	struct mbx_ip client = flow_client_ip(f), server = flow_server_ip(f);
	bool forth = from == MBX_CLIENT;
	uint16_t client_port = flow_client_port(f), server_port = flow_server_port(f);
	uint8_t port = egress_port(c, f, from);
	struct rte_mbuf *m;

	if (l2->len[from] == 0 || port == PROGRAM_NO_PORT)
		return;
	m = tcp_reset_build(c->mbufs, l2->bytes[from], l2->len[from], flow_ip_version(f),
			    forth ? client.bytes : server.bytes,
			    forth ? server.bytes : client.bytes, forth ? client_port : server_port,
			    forth ? server_port : client_port, seq, ack);
	if (m == NULL) {
		c->counters->drop_no_memory++;
		return;
	}
	c->send(c, port, m);
}

void nf_inject_resets(const struct nf_context *nf, const struct flow *f)
{
	struct chain *c = nf->chain;
	struct tcp_numbers at;

	if (f->proto != 6)
		return;
	at = numbers_at_cause(nf, f);
	for (int from = MBX_CLIENT; from <= MBX_SERVER; from++) {
		if (!at.known[from])
			continue;
		inject_reset(c, f, (enum mbx_direction)from, at.next[from], at.next[!from]);
		if (at.una[from] != at.next[from])
			inject_reset(c, f, (enum mbx_direction)from, at.una[from], at.next[!from]);
	}
}
