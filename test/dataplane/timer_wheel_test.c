#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <rte_common.h>

#include "timer/wheel.h"
#include "support/random.h"

#define MS TIMER_TICK_NS
#define DAY (86400ull * 1000 * MS)
#define YEAR (365 * DAY)
#define TIMERS 64

/* What fired, in order, by owner. */
struct fired {
	struct timer_wheel *wheel;
	unsigned int count;
	uint32_t owner[1024];
	uint64_t tick[1024];
};

static void record(struct wheel_timer *t, void *arg)
{
	struct fired *f = arg;

	assert_false(timer_armed(t));
	f->owner[f->count % 1024] = t->owner;
	f->tick[f->count % 1024] = f->wheel->tick;
	f->count++;
}

static struct timer_wheel wheel;

static struct fired fired_start(uint64_t now)
{
	timer_wheel_init(&wheel, now);
	return (struct fired){.wheel = &wheel};
}

static void timer_fires_at_the_first_tick_at_or_after_its_time(void **state)
{
	struct fired f = fired_start(5 * MS);
	struct wheel_timer t = {.owner = 1}, u = {.owner = 2};

	(void)state;
	timer_arm(&wheel, &t, 10 * MS);
	timer_arm(&wheel, &u, 10 * MS + 1);
	assert_int_equal(timer_wheel_advance(&wheel, 10 * MS - 1, record, &f), 0);
	assert_int_equal(timer_wheel_advance(&wheel, 10 * MS, record, &f), 1);
	assert_int_equal(timer_wheel_advance(&wheel, 11 * MS, record, &f), 1);
	assert_int_equal(f.owner[0], 1);
	assert_int_equal(f.owner[1], 2);
	assert_int_equal(wheel.armed, 0);
}

static void timer_in_the_past_fires_at_the_next_tick(void **state)
{
	struct fired f = fired_start(100 * MS);
	struct wheel_timer t = {.owner = 1};

	(void)state;
	timer_arm(&wheel, &t, 3 * MS);
	assert_int_equal(timer_wheel_advance(&wheel, 100 * MS + 999999, record, &f), 0);
	assert_int_equal(timer_wheel_advance(&wheel, 101 * MS, record, &f), 1);
}

static void equal_deadlines_fire_in_order_of_arming_across_levels(void **state)
{
	struct fired f = fired_start(0);
	struct wheel_timer t[3] = {{.owner = 1}, {.owner = 2}, {.owner = 3}};

	(void)state;
	timer_arm(&wheel, &t[0], 70000 * MS); /* level 2 */
	timer_wheel_advance(&wheel, 69000 * MS, record, &f);
	timer_arm(&wheel, &t[1], 70000 * MS);
	timer_wheel_advance(&wheel, 69999 * MS, record, &f);
	timer_arm(&wheel, &t[2], 70000 * MS); /* level 0 */
	assert_int_equal(timer_wheel_advance(&wheel, 80000 * MS, record, &f), 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(f.owner[i], i + 1);
}

static void cancelled_timer_does_not_fire(void **state)
{
	struct fired f = fired_start(0);
	struct wheel_timer t[3] = {{.owner = 1}, {.owner = 2}, {.owner = 3}};

	(void)state;
	for (int i = 0; i < 3; i++)
		timer_arm(&wheel, &t[i], 5 * MS);
	timer_cancel(&wheel, &t[1]);
	timer_cancel(&wheel, &t[1]);
	timer_cancel(&wheel, &t[2]);
	timer_arm(&wheel, &t[2], 6 * MS);
	assert_int_equal(timer_wheel_advance(&wheel, 10 * MS, record, &f), 2);
	assert_int_equal(f.owner[0], 1);
	assert_int_equal(f.owner[1], 3);
}

static void rearming_moves_a_timer(void **state)
{
	struct fired f = fired_start(0);
	struct wheel_timer t = {.owner = 1};

	(void)state;
	timer_arm(&wheel, &t, 5 * MS);
	timer_arm(&wheel, &t, 500 * MS);
	assert_int_equal(wheel.armed, 1);
	assert_int_equal(timer_wheel_advance(&wheel, 499 * MS, record, &f), 0);
	assert_int_equal(timer_wheel_advance(&wheel, 500 * MS, record, &f), 1);
}

static void jump_of_years_fires_everything_once_and_in_order(void **state)
{
	struct fired f = fired_start(0);
	struct wheel_timer t[6];
	const uint64_t at[6] = {400 * YEAR, 3 * MS, YEAR, 60 * DAY, 300 * MS, 49 * DAY};
	const uint32_t order[6] = {1, 4, 5, 3, 2, 0};

	(void)state;
	memset(t, 0, sizeof(t));
	for (uint32_t i = 0; i < 6; i++) {
		t[i].owner = i;
		timer_arm(&wheel, &t[i], at[i]);
	}
	assert_int_equal(timer_wheel_advance(&wheel, 500 * YEAR, record, &f), 6);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(f.owner[i], order[i]);
		assert_int_equal(f.tick[i], at[order[i]] / MS);
	}
	assert_int_equal(wheel.tick, 500 * YEAR / MS);
}

