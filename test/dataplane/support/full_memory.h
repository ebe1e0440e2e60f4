/* Functions may drop, and attackers hold all of `buffer`: who is honest beside them. The
 * streams of all are of the same bytes. */
#pragma once

#include "rig_finish.h"
#include "tcp_frame.h"

#define CHUNKS 256
#define SEGMENT 700
#define ATTACKERS 400
#define HONEST 40000 /* its client's port */

RIG_INSTANCE(dropping, .flows = true, .tcp = true, .data_client = true, .gap = true,
	     .overlap = true, .drops = true, .history = 4096, .idle_ns = 60000000000ull,
	     .record_size = sizeof(struct rig_record), .tcp_at = offsetof(struct rig_record, tcp),
	     .stream_at = offsetof(struct rig_record, stream),
	     .digests_at = offsetof(struct rig_record, digests))

static struct rte_mempool *pool;
static uint8_t bytes[1 << 16];

static inline int rig_setup(void **state)
{
	for (uint32_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + i / 251);
	*state = dropping_open(pool, 2 * ATTACKERS, CHUNKS * sizeof(struct chunk));
	return 0;
}

static inline int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock);
	return 0;
}

static inline enum verdict client_sends(struct rig *r, struct tcp_spec spec)
{
	spec.window = 60000;
	spec.ack = spec.flags & TCP_ACK ? SERVER_ISN + 1 : 0;
	tcp_send(r, &spec);
	return (enum verdict)r->burst.verdict[0];
}

/* Bytes [from, to) of the honest stream. */
static inline enum verdict data(struct rig *r, uint16_t port, uint32_t from, uint32_t to)
{
	return client_sends(r, (struct tcp_spec){.client_port = port,
						 .seq = CLIENT_ISN + 1 + from,
						 .flags = TCP_ACK,
						 .data = bytes + from,
						 .len = to - from});
}

static inline void server_acks(struct rig *r, uint16_t port, uint32_t offset, uint8_t flags)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .client_port = port,
				       .seq = flags & TCP_SYN ? SERVER_ISN : SERVER_ISN + 1,
				       .ack = CLIENT_ISN + 1 + offset,
				       .flags = flags | TCP_ACK,
				       .window = 60000});
}

static inline void open_port(struct rig *r, uint16_t port)
{
	client_sends(r,
		     (struct tcp_spec){.client_port = port, .seq = CLIENT_ISN, .flags = TCP_SYN});
	server_acks(r, port, 0, TCP_SYN);
	client_sends(
	    r, (struct tcp_spec){.client_port = port, .seq = CLIENT_ISN + 1, .flags = TCP_ACK});
}

/* Attackers each hold `segments` of what they sent, from `first` on, until there is room
 * for no page more. */
static inline void fill(struct rig *r, uint32_t first, uint32_t segments)
{
	const struct reassembly *a = &r->stack.reassembly;

	for (uint16_t port = 1; port <= ATTACKERS && a->pages < a->limit; port++) {
		open_port(r, port);
		for (uint32_t i = 0; i < segments; i++)
			data(r, port, first + i * SEGMENT, first + (i + 1) * SEGMENT);
	}
	assert_int_equal(a->pages, a->limit);
	r->counters.held_digested = 0;
}

static inline void fill_with_holes(struct rig *r)
{
	fill(r, 1, 6);
}

static inline void fill_with_bytes_in_flight(struct rig *r)
{
	fill(r, 0, 6);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

/* Before all cases. */
static inline int full_memory_open(void **state)
{
	(void)state;
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return -1;
	pool = test_pool_create("frames", RIG_MBUFS, 4096);
	return 0;
}
