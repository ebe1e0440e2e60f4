/* What stands for an lcore in the tests of the control: real rings, no packets. */
#pragma once

#define NAPI_VERSION 9

#include <node_api.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ring/outlet.h"

#define OUTLETS_MAX 4
#define PACKET_MEMORY 4096

struct loop {
	struct outlet *outlet[OUTLETS_MAX];
	unsigned int outlets;
	uint64_t events;  /* to send; 0: until stopped */
	uint32_t kinds;	  /* subscriptions of the first NF */
	uint32_t slots;	  /* of an event */
	uint32_t pace_ns; /* pause after a burst */
	bool live;	  /* loses events instead of waiting for the spill */
	uint64_t sent, errors, verdicts;
	uint64_t handed[OUTLETS_MAX], published[OUTLETS_MAX];
	_Atomic int stop; /* 1 drain, 2 now */
	_Atomic int running;
	pthread_t thread;
	napi_threadsafe_function ended;
	uint8_t packets[PACKET_MEMORY];
};

extern struct loop loop;

void loop_pause(uint32_t ns);
/* A thread's main function: sends until all is sent and handled, or it is stopped. */
void *loop_run(void *arg);
