/* Files that tests write, where temporary ones belong. Who makes one removes it. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMP_PATH 256

static inline void temp_name(char path[TEMP_PATH], const char *suffix)
{
	const char *folder = getenv("TMPDIR");

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	snprintf(path, TEMP_PATH, "%s/mbx-XXXXXX%s", folder, suffix);
}

/* Makes an empty file and says where; 0 or -1. */
static inline int temp_file(char path[TEMP_PATH], const char *suffix)
{
	int fd;

	temp_name(path, suffix);
	fd = mkstemps(path, (int)strlen(suffix));
	return fd < 0 ? -1 : close(fd);
}

static inline int temp_folder(char path[TEMP_PATH])
{
	temp_name(path, "");
	return mkdtemp(path) == NULL ? -1 : 0;
}
