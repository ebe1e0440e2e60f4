#include "share.h"

#include <rte_branch_prediction.h>

#include "../packet/quote.h"

static bool any_fragments(const struct program *program)
{
	for (uint8_t i = 0; i < program->chain_count; i++)
		if (program->chains[i]->features->fragments)
			return true;
	return false;
}

void share_init(struct share *s, const struct program *program)
{
	*s = (struct share){.instances = program_instances(program),
			    .add = flow_secret_draw(),
			    .decap = program->chains[0]->features->decap};
	if (!any_fragments(program))
		s->ports = flow_secret_draw() | 1;
	for (unsigned int i = 0; i < RTE_DIM(s->address); i++)
		s->address[i] = flow_secret_draw() | 1;
}

/* An error concerns the flow that it quotes, whoever sends it. */
static const struct flow_key *concerned(const struct packet *p, struct icmp_quote *q)
{
	if (likely(!(p->flags & PACKET_ICMP)) || packet_icmp_class(p) != ICMP_CLASS_ERROR)
		return &p->key;
	return packet_icmp_quote(p, q) ? &q->key : &p->key;
}

/* Multilinear like the table's hash, and with a secret of its own: nobody can choose
 * flows that are all for one instance, nor does its table get every other hash. */
uint16_t share_instance(const struct share *s, struct packet *p)
{
	struct icmp_quote quote;
	const struct flow_key *k;
	unsigned int words;
	uint64_t sum;

	if (unlikely(packet_carries(p, s->decap)))
		(void)packet_decap(p, s->decap, false);
	k = concerned(p, &quote);
	words = flow_key_tuple_words(k) - 2;
	if (s->rss != NULL)
		return rss_queue(s->rss, rss_hash(s->rss, &k->word[2], words, k->word[0]));
	sum = s->add + s->ports * k->word[0];
	for (unsigned int i = 0; i < words; i++)
		sum += s->address[i] * k->word[2 + i];
	return (uint16_t)((uint64_t)flow_hash_mix((uint32_t)(sum >> 32)) * s->instances >> 32);
}

static bool part_has(const struct laps_part *part, struct packet *p)
{
	const struct share_part *s = (const struct share_part *)part;

	return share_instance(s->share, p) == s->instance;
}

struct share_part share_part(const struct share *s, uint16_t instance)
{
	return (struct share_part){.part = {part_has}, .share = s, .instance = instance};
}
