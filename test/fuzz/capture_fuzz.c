/* The readers of pcap and pcapng on arbitrary files: every record lies in memory
 * as long as it says, and reading ends. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "port/capture_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Reads the record's first and last byte, so that ASan sees what is not there. */
static void touch(const struct capture_record *record)
{
	volatile uint8_t sink;

	if (record->wire < record->captured || record->captured > CAPTURE_FRAME_MAX)
		__builtin_trap();
	if (record->captured == 0)
		return;
	sink = record->data[0];
	sink = record->data[record->captured - 1];
	(void)sink;
}

static void read_all(const char *path)
{
	struct capture_record record;
	struct capture_file file;

	if (capture_open(&file, path) < 0)
		return;
	while (capture_next(&file, &record) == 1)
		touch(&record);
	capture_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char path[64];
	int fd = memfd_create("capture", MFD_CLOEXEC);

	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, bytes, len) == (ssize_t)len)
		read_all(path);
	close(fd);
	return 0;
}
