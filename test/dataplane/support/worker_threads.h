/* Workers as threads that speak the rings' format: the first publishes PUBLICATIONS
 * events for each packet and drops the odd ones, the second one event for each of
 * these, the third only hears. All count what comes out of order. */
#pragma once

#include <pthread.h>
#include <time.h>

#include "lcore/open.h"

#define PUBLICATIONS 100u
#define EVENT_X EVENT_USER
#define EVENT_Y (EVENT_USER + 1)

struct number_record {
	struct ring_event head;
	uint32_t number;
};

struct number_answer {
	struct ring_answer head;
	uint32_t number;
};

struct worker {
	struct runner *runner;
	struct ring events, answers;
	uint8_t number;
	bool quit; /* set by the test */
	bool hangs;
	uint32_t packets, x, y;
	uint32_t disorder;
	pthread_t thread;
};

static inline void worker_publish(struct worker *w)
{
	bool lcore_sleeps;

	ring_publish(&w->answers);
	lcore_sleeps = ring_sleeps(&w->answers);
	if (lcore_sleeps)
		runner_wake(w->runner);
}

static inline struct number_answer *worker_answer(struct worker *w, uint16_t kind)
{
	struct number_answer *a;

	for (;;) {
		ring_see_tail(&w->answers);
		if (ring_room(&w->answers) >= ring_cost(&w->answers, 1))
			break;
		worker_publish(w);
		runner_wake(w->runner);
		nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
		if (__atomic_load_n(&w->quit, __ATOMIC_SEQ_CST))
			return NULL;
	}
	a = ring_push(&w->answers, 1);
	a->head.kind = kind;
	return a;
}

static inline void worker_publish_number(struct worker *w, uint32_t number)
{
	struct number_answer *a = worker_answer(w, ANSWER_PUBLISH);

	if (a != NULL)
		a->number = number;
}

static inline void worker_handle_packet(struct worker *w, const struct number_record *r)
{
	const struct number_record record = *r;

	for (uint32_t i = 0; i < PUBLICATIONS; i++)
		worker_publish_number(w, w->packets * PUBLICATIONS + i);
	w->packets++;
	if (record.number & 1) {
		struct number_answer *a = worker_answer(w, ANSWER_DROP_PACKET);

		if (a == NULL)
			return;
		a->head.packet = record.head.packet;
		a->head.burst = record.head.burst;
		a->head.serial = record.head.serial;
	}
}

static inline void worker_handle(struct worker *w, const struct number_record *r)
{
	uint32_t number = r->number;

	switch (r->head.type) {
	case EVENT_PKT:
		worker_handle_packet(w, r);
		break;
	case EVENT_X:
		w->disorder += number != w->x++;
		if (w->number == 1)
			worker_publish_number(w, number);
		break;
	case EVENT_Y:
		w->disorder += number != w->y++;
		break;
	}
}

static inline void *worker_main(void *arg)
{
	struct worker *w = arg;

	while (!__atomic_load_n(&w->quit, __ATOMIC_SEQ_CST)) {
		const struct ring_record *r = w->hangs ? NULL : ring_peek(&w->events);

		if (r == NULL) {
			worker_publish(w);
			if (w->hangs)
				nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
			else
				ring_sleep(w->events.memory, 2);
			continue;
		}
		worker_handle(w, (const struct number_record *)r);
		/* Answers before the tail: the lcore relies on it. */
		ring_publish(&w->answers);
		ring_pop(&w->events);
		if (ring_sleeps(&w->answers))
			runner_wake(w->runner);
	}
	return NULL;
}

static inline void workers_begin(struct runner *r, struct worker *workers)
{
	for (uint8_t i = 0; i < 3; i++) {
		struct outlet *o = r->chains[0].chain->outlets[i];

		workers[i].runner = r;
		workers[i].number = i;
		workers[i].events = *outlet_events(o);
		workers[i].answers = *outlet_answers(o);
		assert_int_equal(pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]),
				 0);
	}
}

static inline void workers_end(struct worker *workers)
{
	for (uint8_t i = 0; i < 3; i++) {
		__atomic_store_n(&workers[i].quit, true, __ATOMIC_SEQ_CST);
		pthread_join(workers[i].thread, NULL);
	}
}
