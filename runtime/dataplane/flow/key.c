#include <errno.h>
#include <stddef.h>
#include <sys/random.h>
#include <time.h>

#include "key.h"

/* SplitMix64 (Steele, Lea and Flood, 2014): spreads a small seed over 64 bits. */
static uint64_t seed_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Only a kernel without getrandom(2), or a sandbox that forbids it, comes here:
 * still a secret that a sender does not know, though one that can be guessed. */
static uint64_t seed_from_clock(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uintptr_t)&now;
}

uint64_t flow_secret_draw(void)
{
	uint64_t seed = 0;
	ssize_t got;

	do
		got = getrandom(&seed, sizeof(seed), 0);
	while (got < 0 && errno == EINTR);
	return got == sizeof(seed) ? seed : seed_from_clock();
}

/* The multipliers are drawn one by one, not spread from one 64-bit seed: the
 * bound on collisions holds for independent ones. */
void flow_hash_key_draw(struct flow_hash_key *secret, uint64_t seed)
{
	uint64_t state = seed;

	secret->add = seed != 0 ? seed_next(&state) : flow_secret_draw();
	for (size_t i = 0; i < FLOW_KEY_WORDS; i++)
		secret->multiply[i] = (seed != 0 ? seed_next(&state) : flow_secret_draw()) | 1;
}
