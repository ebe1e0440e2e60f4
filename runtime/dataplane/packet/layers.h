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
	struct packet_layer layer[3 * (PACKET_TUNNELS_MAX + 1)];
};

/* The layers before the IP header of `p`, which is parsed. */
void packet_layers_find(const struct packet *p, struct packet_layers *layers);
