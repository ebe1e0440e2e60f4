#define _GNU_SOURCE
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory.h"

#define HUGE_PAGE (2ul << 20)

/* mbind(2) has no wrapper in libc, and libnuma would be one more library. A
 * kernel that refuses leaves the memory where it is first touched. */
static void memory_prefer_socket(void *memory, size_t size, int socket)
{
	unsigned long nodes;

	if (socket < 0 || socket >= (int)(sizeof(nodes) * 8))
		return;
	nodes = 1ul << socket;
	(void)syscall(SYS_mbind, memory, size, MPOL_PREFERRED, &nodes, sizeof(nodes) * 8, 0);
}

/* Huge pages are asked for from one page on: below that they would only take
 * memory that nobody uses. */
void *flow_memory_map(size_t size, int socket, bool prefault)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	memory_prefer_socket(memory, size, socket);
	if (size >= HUGE_PAGE)
		(void)madvise(memory, size, MADV_HUGEPAGE);
	if (prefault) /* also a hint: needs Linux 5.14 */
		(void)madvise(memory, size, MADV_POPULATE_WRITE);
	return memory;
}

void flow_memory_unmap(void *memory, size_t size)
{
	if (memory != NULL)
		munmap(memory, size);
}
