/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recipe.h - the configuration that `sense record DEVICE -o FILE` stands for.
 */
#ifndef SENSE_RECIPE_H
#define SENSE_RECIPE_H

#include <sense/device.h>

#include "thermometer.h"

struct recipe {
	const char *device;	/* NULL: the only one */
	const char *path;	/* of the record */
	const char *channels;	/* separated by commas; NULL: all */
	double rate_hz;		/* 0: as it is */
	enum thermometer thermometer;
};

/*
 * YAML text, to be freed; NULL with the failure said and *@code set. Looks at the device: its
 * id goes in, and IEC 60751 for its resistance thermometers.
 */
char *recipe_write(const struct recipe *recipe, int *code);

#endif
