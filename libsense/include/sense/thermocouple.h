/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * thermocouple.h - thermocouples by letter: IEC 60584-1:2013, whose reference
 * functions are those of NIST Monograph 175 (ITS-90).
 *
 * E(t) is the voltage between a measuring junction at t and a reference
 * junction at 0 degC. Single values and set-up; a flow works from a table.
 */
#ifndef SENSE_THERMOCOUPLE_H
#define SENSE_THERMOCOUPLE_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/**
 * One thermocouple: its letter, and what its certificate says it differs from
 * the reference function by: deviation_V = d[0] + d[1] t + d[2] t^2 + d[3] t^3.
 * All zero: the reference function itself.
 */
struct sense_thermocouple {
	char letter;		/**< B E J K N R S T */
	double deviation[4];	/**< V, V/degC, V/degC^2, V/degC^3 */
};

/**
 * sense_thermocouple_check() - 0, or -EINVAL: no such letter, or a deviation that makes the
 * voltage turn back.
 */
SENSE_API int sense_thermocouple_check(const struct sense_thermocouple *thermocouple);

/** Range of the reference function, degC: B 0 to 1820, E -270 to 1000, J -210 to 1200, ... */
SENSE_API double sense_thermocouple_get_min_degC(const struct sense_thermocouple *thermocouple);
SENSE_API double sense_thermocouple_get_max_degC(const struct sense_thermocouple *thermocouple);

/**
 * From where voltage tells temperature, degC. As the range, but for B: its voltage falls up to
 * 21 degC and is zero again at 42.2 degC, so below that a voltage says nothing.
 */
SENSE_API double
sense_thermocouple_get_invertible_degC(const struct sense_thermocouple *thermocouple);

/** sense_thermocouple_voltage_V() - E(t), reference junction at 0 degC; NaN outside. Pure. */
SENSE_API double sense_thermocouple_voltage_V(const struct sense_thermocouple *thermocouple,
					      double t_degC);

/**
 * sense_thermocouple_temperature_degC() - the temperature of the measuring junction.
 * @voltage_V: as measured
 * @cold_junction_degC: temperature of the reference junction
 *
 * E(t) = voltage + E(cold junction), solved to rounding: the printed inverse polynomials, which
 * err by up to 0.06 degC, are not used. NaN where no temperature gives it. Pure.
 */
SENSE_API double sense_thermocouple_temperature_degC(const struct sense_thermocouple *thermocouple,
						     double voltage_V, double cold_junction_degC);

SENSE_END_DECLS

#endif
