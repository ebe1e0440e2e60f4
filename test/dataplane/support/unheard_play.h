/* Plays the same with `unheard forward` and `unheard drop`. Tests include cmocka.h
 * first, and set `pool`. */
#pragma once

#include "rig_finish.h"
#include "shared_rigs.h"
#include "tcp_frame.h"

static struct rte_mempool *pool;

typedef struct rig *(*rig_maker)(struct rte_mempool *pool, uint32_t flows, size_t buffer);

/* What is sent in a test's rig; the last packet is the one that is judged. */
typedef void (*play)(struct rig *r);

static inline enum verdict verdict(const struct rig *r)
{
	return (enum verdict)r->verdicts[r->verdict_count - 1];
}

static inline enum verdict played(rig_maker make, play sends)
{
	struct rig *r = make(pool, 64, 1 << 18);
	enum verdict last;

	sends(r);
	last = verdict(r);
	rig_finish(r, tcp_clock);
	return last;
}

static inline void leaves_only_without_the_option(play sends)
{
	assert_int_equal(played(forwards_open, sends), VERDICT_FORWARD);
	assert_int_equal(played(drops_open, sends), VERDICT_DROP_UNHEARD);
}

static inline void leaves_always(play sends)
{
	assert_int_equal(played(forwards_open, sends), VERDICT_FORWARD);
	assert_int_equal(played(drops_open, sends), VERDICT_FORWARD);
}

/* Heard otherwise before, and the host may take this one. */
static inline void leaves_never(play sends)
{
	assert_int_equal(played(forwards_open, sends), VERDICT_DROP_REWRITTEN);
	assert_int_equal(played(drops_open, sends), VERDICT_DROP_REWRITTEN);
}

static inline void client(struct rig *r, uint32_t offset, uint8_t flags, const char *text)
{
	tcp_send(r, &(struct tcp_spec){.seq = CLIENT_ISN + 1 + offset,
				       .ack = SERVER_ISN + 1,
				       .flags = flags,
				       .data = text,
				       .len = (uint32_t)strlen(text)});
}

/* With a timestamp; `seq` as it is. */
static inline void timed_at(struct rig *r, int dir, uint32_t seq, uint8_t flags, uint32_t value,
			    const char *text)
{
	uint8_t options[12] = {1, 1, 8, 10};

	value = rte_cpu_to_be_32(value);
	memcpy(options + 4, &value, 4);
	tcp_send(r, &(struct tcp_spec){.dir = dir,
				       .seq = seq,
				       .ack = dir == 0 ? SERVER_ISN + 1 : CLIENT_ISN + 1,
				       .flags = flags,
				       .options = options,
				       .options_len = 12,
				       .data = text,
				       .len = (uint32_t)strlen(text)});
}

static inline void after_fin(struct rig *r)
{
	tcp_open(r);
	client(r, 0, TCP_ACK | TCP_FIN, "");
	tcp_data(r, 0, "EVIL");
}
