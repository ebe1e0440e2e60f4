/* The headers before a packet in a tunnel, for who has to change them with it. */
#pragma once

#include "packet.h"

enum packet_layer_kind {
	LAYER_ETH,
	LAYER_IP4,
	LAYER_IP6,
	LAYER_MPLS,
	LAYER_PPPOE,
	LAYER_GRE,
	LAYER_ERSPAN, /* the GRE header that it is in */
	LAYER_UDP,
};

struct packet_layer {
	uint8_t kind; /* enum packet_layer_kind */
	uint16_t at;
};

/* Outermost first; each tunnel has at most Ethernet, IP and UDP or GRE. */
struct packet_layers {
	uint8_t count;
	uint16_t l3; /* the IP header behind them */
	struct packet_layer layer[3 * (PACKET_TUNNELS_MAX + 1)];
};

/* The layers before the innermost IP header that `tunnels` lead to. False where
 * there is none. */
bool packet_layers_parse(struct rte_mbuf *m, enum link_type link, uint8_t tunnels,
			 struct packet_layers *layers);

/* Makes the headers that another packet of a flow had before its IP header, `len`
 * bytes, those of `m`, which begins with a copy of them in one segment: lengths,
 * identifications, checksums. `turned`: the other packet went the other way. False
 * where that cannot be: what a mirror sent, GRE with sequence numbers, and labels
 * of the other way, which nobody has seen. */
bool packet_prefix_renew(struct rte_mbuf *m, enum link_type link, uint8_t tunnels, uint32_t len,
			 bool turned);