static void time_that_goes_back_fires_nothing(void **state)
{
	struct fired f = fired_start(YEAR);
	struct wheel_timer t = {.owner = 1};

	(void)state;
	timer_arm(&wheel, &t, YEAR + MS);
	assert_int_equal(timer_wheel_advance(&wheel, 0, record, &f), 0);
	assert_int_equal(wheel.tick, YEAR / MS);
	assert_int_equal(timer_wheel_advance(&wheel, YEAR + MS, record, &f), 1);
}

static void latest_time_can_be_armed(void **state)
{
	struct fired f = fired_start(0);
	struct wheel_timer t = {.owner = 1};

	(void)state;
	timer_arm(&wheel, &t, UINT64_MAX);
	assert_true(timer_armed(&t));
	assert_int_equal(timer_wheel_advance(&wheel, UINT64_MAX - MS, record, &f), 0);
	timer_cancel(&wheel, &t);
	assert_int_equal(timer_wheel_next(&wheel), UINT64_MAX);
}

/* Re-arms itself a fixed time on, three times, and cancels its neighbour. */
struct chained {
	struct timer_wheel *wheel;
	struct wheel_timer *victim;
	unsigned int left, fired;
};

static void rearm_and_cancel(struct wheel_timer *t, void *arg)
{
	struct chained *c = arg;

	assert_ptr_not_equal(t, c->victim);
	c->fired++;
	timer_cancel(c->wheel, c->victim);
	if (c->left-- > 0)
		timer_arm(c->wheel, t, (c->wheel->tick + 300) * MS);
}

static void callback_rearms_itself_and_cancels_one_of_the_same_tick(void **state)
{
	struct chained c = {.wheel = &wheel, .left = 3};
	struct wheel_timer t = {0}, victim = {0};

	(void)state;
	timer_wheel_init(&wheel, 0);
	c.victim = &victim;
	timer_arm(&wheel, &t, 10 * MS);
	timer_arm(&wheel, &victim, 10 * MS);
	assert_int_equal(timer_wheel_advance(&wheel, 10000 * MS, rearm_and_cancel, &c), 4);
	assert_int_equal(c.fired, 4);
	assert_int_equal(wheel.armed, 0);
}

static void rearm_to_past(struct wheel_timer *t, void *arg)
{
	struct fired *f = arg;

	record(t, arg);
	if (f->count < 3)
		timer_arm(f->wheel, t, 0);
}

static void rearming_in_a_callback_for_the_past_fires_at_the_tick_after(void **state)
{
	struct fired f = fired_start(0);
	struct wheel_timer t = {.owner = 1};

	(void)state;
	timer_arm(&wheel, &t, 255 * MS);
	assert_int_equal(timer_wheel_advance(&wheel, DAY, rearm_to_past, &f), 3);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(f.tick[i], 255 + i);
}

static void next_deadline_is_never_late(void **state)
{
	uint64_t random = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct wheel_timer t = {0};
		uint64_t now = test_random(&random) % YEAR;
		uint64_t at = now + (test_random(&random) >> (test_random(&random) % 40 + 8));
		uint64_t next;

		timer_wheel_init(&wheel, now);
		timer_arm(&wheel, &t, at);
		next = timer_wheel_next(&wheel);
		assert_true(next > now);
		assert_true(next <= t.deadline * MS);
		if (t.deadline >> 8 == wheel.tick >> 8)
			assert_int_equal(next, t.deadline * MS);
	}
}

