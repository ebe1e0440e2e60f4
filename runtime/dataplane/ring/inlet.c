#include "inlet.h"

#include "../flow/flow.h"

#include <time.h>

#define ROOM_WAIT_NS 20000

static void answers_show(struct inlet *in)
{
	struct ring *a = &in->answers;

	if (a->head == in->answered)
		return;
	__atomic_store_n(ring_word(a, RING_WORD_HEAD), a->head, __ATOMIC_RELEASE);
	in->answered = a->head;
}

void inlet_publish(struct inlet *in)
{
	uint32_t *tail = ring_word(&in->events, RING_WORD_TAIL);

	answers_show(in);
	if (__atomic_load_n(tail, __ATOMIC_RELAXED) != in->events.tail)
		__atomic_store_n(tail, in->events.tail, __ATOMIC_RELEASE);
	/* The lcore says that it sleeps, then looks at head and tail: outlet_sleep(). */
	if (ring_sleeps(&in->answers))
		sleeper_wake(in->lcore);
}

static bool answers_have_room(struct inlet *in, unsigned int slots)
{
	if (ring_room(&in->answers) >= ring_cost(&in->answers, slots))
		return true;
	ring_see_tail(&in->answers);
	return ring_room(&in->answers) >= ring_cost(&in->answers, slots);
}

/* The event in hand is not passed yet: what is shown are answers alone. */
static void answers_wait(struct inlet *in, unsigned int slots)
{
	const struct timespec pause = {.tv_nsec = ROOM_WAIT_NS};

	inlet_publish(in);
	while (!in->ended && !answers_have_room(in, slots)) {
		sleeper_wake(in->lcore);
		(void)nanosleep(&pause, NULL);
		in->ended = !__atomic_load_n(in->drains, __ATOMIC_SEQ_CST);
	}
}

struct ring_answer *inlet_answer(struct inlet *in, const struct ring_event *e, uint16_t kind,
				 unsigned int slots, struct mbx_flow flow)
{
	struct ring_answer *a;

	if (!answers_have_room(in, slots))
		answers_wait(in, slots);
	if (in->ended) {
		a = (struct ring_answer *)in->nowhere;
		memset(a, 0, sizeof(*a));
		a->slots = (uint8_t)slots;
	} else {
		a = ring_push(&in->answers, slots);
	}
	a->kind = kind;
	a->flow_index = flow.index;
	a->flow_generation = flow.generation;
	a->packet = e->packet;
	a->burst = e->burst;
	a->serial = e->serial;
	return a;
}

/* What one answer carries behind its head. */
#define PAYLOAD_PART (RING_RECORD_SLOTS_MAX * RING_SLOT_SIZE - (uint32_t)sizeof(struct ring_answer))

void inlet_set_payload(struct inlet *in, const struct ring_event *e, uint8_t number,
		       uint32_t offset, const uint8_t *bytes, uint32_t len)
{
	const struct mbx_flow none = {.index = FLOW_NONE};

	for (uint32_t done = 0; done < len; done += PAYLOAD_PART) {
		uint32_t part = len - done < PAYLOAD_PART ? len - done : PAYLOAD_PART;
		uint32_t size = (uint32_t)sizeof(struct ring_answer) + part;
		struct ring_answer *a = inlet_answer(
		    in, e, ANSWER_SET_FIELD, (size + RING_SLOT_SIZE - 1) / RING_SLOT_SIZE, none);

		a->argument = number;
		a->length = (uint16_t)part;
		a->value = offset + done;
		memcpy(a + 1, bytes + done, part);
	}
}

bool inlet_look(struct inlet *in)
{
	in->events.head = __atomic_load_n(ring_word(&in->events, RING_WORD_HEAD), __ATOMIC_ACQUIRE);
	return in->events.head != in->events.tail;
}

void inlet_sleep(struct inlet *in, unsigned int timeout_ms)
{
	(void)ring_sleep(in->events.memory, timeout_ms);
}
