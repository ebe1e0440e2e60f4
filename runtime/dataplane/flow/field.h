/* The catalog's flow fields that never change for a flow, read from its key. */
#pragma once

#include <string.h>

#include "../nf.h"
#include "flow.h"

static inline bool flow_client_is_first(const struct flow *f)
{
	return !(f->flags & FLOW_CLIENT_SECOND);
}

static inline struct mbx_ip flow_key_ip(const struct flow_key *k, bool first)
{
	struct mbx_ip ip = {0};

	if (flow_key_tuple_words(k) == FLOW_KEY_WORDS_IP6) {
		ip.version = 6;
		memcpy(ip.bytes, &k->word[first ? 2 : 6], 16);
	} else {
		ip.version = 4;
		memcpy(ip.bytes, &k->word[first ? 2 : 3], 4);
	}
	return ip;
}

static inline uint16_t flow_key_port(const struct flow_key *k, bool first)
{
	return (uint16_t)(first ? k->word[0] >> 16 : k->word[0] & 0xffff);
}

static inline struct mbx_ip flow_client_ip(const struct flow *f)
{
	return flow_key_ip(&f->key, flow_client_is_first(f));
}

static inline struct mbx_ip flow_server_ip(const struct flow *f)
{
	return flow_key_ip(&f->key, !flow_client_is_first(f));
}

static inline uint16_t flow_client_port(const struct flow *f)
{
	return flow_key_port(&f->key, flow_client_is_first(f));
}

static inline uint16_t flow_server_port(const struct flow *f)
{
	return flow_key_port(&f->key, !flow_client_is_first(f));
}

static inline uint8_t flow_ip_version(const struct flow *f)
{
	return (uint8_t)(f->key.word[1] >> 8);
}

static inline uint16_t flow_vlan(const struct flow *f)
{
	return flow_key_zone(&f->key).vlan;
}

static inline bool flow_onesided(const struct flow *f)
{
	return (f->flags & (FLOW_CLIENT_SEEN | FLOW_SERVER_SEEN)) !=
	       (FLOW_CLIENT_SEEN | FLOW_SERVER_SEEN);
}
