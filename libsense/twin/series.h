/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SENSE_TWIN_SERIES_H
#define SENSE_TWIN_SERIES_H

#include <sense/series.h>

#include "twin/structure.h"

struct sense_series {
	unsigned int count, outputs, inputs, skipped;
	char output[TWIN_MAX_OUTPUTS][TWIN_NAME], input[TWIN_MAX_INPUTS][TWIN_NAME];
	int64_t *time_ns;
	double *y, *u;
	unsigned int room;
};

#endif
