/* A network card with RSS, made of rings: what ethdev would ask a card's driver is
 * answered here, by functions of the same names, which the loader finds first. What it
 * is told (key, types, table) decides by which ring a frame comes in, as on a card; the
 * hash is toeplitz.h's. */
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <rte_dev.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <rte_ring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "toeplitz.h"

#define FAKE_CARDS 2
#define FAKE_QUEUES 4
#define FAKE_PLACES 2048
#define FAKE_ENTRIES_MOST 512

struct fake_card {
	/* What it can. */
	uint16_t queues, entries;
	uint64_t types;
	bool refuses_key, forgets_key;
	/* What it was told. */
	uint8_t key[40];
	uint64_t told_types;
	uint16_t table[FAKE_ENTRIES_MOST];
	rte_eth_dev_cb_fn removed;
	void *removed_arg;
	struct rte_ring *in[FAKE_QUEUES], *out[FAKE_QUEUES];
};

static struct fake_card fake[FAKE_CARDS];

/* The next one's of a name, which is the library's. */
#define FAKE_NEXT(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

/* Cards are "net_ring_card0" and "net_ring_card1". NULL: another device. */
static struct fake_card *fake_of(const char *name)
{
	return strncmp(name, "net_ring_card", 13) == 0 ? &fake[name[13] - '0'] : NULL;
}

static struct fake_card *fake_of_id(uint16_t id)
{
	char name[RTE_ETH_NAME_MAX_LEN] = "";

	return rte_eth_dev_get_name_by_port(id, name) == 0 ? fake_of(name) : NULL;
}

/* Of a driver that the EAL loads by itself. */
static __typeof__(&rte_eth_from_rings) fake_from_rings(void)
{
	void *driver = dlopen("librte_net_ring.so", RTLD_NOW);
	void *function = driver != NULL ? dlsym(driver, "rte_eth_from_rings") : NULL;

	if (function == NULL)
		abort();
	return (__typeof__(&rte_eth_from_rings))(uintptr_t)function;
}

