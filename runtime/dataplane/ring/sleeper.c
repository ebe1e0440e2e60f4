#include "sleeper.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void sleeper_wake(struct sleeper *s)
{
	__atomic_fetch_add(&s->wake, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &s->wake, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void sleeper_sleep(struct sleeper *s, uint32_t seen, uint64_t limit_ns)
{
	struct timespec timeout = {.tv_sec = (time_t)(limit_ns / 1000000000ull),
				   .tv_nsec = (long)(limit_ns % 1000000000ull)};

	syscall(SYS_futex, &s->wake, FUTEX_WAIT_PRIVATE, seen, &timeout, NULL, 0);
}
