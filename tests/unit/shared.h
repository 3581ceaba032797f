/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared.h - reference data that is not part of the project: $SENSE_SHARED, or
 * ../shared beside it. A test that compares with them says so when they are not there.
 */
#ifndef SHARED_H
#define SHARED_H

#include <stdio.h>
#include <stdlib.h>

static inline FILE *shared_open(const char *name)
{
	const char *root = getenv("SENSE_SHARED");
	char path[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root ? root : "../shared", name);
	file = fopen(path, "r");
	if (!file)
		printf("\n= not compared with %s: set SENSE_SHARED to where it is\n", path);
	return file;
}

#endif
