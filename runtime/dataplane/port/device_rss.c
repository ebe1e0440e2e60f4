/* A device's own RSS: what it can, and what it is told. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "device.h"

/* Where a device has no type of its own for a packet, it hashes nothing, and the packet
 * goes to the first queue. */
#define TYPES_ADDRESSES                                                                            \
	(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER |               \
	 RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_OTHER)
#define TYPES_TCP (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP)
#define TYPES_UDP (RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP)
/* Of all packets of IPv4 and of IPv6: some devices have no such type. */
#define TYPES_ANY (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6)

static uint64_t types_of(const struct rte_eth_dev_info *info, const struct rss *r)
{
	uint64_t types = TYPES_ADDRESSES;

	if (r->ports)
		types |= TYPES_TCP | TYPES_UDP;
	types &= info->flow_type_rss_offloads;
	if (r->tunnels)
		types |= info->flow_type_rss_offloads & RTE_ETH_RSS_LEVEL_INNERMOST;
	return types;
}

/* Zero: it does not say, and takes the usual one. */
static unsigned int key_size(const struct rte_eth_dev_info *info)
{
	return info->hash_key_size != 0 ? info->hash_key_size : RSS_KEY_LEAST;
}

static bool lacks_types(const struct rte_eth_dev_info *info, const struct rss *r, char *why,
			size_t size)
{
	uint64_t there = info->flow_type_rss_offloads;

	if (there == 0 || info->reta_size == 0)
		snprintf(why, size, "has no RSS that can be set");
	else if (!r->ports && (there & TYPES_ANY) != TYPES_ANY)
		snprintf(why, size, "cannot share out by addresses alone (see `fragments`)");
	else if (r->ports && (there & TYPES_TCP) != TYPES_TCP)
		snprintf(why, size, "cannot share out by the ports of TCP");
	else if (r->ports && r->datagrams && (there & TYPES_UDP) != TYPES_UDP)
		snprintf(why, size, "cannot share out by the ports of UDP");
	else if (r->tunnels && !r->outer_will_do && (there & RTE_ETH_RSS_LEVEL_INNERMOST) == 0)
		snprintf(why, size, "does not look into tunnels (`decap`)");
	else
		return false;
	return true;
}

static bool lacks_room(const struct rte_eth_dev_info *info, const struct rss *r, char *why,
		       size_t size)
{
	unsigned int queues = RTE_MIN(info->max_rx_queues, info->max_tx_queues);

	if (queues < r->queues)
		snprintf(why, size, "has %u %s for %u instances", queues,
			 queues == 1 ? "queue" : "queues", r->queues);
	else if (key_size(info) < RSS_KEY_LEAST || key_size(info) > RSS_KEY_MOST)
		snprintf(why, size, "has a key of %u bytes", key_size(info));
	else if (info->reta_size < r->queues || info->reta_size > RSS_ENTRIES_MOST ||
		 (info->reta_size & (info->reta_size - 1)) != 0)
		snprintf(why, size, "has a table of %u entries", info->reta_size);
	else
		return false;
	return true;
}

bool device_rss_can(const struct port *p, struct rss *r, char *why, size_t size)
{
	const struct device *d = port_device(p);
	struct rte_eth_dev_info info;

	if (d == NULL || rte_eth_dev_info_get(d->id, &info) != 0) {
		snprintf(why, size, "has no RSS that can be set");
		return false;
	}
	if (lacks_types(&info, r, why, size) || lacks_room(&info, r, why, size))
		return false;
	r->entries = RTE_MIN(r->entries, (uint32_t)info.reta_size);
	return true;
}

static struct rte_eth_rss_conf conf_of(const struct rte_eth_dev_info *info, const struct rss *r,
				       uint8_t *key)
{
	rss_fill_key(r, key, key_size(info));
	return (struct rte_eth_rss_conf){
	    .rss_key = key,
	    .rss_key_len = (uint8_t)key_size(info),
	    .rss_hf = types_of(info, r),
	};
}

void device_rss_configure(const struct rte_eth_dev_info *info, const struct rss *r, uint8_t *key,
			  struct rte_eth_conf *conf)
{
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf = conf_of(info, r, key);
}

static int apply_table(uint16_t id, uint16_t entries, const struct rss *r)
{
	struct rte_eth_rss_reta_entry64 table[RSS_ENTRIES_MOST / RTE_ETH_RETA_GROUP_SIZE];

	memset(table, 0, sizeof(table));
	for (uint32_t i = 0; i < entries; i++) {
		struct rte_eth_rss_reta_entry64 *group = &table[i / RTE_ETH_RETA_GROUP_SIZE];

		group->mask |= 1ull << i % RTE_ETH_RETA_GROUP_SIZE;
		group->reta[i % RTE_ETH_RETA_GROUP_SIZE] = rss_queue(r, i);
	}
	return rte_eth_dev_rss_reta_update(id, table, entries);
}

/* Not every driver can be asked. */
static int verify_key(uint16_t id, const struct rte_eth_rss_conf *asked)
{
	uint8_t key[RSS_KEY_MOST] = {0};
	struct rte_eth_rss_conf has = {.rss_key = key, .rss_key_len = asked->rss_key_len};
	int ret = rte_eth_dev_rss_hash_conf_get(id, &has);

	if (ret == -ENOTSUP)
		return 0;
	if (ret == 0 && memcmp(key, asked->rss_key, asked->rss_key_len) != 0)
		return -EPROTO;
	return ret;
}

int device_rss_apply(uint16_t id, const struct rte_eth_dev_info *info, const struct rss *r)
{
	uint8_t key[RSS_KEY_MOST];
	struct rte_eth_rss_conf conf = conf_of(info, r, key);
	int ret = apply_table(id, info->reta_size, r);

	/* Some take the key when they are configured only, some here only. */
	if (ret == 0)
		ret = rte_eth_dev_rss_hash_update(id, &conf);
	if (ret == -ENOTSUP)
		ret = 0;
	return ret == 0 ? verify_key(id, &conf) : ret;
}
