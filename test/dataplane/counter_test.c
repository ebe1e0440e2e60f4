#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "counter.h"

static void every_counter_has_a_name_in_the_order_of_the_struct(void **state)
{
	(void)state;
	assert_int_equal(counter_count, sizeof(struct counters) / sizeof(uint64_t));
	assert_string_equal(counter_infos[0].name, "packets.in");
	assert_string_equal(counter_infos[offsetof(struct counters, tcp_gap) / 8].name, "tcp.gaps");
}

static void names_are_unique_and_of_the_form_group_cause(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < counter_count; i++) {
		const char *name = counter_infos[i].name;

		assert_non_null(strchr(name, '.'));
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_."),
				 strlen(name));
		assert_true(strlen(counter_infos[i].doc) > 0);
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(name, counter_infos[j].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_counter_has_a_name_in_the_order_of_the_struct),
	    cmocka_unit_test(names_are_unique_and_of_the_form_group_cause),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
