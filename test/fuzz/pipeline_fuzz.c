/* Whole capture files through everything that an lcore does with packets
 * (pipeline/pipeline.h), changed packet by packet (pipeline/mutate.h). Eight bytes
 * of a pcap's header that no reader looks at choose the stack's options, so any
 * capture is an input. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>

#include "support/outlined.h"

#include "pipeline/mutate.h"
#include "pipeline/pipeline.h"

#define BUFFER_LARGE (512 * sizeof(struct chunk))
#define BUFFER_SMALL (8 * sizeof(struct chunk))
#define FLOWS_SMALL 4
#define DATAGRAMS 4

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t room, unsigned int seed);

static struct rte_mempool *pool;
static struct pipeline *pipelines[2]; /* with a large and a small buffer */

static struct pipeline *pipeline_open(size_t buffer)
{
	struct pipeline *p = calloc(1, sizeof(*p));

	p->pool = pool;
	p->chunk_memory = aligned_alloc(64, buffer);
	chunk_pool_init(&p->chunks, p->chunk_memory, buffer);
	p->chain.program = &p->program;
	p->program.features = &p->features;
	p->chain.nf = &p->nf;
	p->chain.counters = &p->counters;
	p->chain.stack.table = flow_table_create(
	    &(struct flow_table_config){.flows = PIPELINE_FLOWS + PIPELINE_FLOWS / 4,
					.record_size = sizeof(struct pipeline_record),
					.seed = 7,
					.socket = -1});
	p->burst.log.slots = aligned_alloc(64, PIPELINE_LOG_SLOTS * EVENT_SLOT_SIZE);
	p->burst.log.capacity = PIPELINE_LOG_SLOTS;
	p->fragments =
	    fragment_table_create(&(struct fragment_config){.datagrams = DATAGRAMS, .seed = 7},
				  pool, &p->chain.stack.wheel, &p->counters);
	if (p->fragments == NULL || p->chain.stack.table == NULL || p->burst.log.slots == NULL)
		abort();
	return p;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (test_eal_start() < 0 || packet_dynfields_register() < 0)
		abort();
	pool = test_pool_create("frames", 4096, 2048);
	if (pool == NULL)
		abort();
	pipelines[0] = pipeline_open(BUFFER_LARGE);
	pipelines[1] = pipeline_open(BUFFER_SMALL);
	return 0;
}

static struct stack_features features_of(const uint8_t *options)
{
	static const uint32_t histories[] = {4096, 0, 100, 1 << 20};
	static const uint64_t idles[] = {60000000000ull, 1000000ull, 5000000000ull, 100000000ull};
	struct stack_features f = {
	    RIG_FEATURES_FULL,
	    .checksum = options[1] % 4 == 1 ? CHECKSUM_TRUST : CHECKSUM_VERIFY,
	    .overlap_policy = (enum overlap_policy)(options[2] % 7),
	    .urgent_inline = options[0] % 2,
	    .drops = options[0] / 2 % 2,
	    .malformed_drop = options[0] / 4 % 2,
	    .blocks_at = offsetof(struct pipeline_record, block),
	    .blocks = 1,
	    .decap = options[3],
	};

	f.record_size = sizeof(struct pipeline_record);
	f.history = histories[options[1] / 4 % 4];
	f.idle_ns = idles[options[5] % 4];
	f.overlap = options[0] / 8 % 4 != 3;
	f.data_server = options[0] / 32 % 8 != 7;
	return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint32_t cuts[] = {0, 0, 200, 70, 33, 14, 5, 1};
	static struct pipeline_result many, one;
	static struct frames frames;
	uint8_t options[8] = {0};
	struct pipeline *p;

	frames_load(&frames, bytes, len);
	if (len >= PCAP_HEADER && bytes[0] != 0x0a)
		memcpy(options, bytes + PCAP_OPTIONS, sizeof(options));
	p = pipelines[options[2] / 8 % 4 == 3];
	p->features = features_of(options);
	p->cut = cuts[options[4] % 8];
	p->flows_max = options[6] % 4 == 3 ? FLOWS_SMALL : 0;
	pipeline_replay(p, &frames, 32, 2048, &many);
	pipeline_replay(p, &frames, 1, STACK_SLOTS_PER_PACKET + 8, &one);
	pipeline_equal(&many, &one, frames.count);
	frames_free(&frames);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned int seed)
{
	return mutate_capture(data, size, room, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t room, unsigned int seed)
{
	return cross_captures(a, a_size, b, b_size, out, room, seed);
}
