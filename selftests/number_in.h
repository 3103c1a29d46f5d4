/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SELFTESTS_NUMBER_IN_H
#define SELFTESTS_NUMBER_IN_H

#include <stdio.h>

/** number_in() - a number behind a name, in a file like /proc/meminfo; -1 if none */
static inline long number_in(const char *path, const char *format)
{
	long value = -1, found;
	FILE *file = fopen(path, "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &found) == 1)
			value = found;
	if (file)
		fclose(file);
	return value;
}

#endif /* SELFTESTS_NUMBER_IN_H */
