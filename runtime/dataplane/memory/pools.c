#include "pools.h"

#include <errno.h>
#include <inttypes.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_memzone.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE (2ul << 20)
#define REGION_MAX (4ull << 30)
#define MBUF_ELEMENT (sizeof(struct rte_mbuf) + RTE_MBUF_DEFAULT_BUF_SIZE)

struct pool_layout {
	const char *name;
	uint32_t mbufs;
	uint32_t element; /* bytes of an mbuf with its room */
	size_t begin, size;
};

static uint32_t frame_element(uint16_t room)
{
	return (uint32_t)sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM +
	       RTE_ALIGN_CEIL((uint32_t)room, (uint32_t)RTE_MBUF_PRIV_ALIGN);
}

void pool_plan_add(struct pool_plan *plan, uint64_t count, uint64_t bytes, const char *format, ...)
{
	struct pool_size *p = &plan->pool[plan->count < POOLS_MAX ? plan->count : POOLS_MAX - 1];
	va_list args;

	if (plan->count == POOLS_MAX) {
		snprintf(p->name, sizeof(p->name), "others");
		p->count += count;
		p->bytes += bytes;
		return;
	}
	plan->count++;
	va_start(args, format);
	vsnprintf(p->name, sizeof(p->name), format, args);
	va_end(args);
	p->count = count;
	p->bytes = bytes;
}

uint64_t pool_plan_bytes(const struct pool_plan *plan)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < plan->count; i++)
		bytes += plan->pool[i].bytes;
	return bytes;
}

void pool_plan_unused(struct pool_plan *plan)
{
	for (unsigned int i = 0; i < plan->count; i++)
		plan->pool[i].used = 0;
}

void pool_plan_use(struct pool_plan *plan, unsigned int *next, uint64_t used)
{
	unsigned int i = *next < POOLS_MAX ? *next : POOLS_MAX - 1;

	plan->pool[i].used += used;
	(*next)++;
}

/* A number in a file of the kernel's; `otherwise` when there is none. */
static uint64_t read_number(const char *path, uint64_t otherwise)
{
	FILE *file = fopen(path, "re");
	uint64_t value;

	if (file == NULL)
		return otherwise;
	if (fscanf(file, "%" SCNu64, &value) != 1)
		value = otherwise;
	fclose(file);
	return value;
}

uint64_t memory_resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	uint64_t size, resident;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%" SCNu64 " %" SCNu64, &size, &resident) != 2)
		resident = 0;
	fclose(file);
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t machine_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t kilobytes = UINT64_MAX / 1024;
	char line[128];

	if (file == NULL)
		return UINT64_MAX;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kilobytes) == 1)
			break;
	fclose(file);
	return kilobytes * 1024;
}

/* cgroup v2, as a container sees its own. What the cache holds is given back. */
static uint64_t group_available(void)
{
	uint64_t max = read_number("/sys/fs/cgroup/memory.max", UINT64_MAX);
	uint64_t used = read_number("/sys/fs/cgroup/memory.current", 0);

	if (max == UINT64_MAX)
		return UINT64_MAX;
	return used < max ? max - used : 0;
}

uint64_t memory_available(void)
{
	return RTE_MIN(machine_available(), group_available());
}

uint64_t packet_memory_mbuf_bytes(uint32_t mbufs)
{
	return (uint64_t)mbufs * rte_mempool_calc_obj_size(MBUF_ELEMENT, 0, NULL);
}

uint64_t packet_memory_frame_bytes(uint32_t frames, uint16_t frame_room)
{
	return (uint64_t)frames * rte_mempool_calc_obj_size(frame_element(frame_room), 0, NULL);
}

static int region_fault(size_t size, struct fault *fault)
{
	return fault_set(fault, -ENOMEM, FAULT_NO_MEMORY,
			 "no memory for packets: %zu MB are needed in one piece", size >> 20);
}

/* Devices that transfer by themselves need memory that the EAL knows. */
static int region_from_hugepages(struct packet_memory *m, size_t size, struct fault *fault)
{
	const struct rte_memzone *zone = rte_memzone_reserve_aligned(
	    "mbx_packets", size, SOCKET_ID_ANY, RTE_MEMZONE_SIZE_HINT_ONLY, HUGE_PAGE);

	if (zone == NULL)
		return region_fault(size, fault);
	m->zone = zone;
	m->base = zone->addr;
	m->size = zone->len;
	return 0;
}

/* Begins at a huge page, so that transparent ones can hold all of it. */
static int region_from_mapping(struct packet_memory *m, size_t size, struct fault *fault)
{
	uint8_t *memory = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *aligned;

	if (memory == MAP_FAILED)
		return region_fault(size, fault);
	aligned = RTE_PTR_ALIGN_CEIL(memory, HUGE_PAGE);
	if (aligned > memory)
		munmap(memory, (size_t)(aligned - memory));
	munmap(aligned + size, HUGE_PAGE - (size_t)(aligned - memory));
	(void)madvise(aligned, size, MADV_HUGEPAGE);
	m->base = aligned;
	m->size = size;
	return 0;
}

