/* The published table of overlap policies (../shared/facts/overlap-policies.tsv;
 * after Novak and Sturges, 2007). */
#pragma once

#include <stdio.h>
#include <string.h>

#define OVERLAP_LINE_MAX 4096

/* One row: its scenario, segments "offset:bytes" in order of arrival, and the
 * stream after each of them, parted by " > ". Both texts may be changed. */
typedef void (*overlap_row)(void *arg, const char *scenario, char *segments, char *steps);

static inline FILE *overlap_table_open(void)
{
	char path[256] = "shared/facts/overlap-policies.tsv";
	FILE *f = fopen(path, "r");

	for (int up = 0; up < 8 && f == NULL; up++) {
		memmove(path + 3, path, strlen(path) + 1);
		memcpy(path, "../", 3);
		f = fopen(path, "r");
	}
	return f;
}

/* Calls `row` for each of a policy's rows. Their number, or -1 without a table. */
static inline int overlap_table_each(const char *policy, overlap_row row, void *arg)
{
	char line[OVERLAP_LINE_MAX];
	FILE *f = overlap_table_open();
	int rows = 0;

	if (f == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		char *column[5], *save;

		column[0] = strtok_r(line, "\t\n", &save);
		for (int i = 1; i < 5; i++)
			column[i] = strtok_r(NULL, "\t\n", &save);
		if (strcmp(column[0], policy) != 0)
			continue;
		row(arg, column[1], column[2], column[4]);
		rows++;
	}
	fclose(f);
	return rows;
}
