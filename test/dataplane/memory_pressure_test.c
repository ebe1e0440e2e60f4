/* Memory for bytes is short, and functions may drop: what an honest sender still needs
 * is kept longer than what its peer has acknowledged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rig_finish.h"
#include "support/tcp_frame.h"

#define CHUNKS 128
#define HISTORY (1 << 20) /* more than there is memory */
#define SEGMENT 1000
#define OTHERS 8

RIG_INSTANCE(dropping, .flows = true, .tcp = true, .data_client = true, .overlap = true,
	     .drops = true, .history = HISTORY, .idle_ns = 60000000000ull,
	     .record_size = sizeof(struct rig_record), .tcp_at = offsetof(struct rig_record, tcp),
	     .stream_at = offsetof(struct rig_record, stream),
	     .digests_at = offsetof(struct rig_record, digests))

/* Bytes find the flow of the packet that sets them free: who drops the flow for them drops
 * the packet too. With the first repetition, most of the memory is taken away. */
static unsigned int pieces;

static void finding_raise(struct stack *s, struct burst *b, enum event_type type,
			  const struct event_site *site)
{
	rig_raise(s, b, type, site);
	if (type == EVENT_FLOW_REXMIT)
		s->reassembly.limit /= 4;
	if (type != EVENT_DATA_TCP || site->packet == EVENT_NO_PACKET)
		return;
	assert_ptr_equal(b->flow[site->packet], site->flow);
	pieces++;
}

static const struct stack_hooks finding_hooks = {
    .match = rig_match,
    .subscribe = rig_subscribe,
    .wants_data = rig_wants_data,
    .follows = rig_follows_flow,
    .unsettled = rig_unsettled,
    .raise = finding_raise,
};
RIG_INSTANCE_WITH(finding, &finding_hooks, .flows = true, .tcp = true, .data_client = true,
		  .rexmit = true, .drops = true, .idle_ns = 60000000000ull,
		  .record_size = sizeof(struct rig_record),
		  .tcp_at = offsetof(struct rig_record, tcp),
		  .stream_at = offsetof(struct rig_record, stream),
		  .digests_at = offsetof(struct rig_record, digests))

static struct rte_mempool *pool;
static const uint8_t bytes[SEGMENT] = "honest bytes";

static int rig_setup(void **state)
{
	*state = dropping_open(pool, 64, CHUNKS * sizeof(struct chunk));
	return 0;
}

static int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock);
	return 0;
}

static void client(struct rig *r, uint16_t port, uint32_t offset, uint8_t flags, uint32_t len)
{
	tcp_send(r, &(struct tcp_spec){.dir = 0,
				       .client_port = port,
				       .seq = CLIENT_ISN + offset,
				       .ack = flags & TCP_ACK ? SERVER_ISN + 1 : 0,
				       .flags = flags,
				       .window = 60000,
				       .data = bytes,
				       .len = len});
}

static void server(struct rig *r, uint16_t port, uint32_t ack, uint8_t flags)
{
	tcp_send(r, &(struct tcp_spec){.dir = 1,
				       .client_port = port,
				       .seq = flags & TCP_SYN ? SERVER_ISN : SERVER_ISN + 1,
				       .ack = CLIENT_ISN + ack,
				       .flags = flags,
				       .window = 60000});
}

static void open_port(struct rig *r, uint16_t port)
{
	client(r, port, 0, TCP_SYN, 0);
	server(r, port, 1, TCP_SYN | TCP_ACK);
	client(r, port, 1, TCP_ACK, 0);
}

