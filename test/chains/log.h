/* One log of a run, for handlers in C and in TypeScript: each line is one
 * write, so lines are in the order of calls and never mixed. */
#pragma once

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void log_line(const char *format, ...)
{
	static int log = -1;
	char line[4096];
	va_list values;
	int len;

	if (log < 0)
		log = open(getenv("MBX_TEST_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
	va_start(values, format);
	len = vsnprintf(line, sizeof(line) - 1, format, values);
	va_end(values);
	if (len < 0 || (size_t)len >= sizeof(line) - 1)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(log, line, (size_t)len) != len)
		perror("log");
}
