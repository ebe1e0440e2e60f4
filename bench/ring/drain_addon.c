/* Native memory for the bench's rings, and the C drain over them. */
#define NAPI_VERSION 8
#include <node_api.h>

#include "drain.h"

#define BATCH 256
#define ALIGNMENT 128

static napi_value number(napi_env env, double value)
{
	napi_value result;

	napi_create_double(env, value, &result);
	return result;
}

/* memory(bytes): as the dataplane shows its own, never given back. */
static napi_value call_memory(napi_env env, napi_callback_info info)
{
	napi_value argument, buffer = NULL;
	size_t argc = 1;
	uint32_t size = 0;
	void *memory;

	napi_get_cb_info(env, info, &argc, &argument, NULL, NULL);
	napi_get_value_uint32(env, argument, &size);
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1u);
	memory = aligned_alloc(ALIGNMENT, size);
	if (memory == NULL)
		return NULL;
	memset(memory, 0, size);
	napi_create_external_arraybuffer(env, memory, size, NULL, NULL, &buffer);
	return buffer;
}

static struct ring ring_over(napi_env env, napi_value buffer)
{
	struct ring r = {0};
	void *memory = NULL;

	napi_get_arraybuffer_info(env, buffer, &memory, NULL);
	r.memory = memory;
	r.capacity = *ring_word(&r, RING_WORD_CAPACITY);
	r.head = *ring_word(&r, RING_WORD_HEAD);
	r.tail = *ring_word(&r, RING_WORD_TAIL);
	return r;
}

/* drain(events, answers, packets, flows): handles all; how many there were. */
static napi_value call_drain(napi_env env, napi_callback_info info)
{
	static void *state;
	struct ring events, answers;
	struct drain d;
	napi_value values[4];
	size_t argc = 4;
	uint32_t flows = 0, count, total = 0;
	void *packets = NULL;

	napi_get_cb_info(env, info, &argc, values, NULL, NULL);
	events = ring_over(env, values[0]);
	answers = ring_over(env, values[1]);
	napi_get_arraybuffer_info(env, values[2], &packets, NULL);
	napi_get_value_uint32(env, values[3], &flows);
	if (state == NULL)
		state = calloc(flows + 1, drain_state_size + 1);
	d = (struct drain){
	    .events = &events, .answers = &answers, .packets = packets, .state = state};
	while ((count = drain_batch(&d, BATCH)) > 0)
		total += count;
	return number(env, total);
}

static napi_value call_sum(napi_env env, napi_callback_info info)
{
	(void)info;
	return number(env, (double)bench_sum);
}

NAPI_MODULE_INIT()
{
	static const struct {
		const char *name;
		napi_callback function;
	} methods[] = {{"memory", call_memory}, {"drain", call_drain}, {"sum", call_sum}};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		napi_value function;

		napi_create_function(env, methods[i].name, NAPI_AUTO_LENGTH, methods[i].function,
				     NULL, &function);
		napi_set_named_property(env, exports, methods[i].name, function);
	}
	return exports;
}
