/* say: publishes an event for each packet. */
#include "say.gen.h"

void say_on_pkt_tcp(struct say_ctx *ctx, const struct pkt_tcp *m)
{
	say_publish_seen(ctx, &(struct seen){.length = m->ip_length, .window = m->tcp_window});
}
