/* Bytes that meet others at the same place of a stream: which of them counts, and
 * where they differ. */
#pragma once

#include "reassembly.h"

/* Notes in `found` where `len` bytes at `at` differ from those that are there. */
void overlap_compare(struct stream_overlap *found, uint64_t at, const uint8_t *old,
		     const uint8_t *new, unsigned int len);

/* Notes bytes [at, end) that differ, or some of them. */
void overlap_differs(struct stream_overlap *found, uint64_t at, uint64_t end);

/* Notes bytes [at, end) of which no copy is kept. */
void overlap_unknown(struct stream_overlap *found, uint64_t at, uint64_t end);

/* Puts bytes [at, to) of a segment that reaches over `extent` into one page of
 * the tree `root`. Where others are queued already, the policy decides. */
void overlap_hold(struct page *root, struct page *p, unsigned int at, unsigned int to,
		  const struct stream_extent *extent, const uint8_t *data,
		  enum overlap_policy policy, struct stream_overlap *found);
