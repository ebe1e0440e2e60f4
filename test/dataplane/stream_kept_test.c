/* Which of the bytes that a stream keeps are handed on: what the host has, has
 * thrown away, or may still get. Each case was found by test/fuzz/reassembly_fuzz. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rig_finish.h"
#include "support/shared_rigs.h"
#include "support/tcp_frame.h"

#define BUFFER_CHUNKS 8

static struct rte_mempool *pool;

static int rig_setup(void **state)
{
	*state = full_open(pool, 16, BUFFER_CHUNKS * sizeof(struct chunk));
	tcp_open(*state);
	return 0;
}

static int rig_teardown(void **state)
{
	rig_finish(*state, tcp_clock);
	return 0;
}

/* Gaps are dots. */
static void client_is(const struct rig *r, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(r->flows[0].len[MBX_CLIENT], len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(r->flows[0].stream[MBX_CLIENT][i], text[i] == '.' ? 0 : text[i]);
}

static void client_sends(struct rig *r, uint32_t offset, const char *text, uint8_t flags,
			 uint16_t urgent)
{
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1 + offset,
				       .ack = SERVER_ISN + 1,
				       .flags = TCP_ACK | flags,
				       .urgent = urgent,
				       .data = text,
				       .len = (uint32_t)strlen(text)});
}

/* Linux purges its queue when the FIN is reached. */
static void rfc9293_3_10_7_4_bytes_behind_a_fin_are_not_handed_on_at_the_end(void **state)
{
	struct rig *r = *state;

	tcp_data(r, 40, "behind");
	client_sends(r, 0, "all", TCP_FIN, 0);
	rig_end(r, tcp_clock);
	client_is(r, "all");
	assert_null(rig_event_find(r, EVENT_FLOW_GAP, 0));
}

/* They wait only here: the host has them in order already. */
static void rfc9293_3_8_5_bytes_behind_an_urgent_one_keep_their_first_value(void **state)
{
	struct rig *r = *state;

	tcp_data(r, 6, "fg");
	client_sends(r, 0, "abUde", TCP_URG, 3); /* U leaves the stream; waits there */
	client_sends(r, 5, "X", TCP_URG, 1);	 /* fills the hole; U is put back */
	client_sends(r, 2, "ZZZZZZZ", 0, 0);
	rig_end(r, tcp_clock);
	client_is(r, "abUdefgZ");
}

static void rfc9293_3_8_5_a_copy_behind_an_urgent_byte_is_compared(void **state)
{
	struct rig *r = *state;

	client_sends(r, 0, "abUde", TCP_URG, 3);
	client_sends(r, 3, "dX", TCP_URG, 1);
	assert_int_equal(rig_event_count(r, EVENT_FLOW_OVERLAP), 1);
	assert_int_equal(rig_event_find(r, EVENT_FLOW_OVERLAP, 0)->offset, 3);
}

static void a_copy_of_what_was_acknowledged_unseen_is_not_taken_in_part(void **state)
{
	struct rig *r = *state;

	client_sends(r, 5, "", 0, 0);
	tcp_ack(r, 5); /* it has five bytes that were not seen */
	client_sends(r, 0, "0123456789", 0, 0);
	assert_int_equal(r->flows[0].gap[MBX_CLIENT], 5);
	client_is(r, ".....56789");
}

static void what_is_remembered_goes_before_a_hole_is_given_up(void **state)
{
	static char block[PAGE_BYTES + 1];
	struct rig *r = *state;

	memset(block, 'b', PAGE_BYTES);
	for (uint32_t i = 0; i < 6; i++) { /* of these pages three are remembered */
		tcp_data(r, i * PAGE_BYTES, block);
		tcp_ack(r, (i + 1) * PAGE_BYTES);
	}
	for (uint32_t i = 0; i < 4; i++)
		tcp_data(r, (6 + i) * PAGE_BYTES + 100, "early");
	tcp_data(r, 0, "one more packet");
	assert_int_equal(r->counters.held_lost, 0);
	assert_int_equal(r->flows[0].gap[MBX_CLIENT], 0);
	assert_int_equal(r->stack.reassembly.pages, 4);
}

/* The FIN is behind a hole that was acknowledged, so nothing is held any more, but
 * memory is: this ended in an endless loop. */
static void memory_is_relieved_of_a_stream_that_holds_nothing(void **state)
{
	struct rig *r = *state;

	tcp_data(r, 0, "abc");
	tcp_data(r, 3200, "behind the FIN");
	client_sends(r, 1000, "", TCP_FIN, 0);
	tcp_ack(r, 1001);
	for (uint16_t i = 0; i < BUFFER_CHUNKS + 1; i++)
		tcp_send(r, &(struct tcp_spec){.client_port = (uint16_t)(2000 + i),
					       .seq = 1,
					       .ack = 1,
					       .flags = TCP_ACK,
					       .data = "a page each",
					       .len = 11});
	assert_true(r->stack.reassembly.pages < BUFFER_CHUNKS);
	client_is(r, "abc");
}

int main(void)
{
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
	    RIG_TEST(rfc9293_3_10_7_4_bytes_behind_a_fin_are_not_handed_on_at_the_end),
	    RIG_TEST(rfc9293_3_8_5_bytes_behind_an_urgent_one_keep_their_first_value),
	    RIG_TEST(rfc9293_3_8_5_a_copy_behind_an_urgent_byte_is_compared),
	    RIG_TEST(a_copy_of_what_was_acknowledged_unseen_is_not_taken_in_part),
	    RIG_TEST(what_is_remembered_goes_before_a_hole_is_given_up),
	    RIG_TEST(memory_is_relieved_of_a_stream_that_holds_nothing),
	};

	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		return 1;
	pool = test_pool_create("frames", 64, 2048);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
