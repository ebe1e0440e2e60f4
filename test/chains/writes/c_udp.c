#include "c_udp.gen.h"

void c_udp_on_pkt_udp(struct c_udp_ctx *ctx, const struct pkt_udp *m)
{
	struct mbx_ip src = {.bytes = {192, 0, 2, 7}, .version = 4};
	struct mbx_ip dst = {.bytes = {192, 0, 2, 9}, .version = 4};
	struct mbx_ip src6 = {.bytes = {0x20, 1, 0xd, 0xb8, [15] = 7}, .version = 6};
	struct mbx_ip dst6 = {.bytes = {0x20, 1, 0xd, 0xb8, [15] = 9}, .version = 6};
	bool six = m->ip_version == 6;

	c_udp_set_ip_src(ctx, six ? src6 : src);
	c_udp_set_ip_dst(ctx, six ? dst6 : dst);
	c_udp_set_udp_sport(ctx, 111);
	c_udp_set_udp_dport(ctx, 222);
	c_udp_set_payload(ctx, 1, (const uint8_t *)"XYZ", 3);
}
