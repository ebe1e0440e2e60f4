/* A whole monitor against the plain model of a TCP connection, on the options and
 * segments that arbitrary bytes say (../dataplane/support/stream_script.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "support/stream_play.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct rte_mempool *pool;
static struct play *player;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		abort();
	pool = test_pool_create("frames", 512, 2048);
	player = calloc(1, sizeof(*player));
	if (pool == NULL || player == NULL)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	play(player, pool, bytes, len);
	if (player->wrong[0] != '\0' || rte_mempool_in_use_count(pool) != 0)
		__builtin_trap();
	return 0;
}
