/* Flows are found, refused, visited and freed; a handle is good as long as its flow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include <rte_errno.h>

#include "support/flow_keys.h"
#include "support/random.h"

static void inserted_flow_is_found_and_removed_one_is_not(void **state)
{
	struct flow_table *t = table_of(10);
	struct flow_key key = key_of(1);
	struct flow *f = insert(t, &key);

	(void)state;
	assert_non_null(f);
	assert_ptr_equal(lookup(t, &key), f);
	assert_int_equal(f->flags, FLOW_LIVE);
	assert_ptr_equal(flow_table_at(t, f->index), f);
	flow_table_remove(t, f);
	assert_null(lookup(t, &key));
	assert_int_equal(flow_table_live(t), 0);
	flow_table_free(t, f);
	flow_table_destroy(t);
}

static void reused_record_is_zeroed(void **state)
{
	struct flow_table *t = table_of(1);
	struct flow_key key = key_of(1);
	struct flow *f = insert(t, &key);
	const uint8_t *bytes = (const uint8_t *)f;

	(void)state;
	memset((uint8_t *)f + sizeof(*f), 0xff, RECORD - sizeof(*f));
	f->last_seen = 5;
	end(t, f);
	key = key_of(2);
	assert_ptr_equal(insert(t, &key), f);
	assert_int_equal(f->last_seen, 0);
	for (size_t i = sizeof(*f); i < RECORD; i++)
		assert_int_equal(bytes[i], 0);
	flow_table_destroy(t);
}

static void handle_is_stale_once_its_flow_is_freed(void **state)
{
	struct flow_table *t = table_of(1);
	struct flow_key key = key_of(1);
	struct flow *f = insert(t, &key);
	struct mbx_flow handle = flow_handle(f);

	(void)state;
	assert_ptr_equal(flow_table_get(t, handle), f);
	flow_table_remove(t, f);
	assert_ptr_equal(flow_table_get(t, handle), f); /* its last burst */
	flow_table_free(t, f);
	assert_null(flow_table_get(t, handle));
	assert_ptr_equal(insert(t, &key), f);
	assert_null(flow_table_get(t, handle));
	assert_ptr_equal(flow_table_get(t, flow_handle(f)), f);
	flow_table_destroy(t);
}

static void handles_that_were_never_given_are_stale(void **state)
{
	struct flow_table *t = table_of(4);
	struct flow_key key = key_of(1);

	(void)state;
	insert(t, &key);
	assert_null(flow_table_get(t, (struct mbx_flow){0}));
	assert_null(flow_table_get(t, (struct mbx_flow){.index = 1, .generation = 1}));
	assert_null(flow_table_get(t, (struct mbx_flow){.index = FLOW_NONE, .generation = 1}));
	flow_table_destroy(t);
}

static void generation_keeps_to_29_bits_and_skips_zero(void **state)
{
	struct flow_table *t = table_of(1);
	struct flow_key key = key_of(1);
	struct flow *f = insert(t, &key);

	(void)state;
	assert_int_equal(f->generation, 1);
	f->generation = (1u << 29) - 1;
	end(t, f);
	assert_int_equal(insert(t, &key)->generation, 1);
	flow_table_destroy(t);
}

static void freeing_twice_gives_the_record_once(void **state)
{
	struct flow_table *t = table_of(2);
	struct flow_key a = key_of(1), b = key_of(2), c = key_of(4);
	struct flow *f = insert(t, &a);

	(void)state;
	flow_table_free(t, f); /* removes it as well */
	flow_table_remove(t, f);
	flow_table_free(t, f);
	assert_int_equal(flow_table_live(t), 0);
	assert_ptr_not_equal(insert(t, &b), insert(t, &c));
	assert_null(insert(t, &a));
	flow_table_destroy(t);
}

