/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * air.h - the air of a room with people in it: mass balances of a well-mixed volume with
 * ventilation, for CO2, water vapour, particles and volatile organic compounds.
 *
 *   V dc/dt = Q (c_out - c) + S - loss V c
 *
 * with volume V, m3, outdoor air flow Q, m3/s, source S, and a first-order loss (deposition of
 * particles, sorption of vapours). Flow and sources are held within a step, so the step is the
 * exact solution, an exponential, whatever its length.
 */
#ifndef LAB_AIR_H
#define LAB_AIR_H

#include <stdbool.h>
#include <stdint.h>

enum lab_air_quantity {
	LAB_AIR_CO2,		/* amount fraction, 1 */
	LAB_AIR_WATER,		/* vapour, kg/m3 */
	LAB_AIR_PM1,		/* kg/m3; each cut includes the smaller ones */
	LAB_AIR_PM2P5,
	LAB_AIR_PM4,
	LAB_AIR_PM10,
	LAB_AIR_VOC,		/* amount fraction, 1 */
	LAB_AIR_QUANTITIES
};

struct lab_air_parameters {
	double volume;			/* m3 */
	double ventilation;		/* m3/s of outdoor air */
	double outdoor[LAB_AIR_QUANTITIES];
	double person[LAB_AIR_QUANTITIES];	/* source per person: m3/s (fractions), kg/s */
	double room[LAB_AIR_QUANTITIES];	/* source of the room itself, same units */
	double loss[LAB_AIR_QUANTITIES];	/* 1/s */
	double pressure;		/* Pa, mean */
	double pressure_wander;		/* Pa/sqrt(h), random walk drawn back to the mean */
	int people_max;
	double people_period;		/* s, mean time between arrivals or departures */
};

extern const struct lab_air_parameters lab_air_nominal;

struct lab_air {
	struct lab_air_parameters p;
	double time;			/* s */
	double content[LAB_AIR_QUANTITIES];
	double pressure;		/* Pa */
	int people;
	double next_change;		/* s until somebody comes or goes */
	double tank;			/* kg of water in the humidifier's tank */
	uint64_t random[4];
};

void lab_air_init(struct lab_air *air, const struct lab_air_parameters *p, int people,
		  uint64_t seed);
void lab_air_run(struct lab_air *air, double seconds);
/* Relative humidity, 0 to 1, at a temperature, degC. */
double lab_air_humidity(const struct lab_air *air, double temperature);
/* Content after infinite time with so many people. */
double lab_air_steady(const struct lab_air_parameters *p, int people, enum lab_air_quantity q);

#endif
