/* table: counts by flow in a table of its own; the same as table.ts. */
#include <rte_hash.h>
#include <rte_hash_crc.h>

#include "table.gen.h"

/* The bench compares it with what the handler in TypeScript comes to. */
uint64_t bench_sum;

#define FLOWS 65536

static struct rte_hash *table;
static uint32_t packets[FLOWS + 1];

static void table_open(void)
{
	static const struct rte_hash_parameters parameters = {
	    .name = "bench",
	    .entries = FLOWS,
	    .key_len = sizeof(struct mbx_flow),
	    .hash_func = rte_hash_crc,
	};

	table = rte_hash_create(&parameters);
	if (table == NULL)
		abort();
}

void table_on_pkt_tcp(struct table_ctx *ctx, const struct pkt_tcp *m)
{
	int32_t at;

	(void)ctx;
	if (table == NULL)
		table_open();
	at = rte_hash_lookup(table, &m->flow);
	if (at < 0)
		at = rte_hash_add_key(table, &m->flow);
	if (at >= 0)
		bench_sum += ++packets[at];
}
