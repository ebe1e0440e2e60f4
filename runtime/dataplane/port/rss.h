/* How devices share packets out to the instances of a program by themselves (receive
 * side scaling): all by one key and one table, both ours, so that who has a packet can
 * be computed here as well. */
#pragma once

#include <rte_byteorder.h>
#include <stdbool.h>
#include <stdint.h>

#define RSS_KEY_LEAST 40 /* bytes: of two addresses and ports of IPv6, and a hash more */
#define RSS_KEY_MOST 128
#define RSS_ENTRIES_MOST 4096

/* Toeplitz with a key that is the same 16 bits over and over. It then sees of its input
 * only the exclusive-or of all words of 16 bits, to which it does not matter which end
 * comes first: both directions of a flow have one hash, at every device (Woo and Park,
 * "Scalable TCP session monitoring with symmetric receive-side scaling", 2012). Here it
 * is two lookups. The hash is 16 bits, twice. */
struct rss {
	uint16_t key;	    /* the bits, drawn at the start */
	uint16_t queues;    /* one of each device for each instance */
	uint32_t entries;   /* of the table, as the smallest device has: a power of two */
	bool ports;	    /* ports decide too; false: the addresses alone */
	bool datagrams;	    /* somebody hears those of UDP */
	bool tunnels;	    /* the flows inside of tunnels matter */
	bool outer_will_do; /* also where a device does not look into them */
	uint16_t of_high[256], of_low[256]; /* hash of either byte */
};

/* A key whose hashes are even: an odd number of its bits is set, so that different words
 * have different hashes; and no more than three bits in a row are alike, so that clients'
 * ports that count up do not share the bits that choose a queue. One of 8576. `secret`:
 * as drawn. */
uint16_t rss_key(uint64_t secret);

/* Fills the lookups; the other members stay. */
void rss_set_key(struct rss *r, uint16_t key);

/* The key as a device is given it. */
void rss_fill_key(const struct rss *r, uint8_t *key, unsigned int size);

/* `addresses`: words as they lie in an IP header; `ports`: both, in host order. */
static inline uint16_t rss_hash(const struct rss *r, const uint32_t *addresses, unsigned int words,
				uint32_t ports)
{
	uint32_t fold = 0;
	uint16_t word;

	for (unsigned int i = 0; i < words; i++)
		fold ^= addresses[i];
	word = rte_be_to_cpu_16((uint16_t)(fold ^ fold >> 16));
	if (r->ports)
		word ^= (uint16_t)(ports ^ ports >> 16);
	return r->of_high[word >> 8] ^ r->of_low[word & 0xff];
}

/* What stands in the table: queues in turn. Devices with larger ones repeat it. */
static inline uint16_t rss_queue(const struct rss *r, uint32_t hash)
{
	return (uint16_t)((hash & (r->entries - 1)) % r->queues);
}