/* The model: an array of deadlines and arming numbers, scanned. */
struct model {
	struct timer_wheel wheel;
	struct wheel_timer timer[TIMERS];
	uint64_t deadline[TIMERS]; /* 0: not armed */
	uint64_t number[TIMERS];
	uint64_t next_number, random, target;
	unsigned int fired;
};

static void model_arm(struct model *m, uint32_t i, uint64_t at)
{
	uint64_t tick = at / MS + (at % MS != 0);

	timer_arm(&m->wheel, &m->timer[i], at);
	m->deadline[i] = tick > m->wheel.tick ? tick : m->wheel.tick + 1;
	m->number[i] = ++m->next_number;
}

static void model_cancel(struct model *m, uint32_t i)
{
	timer_cancel(&m->wheel, &m->timer[i]);
	m->deadline[i] = 0;
}

/* The one that is due first, or TIMERS. */
static uint32_t model_first(const struct model *m)
{
	uint32_t first = TIMERS;

	for (uint32_t i = 0; i < TIMERS; i++) {
		if (m->deadline[i] == 0 || m->deadline[i] > m->target)
			continue;
		if (first == TIMERS || m->deadline[i] < m->deadline[first] ||
		    (m->deadline[i] == m->deadline[first] && m->number[i] < m->number[first]))
			first = i;
	}
	return first;
}

static uint64_t model_delay(struct model *m)
{
	return test_random(&m->random) >> (test_random(&m->random) % 44 + 10);
}

static void model_expire(struct wheel_timer *t, void *arg)
{
	struct model *m = arg;
	uint32_t first = model_first(m);

	assert_int_equal(t->owner, first);
	assert_int_equal(m->wheel.tick, m->deadline[first]);
	m->deadline[first] = 0;
	m->fired++;
	if (test_random(&m->random) % 4 == 0)
		model_cancel(m, test_random(&m->random) % TIMERS);
	if (test_random(&m->random) % 3 == 0)
		model_arm(m, test_random(&m->random) % TIMERS, m->wheel.tick * MS + model_delay(m));
}

static void model_step(struct model *m)
{
	uint64_t now = m->wheel.tick * MS;
	unsigned int fired;

	timer_wheel_prepare(&m->wheel, now, test_random(&m->random) % 4);
	switch (test_random(&m->random) % 4) {
	case 0:
	case 1:
		model_arm(m, test_random(&m->random) % TIMERS, now + model_delay(m));
		break;
	case 2:
		model_cancel(m, test_random(&m->random) % TIMERS);
		break;
	default:
		now += model_delay(m);
		m->target = now / MS;
		m->fired = 0;
		fired = timer_wheel_advance(&m->wheel, now, model_expire, m);
		assert_int_equal(fired, m->fired);
		assert_int_equal(model_first(m), TIMERS);
	}
}

static void wheel_agrees_with_a_scanned_array(void **state)
{
	struct model *m = calloc(1, sizeof(*m));

	(void)state;
	assert_non_null(m);
	m->random = 42;
	timer_wheel_init(&m->wheel, 1700000000ull * 1000 * MS);
	for (uint32_t i = 0; i < TIMERS; i++)
		m->timer[i].owner = i;
	for (int step = 0; step < 100000; step++) {
		uint64_t armed = 0;

		model_step(m);
		for (uint32_t i = 0; i < TIMERS; i++) {
			armed += m->deadline[i] != 0;
			assert_int_equal(timer_armed(&m->timer[i]), m->deadline[i] != 0);
		}
		assert_int_equal(m->wheel.armed, armed);
		if (m->wheel.tick > 5000 * YEAR / MS / 10)
			break;
	}
	free(m);
}

