// SPDX-License-Identifier: GPL-2.0-or-later
#include "air.h"

#include <math.h>
#include <string.h>

#include "bath.h"

#define TANK_KG		8.0	/* of the humidifier, full */
#define HUMIDIFIER	2.0e-5	/* kg/s it evaporates, included in room[LAB_AIR_WATER] */

/*
 * A laboratory of 120 m3 at 1.5 air changes an hour, chosen. Sources per person: CO2 0.0052 L/s for
 * an adult at light work (ASTM D6245, 1.2 met); water 50 g/h; particles are outdoor air's plus what
 * movement stirs up; VOC in isobutylene equivalents. Outdoor CO2 425 ppm.
 */
const struct lab_air_parameters lab_air_nominal = {
	.volume = 120,
	.ventilation = 120 * 1.5 / 3600,
	.outdoor = { 425e-6, 7.0e-3, 5e-9, 8e-9, 10e-9, 15e-9, 20e-9 },
	.person = { 5.2e-6, 1.4e-5, 4e-12, 1.2e-11, 3e-11, 9e-11, 2.2e-10 },
	.room = { 0, HUMIDIFIER, 2e-11, 3e-11, 4e-11, 6e-11, 2.5e-9 },
	.loss = { 0, 0, 2e-5, 4e-5, 1e-4, 3e-4, 2e-5 },
	.pressure = 101325,
	.pressure_wander = 30,
	.people_max = 4,
	.people_period = 900,
};

static double uniform(uint64_t state[4])
{
	return ((double)(lab_random_next(state) >> 11) + 0.5) * 0x1p-53;
}

double lab_air_steady(const struct lab_air_parameters *p, int people, enum lab_air_quantity q)
{
	double source = p->room[q] + people * p->person[q];

	return (p->ventilation * p->outdoor[q] + source) / (p->ventilation + p->loss[q] * p->volume);
}

void lab_air_init(struct lab_air *air, const struct lab_air_parameters *p, int people,
		  uint64_t seed)
{
	memset(air, 0, sizeof(*air));
	air->p = *p;
	air->people = people;
	air->pressure = p->pressure;
	air->tank = TANK_KG;
	lab_random_seed(air->random, seed);
	air->next_change = -p->people_period * log(uniform(air->random));
	for (int q = 0; q < LAB_AIR_QUANTITIES; q++)
		air->content[q] = lab_air_steady(p, people, q);
}

/* People held: the exact solution after seconds. */
static void mix(struct lab_air *air, double seconds)
{
	const struct lab_air_parameters *p = &air->p;
	double hours = seconds / 3600;

	for (int q = 0; q < LAB_AIR_QUANTITIES; q++) {
		double rate = p->ventilation / p->volume + p->loss[q];
		double end = lab_air_steady(p, air->people, q);

		air->content[q] = end + (air->content[q] - end) * exp(-rate * seconds);
	}
	/* Weather: a random walk that returns to its mean over half a day. */
	air->pressure += (p->pressure - air->pressure) * (1 - exp(-hours / 12)) +
			 p->pressure_wander * sqrt(hours) * lab_random_normal(air->random);
	air->tank -= HUMIDIFIER * seconds;
	if (air->tank < 0.1 * TANK_KG)
		air->tank = TANK_KG;		/* somebody fills it up */
	air->time += seconds;
}

void lab_air_run(struct lab_air *air, double seconds)
{
	while (air->p.people_max > 0 && air->p.people_period > 0 && air->next_change <= seconds) {
		bool comes = uniform(air->random) < 0.5;

		mix(air, air->next_change);
		seconds -= air->next_change;
		if (air->people == 0 || (comes && air->people < air->p.people_max))
			air->people++;
		else
			air->people--;
		air->next_change = -air->p.people_period * log(uniform(air->random));
	}
	air->next_change -= seconds;
	mix(air, seconds);
}

double lab_air_humidity(const struct lab_air *air, double temperature)
{
	/* Magnus formula, WMO-No. 8 (2018), Annex 4.B: Pa over water; then the ideal gas law. */
	double saturation = 611.2 * exp(17.62 * temperature / (243.12 + temperature));
	double pressure = air->content[LAB_AIR_WATER] * 461.5 * (temperature + 273.15);

	return pressure / saturation;
}
