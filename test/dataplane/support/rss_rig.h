/* The program of wire_program.h over two cards of fake_rss.h. */
#pragma once

#include "lcore/counters.h"
#include "lcore/distributor.h"
#include "lcore/open.h"
#include "eal.h"
#include "fake_rss.h"
#include "wire_program.h"

#define TYPES                                                                                      \
	(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |                 \
	 RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV4_OTHER | RTE_ETH_RSS_IPV6 |        \
	 RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP |     \
	 RTE_ETH_RSS_NONFRAG_IPV6_OTHER)

static const struct dataplane_binding cards[] = {{"client", "net_ring_card0"},
						 {"server", "net_ring_card1"}};

static inline void cards_are(uint16_t queues, uint64_t types)
{
	for (unsigned int i = 0; i < FAKE_CARDS; i++) {
		fake[i].queues = queues;
		fake[i].types = types;
		fake[i].entries = i == 0 ? 512 : 64;
	}
}

static inline int take(struct runner **r, const struct dataplane_binding *bindings,
		       enum dataplane_rss rss, struct fault *fault)
{
	const struct dataplane_options options = {
	    .bindings = bindings, .binding_count = 2, .burst = 32, .rss = rss};

	*r = calloc(1, sizeof(**r));
	assert_non_null(*r);
	return runner_take(*r, &program, &options, false, fault);
}

static inline void features_are(bool fragments, uint8_t decap)
{
	features = (struct stack_features){.udp = true, .fragments = fragments, .decap = decap};
}
