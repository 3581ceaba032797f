/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sensors.h - what stands between the physics and the card's converters: the channels of the
 * simulated card, and the count that each would read now.
 */
#ifndef LAB_SENSORS_H
#define LAB_SENSORS_H

#include <stdint.h>

#include "air.h"
#include "bath.h"

#define LAB_CHANNELS_SMALL	8
#define LAB_CHANNELS_FULL	20

struct lab_channel {
	const char *label;
	uint16_t kind, unit, modifier;		/* enum sense_card_* */
	uint8_t bits, flags;
	int64_t scale_num, scale_den;		/* unit per count */
	int64_t offset_num, offset_den;		/* counts */
	int32_t min, max;			/* counts */
	uint32_t group;
	double noise;				/* unit, white, per sample at any rate */
};

extern const struct lab_channel lab_channels[LAB_CHANNELS_FULL];

struct lab_sensors {
	struct lab_bath bath;
	struct lab_air air;
	double board;			/* degC */
	double check_offset;		/* K, the check standard's place in the bath */
	double check;			/* degC, it is slower than the bath's own */
};

void lab_sensors_init(struct lab_sensors *sensors, const struct lab_bath_parameters *bath,
		      double start, double ambient, uint64_t seed);
/* Advance the physics by seconds with the drive at current, A. */
void lab_sensors_run(struct lab_sensors *sensors, double current, double seconds);
/* What channel would read without noise, in counts, not rounded and not limited. */
double lab_sensors_counts(const struct lab_sensors *sensors, unsigned int channel);

#endif
