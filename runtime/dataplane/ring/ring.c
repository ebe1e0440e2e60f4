#include "ring.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(struct ring_event) == 32, "part of the format");
_Static_assert(sizeof(struct ring_answer) == 32, "part of the format");

size_t ring_memory(uint32_t capacity)
{
	return RING_DATA_OFFSET + (size_t)capacity * RING_SLOT_SIZE;
}

int ring_init(struct ring *r, void *memory, uint32_t capacity, uint32_t start)
{
	/* A record of 8 slots and the 7 of its filler fit an empty ring of 16. */
	if (capacity < 2 * RING_RECORD_SLOTS_MAX || (capacity & (capacity - 1)) != 0 ||
	    ((uintptr_t)memory & 127) != 0)
		return -EINVAL;
	memset(memory, 0, RING_DATA_OFFSET);
	*r = (struct ring){.memory = memory, .capacity = capacity, .head = start, .tail = start};
	*ring_word(r, RING_WORD_MAGIC) = RING_MAGIC;
	*ring_word(r, RING_WORD_VERSION) = RING_VERSION;
	*ring_word(r, RING_WORD_CAPACITY) = capacity;
	*ring_word(r, RING_WORD_HEAD) = start;
	*ring_word(r, RING_WORD_TAIL) = start;
	return 0;
}

static void ring_push_filler(struct ring *r, uint32_t slots)
{
	struct ring_record *filler = ring_slot(r, r->head);

	*filler = (struct ring_record){.kind = RING_FILLER, .slots = (uint8_t)slots};
	r->head += slots;
}

void *ring_push(struct ring *r, unsigned int slots)
{
	uint32_t left = ring_until_end(r, r->head);
	struct ring_record *record;

	if (left < slots)
		ring_push_filler(r, left);
	record = ring_slot(r, r->head);
	memset(record, 0, sizeof(struct ring_event));
	record->slots = (uint8_t)slots;
	r->head += slots;
	return record;
}

bool ring_sleeps(const struct ring *r)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(ring_word(r, RING_WORD_SLEEPING), __ATOMIC_RELAXED) != 0;
}

static void ring_wake(struct ring *r)
{
	uint32_t *sleeping = ring_word(r, RING_WORD_SLEEPING);

	__atomic_store_n(sleeping, 0, __ATOMIC_RELAXED);
	syscall(SYS_futex, sleeping, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void ring_publish(struct ring *r)
{
	uint32_t *head = ring_word(r, RING_WORD_HEAD);

	if (__atomic_load_n(head, __ATOMIC_RELAXED) == r->head)
		return;
	__atomic_store_n(head, r->head, __ATOMIC_RELEASE);
	if (ring_sleeps(r))
		ring_wake(r);
}

const struct ring_record *ring_peek(struct ring *r)
{
	for (;;) {
		const struct ring_record *record;
		uint32_t ready;

		if (r->tail == r->head)
			r->head = __atomic_load_n(ring_word(r, RING_WORD_HEAD), __ATOMIC_ACQUIRE);
		ready = r->head - r->tail;
		if (ready == 0)
			return NULL;
		record = ring_slot(r, r->tail);
		if (record->slots == 0 || record->slots > ready ||
		    record->slots > ring_until_end(r, r->tail))
			r->tail = r->head;
		else if (record->kind == RING_FILLER)
			r->tail += record->slots;
		else
			return record;
		__atomic_store_n(ring_word(r, RING_WORD_TAIL), r->tail, __ATOMIC_RELEASE);
	}
}

void ring_pop(struct ring *r)
{
	const struct ring_record *record = ring_slot(r, r->tail);

	r->tail += record->slots;
	__atomic_store_n(ring_word(r, RING_WORD_TAIL), r->tail, __ATOMIC_RELEASE);
}

static bool ring_ready(void *memory)
{
	const struct ring r = {.memory = memory};

	return __atomic_load_n(ring_word(&r, RING_WORD_HEAD), __ATOMIC_ACQUIRE) !=
	       __atomic_load_n(ring_word(&r, RING_WORD_TAIL), __ATOMIC_RELAXED);
}

bool ring_sleep(void *memory, unsigned int timeout_ms)
{
	const struct ring r = {.memory = memory};
	uint32_t *sleeping = ring_word(&r, RING_WORD_SLEEPING);
	struct timespec timeout = {.tv_sec = timeout_ms / 1000,
				   .tv_nsec = (long)(timeout_ms % 1000) * 1000000};

	__atomic_store_n(sleeping, 1, __ATOMIC_RELAXED);
	/* Pairs with the fence in ring_sleeps(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!ring_ready(memory))
		syscall(SYS_futex, sleeping, FUTEX_WAIT, 1, &timeout, NULL, 0);
	__atomic_store_n(sleeping, 0, __ATOMIC_RELAXED);
	return ring_ready(memory);
}