static void full_table_refuses_and_takes_again_after_an_end(void **state)
{
	struct flow_table *t = table_of(1000);
	struct flow_key key;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		key = key_of(i);
		assert_non_null(insert(t, &key));
	}
	assert_int_equal(flow_table_live(t), flow_table_capacity(t));
	key = key_of(1000);
	assert_null(insert(t, &key));
	end(t, flow_table_at(t, 77));
	assert_non_null(insert(t, &key));
	for (uint32_t i = 0; i <= 1000; i++) {
		key = key_of(i);
		assert_int_equal(lookup(t, &key) != NULL, i != 77);
	}
	flow_table_destroy(t);
}

static void every_size_of_table_holds_as_many_flows_as_it_says(void **state)
{
	const uint32_t sizes[] = {1, 2, 7, 12, 13, 96, 97, 1536, 6144, 49152};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct flow_table *t = table_of(sizes[i]);

		for (uint32_t n = 0; n < sizes[i]; n++) {
			struct flow_key key = key_of(n);

			assert_non_null(insert(t, &key));
		}
		flow_table_destroy(t);
	}
}

static void bad_configurations_are_refused(void **state)
{
	struct flow_table_config config = {.flows = 0, .record_size = RECORD, .socket = -1};

	(void)state;
	assert_null(flow_table_create(&config));
	assert_int_equal(rte_errno, EINVAL);
	config.flows = (1u << 24) + 1;
	assert_null(flow_table_create(&config));
	config.flows = 10;
	config.record_size = 64;
	assert_null(flow_table_create(&config));
	config.record_size = RECORD + 1;
	assert_null(flow_table_create(&config));
	flow_table_destroy(NULL);
}

static void million_flows_take_the_memory_that_is_announced(void **state)
{
	struct flow_table_config config = {
	    .flows = 1000000, .record_size = 256, .seed = 1, .socket = 0};
	struct flow_table *t = flow_table_create(&config);

	(void)state;
	assert_non_null(t);
	assert_true(flow_table_memory(&config) > 256000000);
	assert_true(flow_table_memory(&config) < 300000000);
	flow_table_destroy(t);
}

static void look_up(struct flow_table *t, struct packet *packets, unsigned int count,
		    struct flow **flows)
{
	flow_table_hash_bulk(t, packets, count);
	flow_table_guess_bulk(t, packets, count, flows);
	flow_table_lookup_bulk(t, packets, count, flows);
}

static void bulk_lookup_finds_what_single_lookups_find(void **state)
{
	struct flow_table *t = table_of(3000);
	struct packet packets[100];
	struct flow *flows[100];

	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		struct flow_key key = key_of(i);

		assert_non_null(insert(t, &key));
	}
	for (uint32_t start = 0; start < 6000; start += 100) {
		memset(packets, 0, sizeof(packets));
		for (uint32_t i = 0; i < 100; i++) {
			packets[i].key = key_of(start + i);
			packets[i].flags = PACKET_IP4 | PACKET_TCP;
		}
		look_up(t, packets, 100, flows);
		for (uint32_t i = 0; i < 100; i++) {
			assert_ptr_equal(flows[i], lookup(t, &packets[i].key));
			assert_int_equal(flows[i] != NULL, start + i < 3000);
			assert_int_equal(packets[i].hash, flow_table_hash(t, &packets[i].key));
		}
	}
	flow_table_destroy(t);
}

static void fragments_and_malformed_packets_have_no_flow(void **state)
{
	const uint16_t flags[] = {PACKET_ETH, PACKET_IP4 | PACKET_FRAGMENT,
				  PACKET_IP4 | PACKET_MALFORMED, PACKET_IP4};
	struct flow_table *t = table_of(10);
	struct packet packets[4] = {0};
	struct flow *flows[4];
	struct flow_key key = key_of(1);

	(void)state;
	insert(t, &key);
	for (int i = 0; i < 4; i++) {
		packets[i].flags = flags[i];
		packets[i].key = key;
	}
	look_up(t, packets, 4, flows);
	for (int i = 0; i < 3; i++)
		assert_null(flows[i]);
	assert_non_null(flows[3]);
	flow_table_destroy(t);
}

