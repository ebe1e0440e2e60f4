/* What the kernel counted at an interface, seen from its namespace. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/interface.h"

static void send_to_loopback(int count)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < count; i++)
		(void)sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	close(fd);
}

static void test_counts_what_loopback_received(void **state)
{
	uint64_t before, after;

	(void)state;
	assert_int_equal(interface_frames_received("lo", &before), 0);
	send_to_loopback(10);
	assert_int_equal(interface_frames_received("lo", &after), 0);
	assert_true(after >= before + 10);
}

static void test_no_such_interface_is_an_error(void **state)
{
	uint64_t frames;

	(void)state;
	assert_int_equal(interface_frames_received("nope0", &frames), -ENODEV);
}

static void test_the_start_of_a_name_is_not_the_name(void **state)
{
	uint64_t frames;

	(void)state;
	assert_int_equal(interface_frames_received("l", &frames), -ENODEV);
	assert_int_equal(interface_frames_received("", &frames), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts_what_loopback_received),
	    cmocka_unit_test(test_no_such_interface_is_an_error),
	    cmocka_unit_test(test_the_start_of_a_name_is_not_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
