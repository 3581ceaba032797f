/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * thermocouple.h - what the calibrate stage's table needs beyond <sense/thermocouple.h>.
 */
#ifndef SENSE_CALIBRATE_THERMOCOUPLE_H
#define SENSE_CALIBRATE_THERMOCOUPLE_H

#include <sense/thermocouple.h>
#include "calibrate/interval.h"

/* E(t) in V with dE/dt in *slope; NaN outside the range. */
double thermocouple_voltage(const struct sense_thermocouple *thermocouple, double t_degC,
			    double *slope);

/* The temperature at which E(t) is @voltage_V; the cold junction is in it already. */
double thermocouple_invert(const struct sense_thermocouple *thermocouple, double voltage_V);

/* Voltages at which two pieces of the reference function meet; how many. */
unsigned int thermocouple_joins(const struct sense_thermocouple *thermocouple, double joins[3]);

/* Enclosure of dE/dt over a range of temperatures. */
struct interval thermocouple_slope(const struct sense_thermocouple *thermocouple,
				   struct interval t_degC);

#endif
