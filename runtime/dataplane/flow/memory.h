/* Large zeroed memory outside the EAL, which without hugepages has little. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Page-aligned and zero; NULL when there is none. Given back by its size. On
 * `socket` where the kernel can, -1 for any; a hint, as is the page size. */
void *flow_memory_map(size_t size, int socket, bool prefault);
void flow_memory_unmap(void *memory, size_t size);
