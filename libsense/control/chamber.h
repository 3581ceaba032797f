/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control/chamber.h - the heat balances of sense/chamber.h as functions. Only + - * / and sqrt.
 */
#ifndef SENSE_CONTROL_CHAMBER_H
#define SENSE_CONTROL_CHAMBER_H

#include <sense/chamber.h>

#define CHAMBER_KELVIN 273.15

/* Temperatures of the nodes, degC. */
struct chamber_state {
	double air, wall, sink, sensor;
};

/* Heat from the module into the air, W. */
double chamber_module_heat(const struct sense_chamber *p, double air, double sink, double current);
/* Heat into the air from all but the module, W, but for a disturbance. */
double chamber_passive_heat(const struct sense_chamber *p, double air, double wall, double ambient);
/* The nodes h seconds on, by the midpoint method, with @heat W more in the air. */
void chamber_advance(const struct sense_chamber *p, struct chamber_state *s, double ambient,
		     double current, double heat, double h);
/*
 * The current that gives @heat W to the air, on the branch where more current is more heat,
 * within the limits. Beyond the strongest cooling: the current of strongest cooling.
 */
double chamber_current_for(const struct sense_chamber *p, double air, double sink, double heat);
/* Wall and sink temperature in balance with air, ambient and a current, degC. */
double chamber_wall_balance(const struct sense_chamber *p, double air, double ambient);
double chamber_sink_balance(const struct sense_chamber *p, double air, double ambient,
			    double current);

#endif
