/* The handlers of a, b and k: NF and ON and OFF are the including file's. */
#include "../log.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

static bool is_order(const struct data_tcp *m, char what)
{
	return m->len == 2 && m->data[0] == TEXT(NF)[0] && m->data[1] == what;
}

void JOIN(NF, _on_order)(struct JOIN(NF, _ctx) * ctx, const struct data_tcp *m)
{
	if (is_order(m, '+'))
		JOIN(NF, _switch)(ctx, m->flow, ON);
	if (is_order(m, '-'))
		JOIN(NF, _switch)(ctx, m->flow, OFF);
}

void JOIN(NF, _on_heard)(struct JOIN(NF, _ctx) * ctx, const struct data_tcp *m)
{
	(void)ctx;
	log_line("%s %u data %" PRIu64 " %.*s packets %" PRIu64, TEXT(NF), m->flow_client_port,
		 m->offset, (int)m->len, (const char *)m->data, m->flow_packets);
}

void JOIN(NF, _on_flow_gap)(struct JOIN(NF, _ctx) * ctx, const struct flow_gap *m)
{
	(void)ctx;
	log_line("%s %u gap %" PRIu64 " %" PRIu64 " packets %" PRIu64, TEXT(NF),
		 m->flow_client_port, m->offset, m->length, m->flow_packets);
}