/* Connections whose bytes are acknowledged fill the memory with their history. */
static void history_of_others_costs_no_sender_its_retransmission(void **state)
{
	struct rig *r = *state;
	const uint16_t honest = 999;
	const uint32_t flight = 20;

	open_port(r, honest);
	for (uint32_t i = 0; i < flight; i++)
		client(r, honest, 1 + i * SEGMENT, TCP_ACK, SEGMENT);
	for (uint16_t port = 1; port <= OTHERS; port++)
		open_port(r, port);
	for (uint32_t i = 0; i < CHUNKS; i++)
		for (uint16_t port = 1; port <= OTHERS; port++) {
			client(r, port, 1 + i * SEGMENT, TCP_ACK, SEGMENT);
			server(r, port, 1 + (i + 1) * SEGMENT, TCP_ACK);
		}
	for (uint32_t i = 0; i < flight; i++) {
		client(r, honest, 1 + i * SEGMENT, TCP_ACK, SEGMENT);
		assert_int_equal(r->burst.verdict[0], VERDICT_FORWARD);
	}
}

/* Of one with both, the history goes when there is no room for others. */
static void own_history_goes_before_what_is_in_flight(void **state)
{
	struct rig *r = *state;
	const uint16_t honest = 999;
	const uint32_t acked = 60;
	uint16_t port = 1;

	open_port(r, honest);
	for (uint32_t i = 0; i < acked; i++) {
		client(r, honest, 1 + i * SEGMENT, TCP_ACK, SEGMENT);
		if (i % 10 == 9)
			server(r, honest, 1 + (i + 1) * SEGMENT, TCP_ACK);
	}
	client(r, honest, 1 + acked * SEGMENT, TCP_ACK, SEGMENT);
	/* Others hold what waits behind a hole, so they have no history to give. */
	do {
		open_port(r, port);
		for (uint32_t i = 0; i < 8; i++)
			client(r, port, 2 + i * SEGMENT, TCP_ACK, SEGMENT);
		port++;
	} while (r->burst.verdict[0] == VERDICT_FORWARD && port < 60);
	assert_int_equal(r->burst.verdict[0], VERDICT_DROP_UNKEPT);
	client(r, honest, 1 + acked * SEGMENT, TCP_ACK, SEGMENT);
	assert_int_equal(r->burst.verdict[0], VERDICT_FORWARD);
}

/* A flow begins, and holds more than there is memory, in one burst. */
static void bytes_given_up_find_the_flow_of_a_packet_in_its_first_burst(void **state)
{
	struct rig *r = finding_open(pool, 64, 64 * sizeof(struct chunk));
	const struct tcp_spec open[] = {
	    {.dir = 0, .seq = CLIENT_ISN, .flags = TCP_SYN},
	    {.dir = 1,
	     .seq = SERVER_ISN,
	     .ack = CLIENT_ISN + 1,
	     .flags = TCP_SYN | TCP_ACK,
	     .window = 60000},
	    {.dir = 0, .seq = CLIENT_ISN + 1, .ack = SERVER_ISN + 1, .flags = TCP_ACK},
	};
	/* Next bytes, early ones, and the next ones again. */
	struct rte_mbuf *burst[RTE_DIM(open) + 40];
	uint16_t count = 0;

	(void)state;
	for (; count < RTE_DIM(open); count++)
		burst[count] = tcp_frame(r, &open[count], tcp_clock);
	for (uint32_t i = 0; count < RTE_DIM(burst); i++) {
		bool again = count == RTE_DIM(burst) - 2;
		uint32_t at = i == 0 || again ? 0 : 10 + i * SEGMENT;

		burst[count++] = tcp_frame(r,
					   &(struct tcp_spec){.dir = 0,
							      .seq = CLIENT_ISN + 1 + at,
							      .ack = SERVER_ISN + 1,
							      .flags = TCP_ACK,
							      .data = bytes,
							      .len = SEGMENT},
					   tcp_clock);
	}
	pieces = 0;
	rig_run(r, burst, count, LINK_ETHERNET);
	assert_true(pieces > 1);
	assert_true(r->counters.held_lost > 0);
	rig_finish(r, tcp_clock);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(history_of_others_costs_no_sender_its_retransmission),
	    CASE(own_history_goes_before_what_is_in_flight),
	    cmocka_unit_test(bytes_given_up_find_the_flow_of_a_packet_in_its_first_burst),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", RIG_MBUFS, 4096);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