int rte_dev_probe(const char *device)
{
	struct fake_card *c = fake_of(device);
	char name[RTE_RING_NAMESIZE];

	if (c == NULL)
		return FAKE_NEXT(rte_dev_probe)(device);
	for (unsigned int k = 0; k < FAKE_QUEUES; k++) {
		snprintf(name, sizeof(name), "%s-in%u", device, k);
		c->in[k] = rte_ring_create(name, FAKE_PLACES, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
		snprintf(name, sizeof(name), "%s-out%u", device, k);
		c->out[k] = rte_ring_create(name, FAKE_PLACES, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (c->in[k] == NULL || c->out[k] == NULL)
			return -ENOMEM;
	}
	return fake_from_rings()(device + strlen("net_ring_"), c->in, FAKE_QUEUES, c->out,
				 FAKE_QUEUES, 0) < 0
		   ? -EIO
		   : 0;
}

int rte_eth_dev_info_get(uint16_t id, struct rte_eth_dev_info *info)
{
	int ret = FAKE_NEXT(rte_eth_dev_info_get)(id, info);
	struct fake_card *c = fake_of_id(id);

	if (ret < 0 || c == NULL)
		return ret;
	info->max_rx_queues = info->max_tx_queues = c->queues;
	info->flow_type_rss_offloads = c->types;
	info->reta_size = c->entries;
	info->hash_key_size = 40;
	/* Its driver would hear of an unplugged card. */
	*(uint32_t *)(uintptr_t)info->dev_flags |= RTE_ETH_DEV_INTR_RMV;
	return 0;
}

int rte_eth_dev_rss_hash_update(uint16_t id, struct rte_eth_rss_conf *conf)
{
	struct fake_card *c = fake_of_id(id);

	if (c == NULL)
		return FAKE_NEXT(rte_eth_dev_rss_hash_update)(id, conf);
	if (c->refuses_key || (conf->rss_hf & ~c->types) != 0)
		return -EINVAL;
	if (!c->forgets_key)
		memcpy(c->key, conf->rss_key, sizeof(c->key));
	c->told_types = conf->rss_hf;
	return 0;
}

int rte_eth_dev_rss_hash_conf_get(uint16_t id, struct rte_eth_rss_conf *conf)
{
	struct fake_card *c = fake_of_id(id);

	if (c == NULL)
		return FAKE_NEXT(rte_eth_dev_rss_hash_conf_get)(id, conf);
	memcpy(conf->rss_key, c->key, sizeof(c->key));
	conf->rss_hf = c->told_types;
	return 0;
}

int rte_eth_dev_rss_reta_update(uint16_t id, struct rte_eth_rss_reta_entry64 *table, uint16_t size)
{
	struct fake_card *c = fake_of_id(id);

	if (c == NULL)
		return FAKE_NEXT(rte_eth_dev_rss_reta_update)(id, table, size);
	if (size != c->entries)
		return -EINVAL;
	for (uint16_t i = 0; i < size; i++)
		if (table[i / 64].mask & 1ull << i % 64)
			c->table[i] = table[i / 64].reta[i % 64];
	return 0;
}

int rte_eth_dev_callback_register(uint16_t id, enum rte_eth_event_type event,
				  rte_eth_dev_cb_fn callback, void *arg)
{
	struct fake_card *c = fake_of_id(id);

	if (c != NULL && event == RTE_ETH_EVENT_INTR_RMV) {
		c->removed = callback;
		c->removed_arg = arg;
	}
	return FAKE_NEXT(rte_eth_dev_callback_register)(id, event, callback, arg);
}

/* Bytes of addresses and ports that its hash is of: none where it has no type for them. */
static unsigned int fake_input(const struct fake_card *c, const struct frame *f, uint8_t *input)
{
	const uint8_t *ip = f->bytes + 14;
	bool ip6 = ip[0] >> 4 == 6, part = !ip6 && ((ip[6] & 0x3f) != 0 || ip[7] != 0);
	unsigned int head = ip6 ? 40 : 20, len = ip6 ? 32 : 8;
	uint8_t proto = ip6 ? ip[6] : ip[9];
	uint64_t type = ip6 ? RTE_ETH_RSS_NONFRAG_IPV6_OTHER : RTE_ETH_RSS_NONFRAG_IPV4_OTHER;

	memcpy(input, ip + head - len, len);
	if (part)
		type = RTE_ETH_RSS_FRAG_IPV4;
	else if (proto == 6)
		type = ip6 ? RTE_ETH_RSS_NONFRAG_IPV6_TCP : RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	else if (proto == 17)
		type = ip6 ? RTE_ETH_RSS_NONFRAG_IPV6_UDP : RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	if (!part && (proto == 6 || proto == 17) && (c->told_types & type) != 0) {
		memcpy(input + len, ip + head, 4);
		return len + 4;
	}
	type |= ip6 ? RTE_ETH_RSS_IPV6 : RTE_ETH_RSS_IPV4;
	return (c->told_types & type) != 0 ? len : 0;
}

/* False: the ring is full. Ethernet with IP only. */
static inline bool fake_arrive(unsigned int card, const struct frame *f, struct rte_mempool *pool)
{
	struct fake_card *c = &fake[card];
	uint8_t input[36];
	unsigned int len = fake_input(c, f, input);
	uint32_t hash = len > 0 ? toeplitz(c->key, input, len) : 0;
	struct rte_ring *ring = c->in[len > 0 ? c->table[hash % c->entries] : 0];
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	if (m == NULL)
		return false;
	memcpy(rte_pktmbuf_append(m, (uint16_t)f->len), f->bytes, f->len);
	if (rte_ring_enqueue(ring, m) == 0)
		return true;
	rte_pktmbuf_free(m);
	return false;
}

/* Frames that it has sent; how many. */
static inline unsigned int fake_sent(unsigned int card)
{
	unsigned int count = 0;
	void *m;

	for (unsigned int k = 0; k < FAKE_QUEUES; k++)
		for (; rte_ring_dequeue(fake[card].out[k], &m) == 0; count++)
			rte_pktmbuf_free(m);
	return count;
}

/* What arrived and was not taken; after the device was closed. */
static inline unsigned int fake_left(unsigned int card)
{
	unsigned int count = 0;
	void *m;

	for (unsigned int k = 0; k < FAKE_QUEUES; k++)
		for (; rte_ring_dequeue(fake[card].in[k], &m) == 0; count++)
			rte_pktmbuf_free(m);
	return count;
}

static inline void fake_remove(unsigned int card)
{
	uint16_t id;
	char name[32];

	snprintf(name, sizeof(name), "net_ring_card%u", card);
	if (rte_eth_dev_get_port_by_name(name, &id) == 0)
		(void)fake[card].removed(id, RTE_ETH_EVENT_INTR_RMV, fake[card].removed_arg, NULL);
}

/* Rings outlive the device. */
static inline void fake_free(void)
{
	for (unsigned int i = 0; i < FAKE_CARDS; i++)
		for (unsigned int k = 0; k < FAKE_QUEUES; k++) {
			rte_ring_free(fake[i].in[k]);
			rte_ring_free(fake[i].out[k]);
		}
	memset(fake, 0, sizeof(fake));
}
