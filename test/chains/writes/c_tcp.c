#include "c_tcp.gen.h"

void c_tcp_on_pkt_tcp(struct c_tcp_ctx *ctx, const struct pkt_tcp *m)
{
	struct mbx_ip src = {.bytes = {192, 0, 2, 7}, .version = 4};
	struct mbx_ip dst = {.bytes = {192, 0, 2, 9}, .version = 4};
	struct mbx_ip src6 = {.bytes = {0x20, 1, 0xd, 0xb8, [15] = 7}, .version = 6};
	struct mbx_ip dst6 = {.bytes = {0x20, 1, 0xd, 0xb8, [15] = 9}, .version = 6};
	bool six = m->ip_version == 6;

	c_tcp_set_ip_src(ctx, six ? src6 : src);
	c_tcp_set_ip_dst(ctx, six ? dst6 : dst);
	c_tcp_set_tcp_sport(ctx, 111);
	c_tcp_set_tcp_dport(ctx, 222);
	c_tcp_set_payload(ctx, 1, (const uint8_t *)"XYZ", 3);
	c_tcp_set_eth_src(ctx, (struct mbx_mac){{2, 0, 0, 0, 0, 7}});
	c_tcp_set_eth_dst(ctx, (struct mbx_mac){{2, 0, 0, 0, 0, 9}});
	c_tcp_set_ip_ttl(ctx, 9);
	c_tcp_set_ip_tos(ctx, 0x48);
	c_tcp_set_tcp_window(ctx, 4321);
}
