/* census: hears all that happens to flows. What is counted, the summary has. */
#include "census.gen.h"

void census_on_flow_start(struct census_ctx *ctx, const struct flow_start *m)
{
	(void)ctx;
	(void)m;
}

void census_on_end(struct census_ctx *ctx, const struct flow_end *m)
{
	(void)ctx;
	(void)m;
}

void census_on_udp(struct census_ctx *ctx, const struct flow_udp *m)
{
	(void)ctx;
	(void)m;
}

void census_on_gap(struct census_ctx *ctx, const struct flow_gap *m)
{
	(void)ctx;
	(void)m;
}

void census_on_whole(struct census_ctx *ctx, const struct whole *m)
{
	(void)ctx;
	(void)m;
}

void census_on_broken(struct census_ctx *ctx, const struct broken *m)
{
	(void)ctx;
	(void)m;
}
