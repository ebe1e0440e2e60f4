/* Functions may drop, and others hold all of `buffer`: segments with SYN, FIN or URG, which
 * are more than their bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/full_memory.h"

/* A segment that did not leave has not come: its FIN ends nothing. */
static void fin_of_what_did_not_leave_ends_nothing(void **state)
{
	struct rig *r = *state;
	struct tcp_spec fin = {.client_port = HONEST,
			       .seq = CLIENT_ISN + 1 + SEGMENT,
			       .flags = TCP_ACK | TCP_FIN,
			       .data = bytes + SEGMENT,
			       .len = SEGMENT};

	fill_with_holes(r);
	open_port(r, HONEST);
	assert_int_equal(client_sends(r, fin), VERDICT_DROP_UNKEPT);
	assert_int_equal(data(r, HONEST, 0, SEGMENT), VERDICT_FORWARD);
	assert_int_equal(data(r, HONEST, SEGMENT, 3 * SEGMENT), VERDICT_FORWARD);
	assert_int_equal(r->flows[r->flow_count - 1].len[0], 3 * SEGMENT);
}

/* A SYN's bytes are in doubt: the host takes them if it knows the cookie (RFC 7413). They
 * leave if they can be handed on once it has acknowledged them. */
static void bytes_of_a_syn_leave_that_nobody_will_hear(void **state)
{
	struct rig *r = *state;
	struct tcp_spec syn = {.client_port = HONEST,
			       .seq = CLIENT_ISN,
			       .flags = TCP_SYN,
			       .data = bytes,
			       .len = SEGMENT};

	fill_with_bytes_in_flight(r);
	assert_int_equal(client_sends(r, syn), VERDICT_DROP_UNKEPT);
	assert_int_equal(r->counters.held_lost, 0);
	/* Its sender goes on without. */
	open_port(r, HONEST);
	assert_int_equal(data(r, HONEST, 0, SEGMENT), VERDICT_FORWARD);
	assert_int_equal(r->flows[r->flow_count - 1].len[0], SEGMENT);
}

static void urgent_bytes_leave_when_memory_is_full(void **state)
{
	struct rig *r = *state;

	fill_with_holes(r);
	open_port(r, HONEST);
	for (uint32_t at = 0; at < 4 * SEGMENT; at += SEGMENT)
		assert_int_equal(client_sends(r, (struct tcp_spec){.client_port = HONEST,
								   .seq = CLIENT_ISN + 1 + at,
								   .flags = TCP_ACK | TCP_URG,
								   .urgent = 10,
								   .data = bytes + at,
								   .len = SEGMENT}),
				 VERDICT_FORWARD);
	assert_int_equal(r->flows[r->flow_count - 1].len[0], 4 * (SEGMENT - 1));
	assert_true(r->stack.reassembly.pages <= r->stack.reassembly.limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(fin_of_what_did_not_leave_ends_nothing),
	    CASE(bytes_of_a_syn_leave_that_nobody_will_hear),
	    CASE(urgent_bytes_leave_when_memory_is_full),
	};

	return cmocka_run_group_tests(tests, full_memory_open, NULL);
}