/* Whoever has no room comes back, and finds the rest of the tick in its order. */
static void due_timer_stays_the_next_until_it_is_cancelled_or_armed_again(void **state)
{
	struct wheel_timer timer[4] = {0};
	struct timer_wheel w;

	(void)state;
	timer_wheel_init(&w, 0);
	for (uint32_t i = 0; i < 3; i++)
		timer_arm(&w, &timer[i], 300 * MS);
	timer_arm(&w, &timer[3], 301 * MS);
	assert_null(timer_wheel_due(&w, 299 * MS));
	assert_ptr_equal(timer_wheel_due(&w, 400 * MS), &timer[0]);
	assert_ptr_equal(timer_wheel_due(&w, 400 * MS), &timer[0]);
	assert_int_equal(timer_wheel_next(&w), 300 * MS);
	assert_null(timer_wheel_due(&w, 200 * MS)); /* the past */
	timer_cancel(&w, &timer[0]);
	assert_ptr_equal(timer_wheel_due(&w, 400 * MS), &timer[1]);
	timer_arm(&w, &timer[1], 0); /* the next tick at the earliest */
	assert_ptr_equal(timer_wheel_due(&w, 400 * MS), &timer[2]);
	timer_cancel(&w, &timer[2]);
	assert_null(timer_wheel_due(&w, 300 * MS));
	assert_ptr_equal(timer_wheel_due(&w, 400 * MS), &timer[3]);
	timer_cancel(&w, &timer[3]);
	assert_ptr_equal(timer_wheel_due(&w, 400 * MS), &timer[1]);
	timer_cancel(&w, &timer[1]);
	assert_null(timer_wheel_due(&w, 400 * MS));
	assert_int_equal(w.armed, 0);
}

/* A slot of 65 s is empty when its time comes, and order is what it was. */
static void timers_come_down_in_portions_before_their_slot_s_time(void **state)
{
	static struct wheel_timer timer[2000];
	struct fired f = fired_start(0);
	unsigned int fired = 0;

	(void)state;
	memset(timer, 0, sizeof(timer));
	for (uint32_t i = 0; i < RTE_DIM(timer); i++) {
		timer[i].owner = i;
		timer_arm(&wheel, &timer[i], 70000 * MS);
	}
	for (uint64_t tick = 1; tick < 60; tick++)
		timer_wheel_prepare(&wheel, tick * MS, 50);
	assert_null(wheel.slot[2][1].first);
	assert_int_equal(wheel.armed, RTE_DIM(timer));
	timer_wheel_prepare(&wheel, 69800 * MS, 50);
	for (uint64_t tick = 69800; tick < 70000; tick += 10) {
		timer_wheel_prepare(&wheel, tick * MS, 50);
		assert_int_equal(f.count, 0);
	}
	fired = timer_wheel_advance(&wheel, 70000 * MS, record, &f);
	assert_int_equal(fired, RTE_DIM(timer));
	for (uint32_t i = RTE_DIM(timer) - 1024; i < RTE_DIM(timer); i++)
		assert_int_equal(f.owner[i % 1024], i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timer_fires_at_the_first_tick_at_or_after_its_time),
	    cmocka_unit_test(timer_in_the_past_fires_at_the_next_tick),
	    cmocka_unit_test(equal_deadlines_fire_in_order_of_arming_across_levels),
	    cmocka_unit_test(cancelled_timer_does_not_fire),
	    cmocka_unit_test(rearming_moves_a_timer),
	    cmocka_unit_test(jump_of_years_fires_everything_once_and_in_order),
	    cmocka_unit_test(time_that_goes_back_fires_nothing),
	    cmocka_unit_test(latest_time_can_be_armed),
	    cmocka_unit_test(callback_rearms_itself_and_cancels_one_of_the_same_tick),
	    cmocka_unit_test(rearming_in_a_callback_for_the_past_fires_at_the_tick_after),
	    cmocka_unit_test(next_deadline_is_never_late),
	    cmocka_unit_test(wheel_agrees_with_a_scanned_array),
	    cmocka_unit_test(due_timer_stays_the_next_until_it_is_cancelled_or_armed_again),
	    cmocka_unit_test(timers_come_down_in_portions_before_their_slot_s_time),
	};

	return cmocka_run_group_tests_name("timer wheel", tests, NULL, NULL);
}
