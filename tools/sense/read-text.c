// SPDX-License-Identifier: GPL-2.0-or-later
#include "read-text.h"

#include <stdio.h>
#include <string.h>

const char *read_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");

	*text = 0;
	if (!file)
		return text;
	if (!fgets(text, (int)size, file))
		*text = 0;
	text[strcspn(text, "\n")] = 0;
	fclose(file);
	return text;
}