/* Objects lie close together: without RTE_MEMPOOL_F_NO_IOVA_CONTIG and without
 * hugepages, each 4 KB page would hold one mbuf at the same offset, and the
 * cache half of what it can. */
static int pool_populate(struct packet_memory *m, struct rte_mempool *pool,
			 const struct pool_layout *layout)
{
	char *memory = (char *)m->base + layout->begin;

	if (m->zone == NULL)
		return rte_mempool_populate_iova(pool, memory, RTE_BAD_IOVA, layout->size, NULL,
						 NULL);
	return rte_mempool_populate_virt(pool, memory, layout->size,
					 ((const struct rte_memzone *)m->zone)->hugepage_sz, NULL,
					 NULL);
}

static int pool_create(struct packet_memory *m, struct rte_mempool **into,
		       const struct pool_layout *layout)
{
	struct rte_mempool *pool =
	    rte_mempool_create_empty(layout->name, layout->mbufs, layout->element, POOL_CACHE,
				     sizeof(struct rte_pktmbuf_pool_private), SOCKET_ID_ANY,
				     m->zone == NULL ? RTE_MEMPOOL_F_NO_IOVA_CONTIG : 0);
	int ret;

	*into = pool;
	if (pool == NULL)
		return -rte_errno;
	ret = rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), NULL);
	if (ret != 0)
		return ret;
	rte_pktmbuf_pool_init(pool, NULL);
	ret = pool_populate(m, pool, layout);
	if (ret < 0)
		return ret;
	if (pool->populated_size < layout->mbufs)
		return -ENOMEM;
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return 0;
}

/* A page of alignment, and with hugepages what lies before each boundary. */
static size_t pool_room(uint64_t bytes, bool hugepages)
{
	uint64_t slack = hugepages ? bytes / 64 + HUGE_PAGE : 4096;

	return RTE_ALIGN_CEIL(bytes + slack, 4096ull);
}

static int pools_create(struct packet_memory *m, const struct pool_layout *mbufs,
			const struct pool_layout *frames, struct fault *fault)
{
	const struct pool_layout *failed = mbufs;
	int ret = pool_create(m, &m->mbufs, mbufs);

	if (ret == 0 && frames->mbufs > 0) {
		failed = frames;
		ret = pool_create(m, &m->frames, frames);
	}
	if (ret == 0)
		return 0;
	packet_memory_destroy(m);
	return fault_set(fault, ret, FAULT_NO_MEMORY,
			 "the packet pool of %u buffers cannot be made: %s", failed->mbufs,
			 rte_strerror(-ret));
}

int packet_memory_create(struct packet_memory *memory, const struct packet_memory_config *config,
			 struct fault *fault)
{
	struct pool_layout mbufs = {
	    .name = "mbx_mbufs",
	    .mbufs = config->mbufs,
	    .element = MBUF_ELEMENT,
	    .size = pool_room(packet_memory_mbuf_bytes(config->mbufs), config->hugepages),
	};
	struct pool_layout frames = {
	    .name = "mbx_frames",
	    .mbufs = config->frames,
	    .element = frame_element(config->frame_room),
	    .begin = RTE_ALIGN_CEIL(mbufs.size + config->chunk_bytes, 4096ull),
	};
	uint64_t size;
	int ret;

	if (config->frames > 0)
		frames.size =
		    pool_room(packet_memory_frame_bytes(config->frames, config->frame_room),
			      config->hugepages);
	size = RTE_ALIGN_CEIL(frames.begin + frames.size, (uint64_t)HUGE_PAGE);
	*memory = (struct packet_memory){0};
	if (size >= REGION_MAX)
		return fault_set(fault, -E2BIG, FAULT_NO_MEMORY,
				 "packets would take %" PRIu64
				 " MB, and 4095 MB is the most: lower %s",
				 size >> 20,
				 config->frames > 0 ? "`buffer` of the stacks, or play a shorter "
						      "capture than this one with `--laps`"
						    : "`buffer` of the stacks");
	ret = config->hugepages ? region_from_hugepages(memory, size, fault)
				: region_from_mapping(memory, size, fault);
	if (ret < 0)
		return ret;
	memory->chunks = memory->base + mbufs.size;
	memory->chunks_size = config->chunk_bytes;
	return pools_create(memory, &mbufs, &frames, fault);
}

void packet_memory_destroy(struct packet_memory *memory)
{
	rte_mempool_free(memory->frames);
	rte_mempool_free(memory->mbufs);
	if (memory->zone != NULL)
		rte_memzone_free(memory->zone);
	else if (memory->base != NULL)
		munmap(memory->base, memory->size);
	*memory = (struct packet_memory){0};
}
