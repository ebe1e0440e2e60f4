/* Packet memory: where its objects lie, and what is said when there is none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/resource.h>

#include "memory/pools.h"
#include "support/eal.h"

#define MBUFS 1000u
#define CHUNK_BYTES (64u * CHUNK_SIZE)

static void objects_lie_close_together_and_not_at_one_offset_of_pages(void **state)
{
	const struct packet_memory_config config = {.mbufs = MBUFS, .chunk_bytes = CHUNK_BYTES};
	struct rte_mbuf *mbufs[MBUFS];
	struct packet_memory m;
	struct fault fault;
	uintptr_t low = UINTPTR_MAX, high = 0;
	unsigned int same_offset = 0;

	(void)state;
	assert_int_equal(packet_memory_create(&m, &config, &fault), 0);
	for (unsigned int i = 0; i < MBUFS; i++) {
		mbufs[i] = rte_pktmbuf_alloc(m.mbufs);
		assert_non_null(mbufs[i]);
		low = RTE_MIN(low, (uintptr_t)mbufs[i]);
		high = RTE_MAX(high, (uintptr_t)mbufs[i]);
		same_offset += ((uintptr_t)mbufs[i] & 4095) == ((uintptr_t)mbufs[0] & 4095);
	}
	assert_true(high - low < packet_memory_mbuf_bytes(MBUFS) + 4096);
	assert_true(same_offset < MBUFS / 10);
	assert_true((uint8_t *)low > m.base && (uint8_t *)high < m.chunks);
	rte_pktmbuf_free_bulk(mbufs, MBUFS);
	packet_memory_destroy(&m);
}

static void chunks_lie_behind_the_packets_in_the_same_region(void **state)
{
	const struct packet_memory_config config = {.mbufs = MBUFS, .chunk_bytes = CHUNK_BYTES};
	struct packet_memory m;
	struct chunk_pool chunks;
	struct fault fault;

	(void)state;
	assert_int_equal(packet_memory_create(&m, &config, &fault), 0);
	assert_int_equal((uintptr_t)m.chunks % 64, 0);
	assert_true(m.chunks + m.chunks_size <= m.base + m.size);
	chunk_pool_init(&chunks, m.chunks, m.chunks_size);
	assert_int_equal(chunks.available, CHUNK_BYTES / CHUNK_SIZE);
	for (unsigned int i = 0; i < CHUNK_BYTES / CHUNK_SIZE; i++)
		memset(chunk_take(&chunks)->data, 0xff, sizeof(((struct chunk *)0)->data));
	packet_memory_destroy(&m);
}

static void more_than_an_array_buffer_can_hold_is_refused(void **state)
{
	const struct packet_memory_config config = {.mbufs = MBUFS, .chunk_bytes = 4ull << 30};
	struct packet_memory m;
	struct fault fault;

	(void)state;
	assert_true(packet_memory_create(&m, &config, &fault) < 0);
	assert_string_equal(fault.code, FAULT_NO_MEMORY);
	assert_non_null(strstr(fault.message, "buffer"));
}

static void a_system_without_memory_gives_an_error_and_no_crash(void **state)
{
	const struct packet_memory_config config = {.mbufs = MBUFS, .chunk_bytes = 1u << 30};
	struct rlimit before, none;
	struct packet_memory m;
	struct fault fault;
	int ret;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
	none = before;
	none.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
	ret = packet_memory_create(&m, &config, &fault);
	assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
	assert_true(ret < 0);
	assert_string_equal(fault.code, FAULT_NO_MEMORY);
}

static void the_plan_names_what_it_adds_up(void **state)
{
	struct pool_plan plan = {0};

	(void)state;
	pool_plan_add(&plan, 10, 1000, "flows %s", "web");
	for (unsigned int i = 0; i < POOLS_MAX + 5; i++)
		pool_plan_add(&plan, 1, 1, "state %u", i);
	assert_string_equal(plan.pool[0].name, "flows web");
	assert_int_equal(plan.count, POOLS_MAX);
	assert_int_equal(pool_plan_bytes(&plan), 1000 + POOLS_MAX + 5);
	assert_true(memory_available() > 0);
}

static int group_setup(void **state)
{
	(void)state;
	return test_eal_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(objects_lie_close_together_and_not_at_one_offset_of_pages),
	    cmocka_unit_test(chunks_lie_behind_the_packets_in_the_same_region),
	    cmocka_unit_test(more_than_an_array_buffer_can_hold_is_refused),
	    cmocka_unit_test(a_system_without_memory_gives_an_error_and_no_crash),
	    cmocka_unit_test(the_plan_names_what_it_adds_up),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
