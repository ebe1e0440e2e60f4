#include "f.gen.h"

#include "../log.h"

void f_on_all(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " all", m->time % 1000000 / 1000);
}

void f_on_ip_eq(struct f_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("%" PRIu64 " ip_eq", m->time % 1000000 / 1000);
}

void f_on_ip_ne(struct f_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("%" PRIu64 " ip_ne", m->time % 1000000 / 1000);
}

void f_on_prefix4(struct f_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("%" PRIu64 " prefix4", m->time % 1000000 / 1000);
}

void f_on_prefix6(struct f_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("%" PRIu64 " prefix6", m->time % 1000000 / 1000);
}

void f_on_ends(struct f_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("%" PRIu64 " ends", m->time % 1000000 / 1000);
}

void f_on_mac(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " mac", m->time % 1000000 / 1000);
}

void f_on_ports(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " ports", m->time % 1000000 / 1000);
}

void f_on_tcp_ne(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " tcp_ne", m->time % 1000000 / 1000);
}

void f_on_not_80(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " not_80", m->time % 1000000 / 1000);
}

void f_on_syn(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " syn", m->time % 1000000 / 1000);
}

void f_on_range(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " range", m->time % 1000000 / 1000);
}

void f_on_either(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " either", m->time % 1000000 / 1000);
}

void f_on_refs(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " refs", m->time % 1000000 / 1000);
}

void f_on_big(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " big", m->time % 1000000 / 1000);
}

void f_on_vlan(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " vlan", m->time % 1000000 / 1000);
}

void f_on_echo(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " echo", m->time % 1000000 / 1000);
}

void f_on_arp(struct f_ctx *ctx, const struct pkt *m)
{
	(void)ctx;
	log_line("%" PRIu64 " arp", m->time % 1000000 / 1000);
}

void f_on_ttl(struct f_ctx *ctx, const struct pkt_ip *m)
{
	(void)ctx;
	log_line("%" PRIu64 " ttl", m->time % 1000000 / 1000);
}

void f_on_malformed(struct f_ctx *ctx, const struct pkt_malformed *m)
{
	(void)ctx;
	log_line("%" PRIu64 " malformed", m->time % 1000000 / 1000);
}
