/* A frame of a capture in mbufs, with its time, length on the wire and link type. */
#pragma once

#include <rte_mempool.h>

#include "capture_file.h"

struct rte_mbuf;

/* As many mbufs as it takes; NULL when the pool is empty. */
struct rte_mbuf *capture_mbuf(struct rte_mempool *pool, const struct capture_record *record);