static void a_record_that_was_taken_again_is_not_the_flow_that_was_guessed(void **state)
{
	struct flow_table *t = table_of(1);
	struct packet packet = {.key = key_of(1), .flags = PACKET_IP4 | PACKET_TCP};
	struct flow_key other = key_of(2);
	struct flow *flow = insert(t, &packet.key), *guess;

	(void)state;
	flow_table_hash_bulk(t, &packet, 1);
	flow_table_guess_bulk(t, &packet, 1, &guess);
	assert_ptr_equal(guess, flow);
	flow_table_free(t, flow);
	assert_ptr_equal(insert(t, &other), flow);
	flow_table_lookup_bulk(t, &packet, 1, &guess);
	assert_null(guess);
	flow_table_destroy(t);
}

struct visited {
	struct flow_table *table;
	uint32_t count, last;
};

static void visit(struct flow *f, void *arg)
{
	struct visited *v = arg;

	assert_true(v->count == 0 || f->index > v->last);
	v->last = f->index;
	v->count++;
	if (f->index % 2 == 0)
		end(v->table, f);
}

static void iteration_visits_live_flows_in_order_and_may_end_them(void **state)
{
	struct flow_table *t = table_of(500);
	struct visited v = {.table = t};

	(void)state;
	for (uint32_t i = 0; i < 400; i++) {
		struct flow_key key = key_of(i);

		insert(t, &key);
	}
	flow_table_iterate(t, visit, &v);
	assert_int_equal(v.count, 400);
	assert_int_equal(flow_table_live(t), 200);
	v.count = 0;
	flow_table_iterate(t, visit, &v);
	assert_int_equal(v.count, 200);
	flow_table_destroy(t);
}

/* The model: a plain array from the key's number to its record. The table is
 * always nearly full, so that inserts have to move others. */
static void table_agrees_with_a_plain_array(void **state)
{
	enum { KEYS = 9000, FLOWS = 6144, OPERATIONS = 200000 };
	struct flow_table *t = table_of(FLOWS);
	struct flow **model = calloc(KEYS, sizeof(*model));
	uint32_t live = 0;
	uint64_t random = 5;

	(void)state;
	assert_non_null(model);
	for (int i = 0; i < OPERATIONS; i++) {
		uint32_t n = test_random(&random) % KEYS;
		struct flow_key key = key_of(n);

		assert_ptr_equal(lookup(t, &key), model[n]);
		if (model[n] != NULL) {
			if (test_random(&random) % 4 == 0 || live == FLOWS) {
				end(t, model[n]);
				model[n] = NULL;
				live--;
			}
		} else {
			model[n] = insert(t, &key);
			assert_int_equal(model[n] != NULL, live < FLOWS);
			live += model[n] != NULL;
		}
		assert_int_equal(flow_table_live(t), live);
	}
	for (uint32_t n = 0; n < KEYS; n++) {
		struct flow_key key = key_of(n);

		assert_ptr_equal(lookup(t, &key), model[n]);
	}
	free(model);
	flow_table_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(inserted_flow_is_found_and_removed_one_is_not),
	    cmocka_unit_test(reused_record_is_zeroed),
	    cmocka_unit_test(handle_is_stale_once_its_flow_is_freed),
	    cmocka_unit_test(handles_that_were_never_given_are_stale),
	    cmocka_unit_test(generation_keeps_to_29_bits_and_skips_zero),
	    cmocka_unit_test(freeing_twice_gives_the_record_once),
	    cmocka_unit_test(full_table_refuses_and_takes_again_after_an_end),
	    cmocka_unit_test(every_size_of_table_holds_as_many_flows_as_it_says),
	    cmocka_unit_test(bad_configurations_are_refused),
	    cmocka_unit_test(million_flows_take_the_memory_that_is_announced),
	    cmocka_unit_test(bulk_lookup_finds_what_single_lookups_find),
	    cmocka_unit_test(fragments_and_malformed_packets_have_no_flow),
	    cmocka_unit_test(a_record_that_was_taken_again_is_not_the_flow_that_was_guessed),
	    cmocka_unit_test(iteration_visits_live_flows_in_order_and_may_end_them),
	    cmocka_unit_test(table_agrees_with_a_plain_array),
	};

	return cmocka_run_group_tests_name("flow table", tests, NULL, NULL);
}
