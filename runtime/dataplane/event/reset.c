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

static void inject_reset(struct chain *c, const struct flow *f, enum mbx_direction from,
			 uint32_t seq)
{
	const struct stack_features *features = c->program->features;
	const struct flow_l2 *l2 = stack_flow_part(f, features->l2_at);
	const struct tcp_track *tcp = stack_flow_part(f, features->tcp_at);
	struct mbx_ip client = flow_client_ip(f), server = flow_server_ip(f);
	bool forth = from == MBX_CLIENT;
	uint16_t client_port = flow_client_port(f), server_port = flow_server_port(f);
	uint8_t port = egress_port(c, f, from);
	struct rte_mbuf *m;

	if (l2->len[from] == 0 || port == PROGRAM_NO_PORT)
		return;
	m = tcp_reset_build(c->mbufs, l2->bytes[from], l2->len[from], flow_ip_version(f),
			    forth ? client.bytes : server.bytes, forth ? server.bytes : client.bytes,
			    forth ? client_port : server_port, forth ? server_port : client_port,
			    seq, tcp->side[!from].next);
	if (m == NULL) {
		c->counters->drop_no_memory++;
		return;
	}
	c->send(c, port, m);
}

void nf_inject_resets(const struct nf_context *nf, const struct flow *f)
{
	struct chain *c = nf->chain;
	const struct tcp_track *tcp = stack_flow_part(f, c->program->features->tcp_at);

	if (f->proto != 6)
		return;
	for (int from = MBX_CLIENT; from <= MBX_SERVER; from++) {
		const struct tcp_side *side = &tcp->side[from];
		uint32_t seq = side->next;

		if (!(side->flags & TCP_SIDE_BASE))
			continue;
		/* What is being dropped now does not arrive. */
		if (nf->event != NULL && nf->event->type == EVENT_DATA_TCP &&
		    nf->event->dir == from && nf->event->flow.index == f->index)
			seq = ((const struct event_data *)nf->event)->seq;
		inject_reset(c, f, (enum mbx_direction)from, seq);
		if (side->una != seq)
			inject_reset(c, f, (enum mbx_direction)from, side->una);
	}
}
