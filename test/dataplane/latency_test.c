/* Latencies: each value is counted where it belongs, and percentiles are of packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lcore/latency.h"

static struct latency one, other;

static int clear(void **state)
{
	(void)state;
	one = other = (struct latency){0};
	return 0;
}

static void a_value_is_told_wrong_by_more_than_a_sixteenth(void **state)
{
	(void)state;
	for (uint64_t value = 1; value < UINT64_MAX / 3; value = value * 2 + value / 3 + 1) {
		uint64_t told;

		one = (struct latency){0};
		latency_add(&one, value, 1);
		one.longest = UINT64_MAX;
		told = latency_percentile(&one, 50);
		assert_true(told >= value);
		assert_true(told - value <= value / 16);
	}
}

static void larger_values_are_counted_before_smaller_ones(void **state)
{
	uint32_t before = 0;

	(void)state;
	for (uint64_t value = 0; value < 100000; value++) {
		uint32_t bucket = latency_bucket(value);

		assert_true(bucket == before || bucket == before + 1);
		before = bucket;
	}
	assert_int_equal(latency_bucket(UINT64_MAX), LATENCY_BUCKETS - 1);
}

static void percentiles_are_of_bursts_and_not_of_packets(void **state)
{
	(void)state;
	latency_add(&one, 10, 98);
	latency_add(&one, 12, 1);
	latency_add(&one, 5000, 1);
	assert_int_equal(latency_percentile(&one, 50), 10);
	assert_int_equal(latency_percentile(&one, 98), 10);
	assert_int_equal(latency_percentile(&one, 99), 12);
	assert_int_equal(latency_percentile(&one, 100), 5000);
	assert_int_equal(one.packets, 100);
}

static void a_burst_without_packets_is_counted(void **state)
{
	(void)state;
	latency_add(&one, 900, 0);
	assert_int_equal(one.packets, 0);
	assert_int_equal(one.longest, 0);
	assert_int_equal(latency_percentile(&one, 99), 0);
}

static void what_instances_counted_is_lost_when_it_is_put_together(void **state)
{
	(void)state;
	latency_add(&one, 10, 1);
	latency_add(&other, 14, 3);
	latency_merge(&one, &other);
	assert_int_equal(one.packets, 4);
	assert_int_equal(one.longest, 14);
	assert_int_equal(latency_percentile(&one, 25), 10);
	assert_int_equal(latency_percentile(&one, 50), 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_value_is_told_wrong_by_more_than_a_sixteenth, clear),
	    cmocka_unit_test_setup(larger_values_are_counted_before_smaller_ones, clear),
	    cmocka_unit_test_setup(percentiles_are_of_bursts_and_not_of_packets, clear),
	    cmocka_unit_test_setup(a_burst_without_packets_is_counted, clear),
	    cmocka_unit_test_setup(what_instances_counted_is_lost_when_it_is_put_together, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
