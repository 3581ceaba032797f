/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * unit.h - units as D-SI spells them ("\kelvin", "\milli\ohm", "\kilogram\metre\tothe{2}..."),
 * the spelling of Digital Calibration Certificates.
 *
 * Source: D-SI metadata model (SmartCom, 17IND02), its units from the SI Brochure, 9th edition,
 * tables 2 to 8.
 */
#ifndef SENSE_UNIT_H
#define SENSE_UNIT_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Position of a base unit in sense_unit.exponent. */
enum sense_base_unit {
	SENSE_BASE_METRE = 0,
	SENSE_BASE_KILOGRAM,
	SENSE_BASE_SECOND,
	SENSE_BASE_AMPERE,
	SENSE_BASE_KELVIN,
	SENSE_BASE_MOLE,
	SENSE_BASE_CANDELA,
	SENSE_BASE_RADIAN,	/**< kept apart so that an angle is not taken for a ratio */
	SENSE_BASE_COUNT
};

/** SI value = value * factor + offset, in the product of base units named by the exponents. */
struct sense_unit {
	double factor;
	double offset;			/**< 273.15 for \degreecelsius alone, else 0 */
	double exponent[SENSE_BASE_COUNT];
	int logarithmic;		/**< bel, decibel, neper: compared, never converted */
	char symbol[96];		/**< for people, UTF-8: "K", "°C", "kg·m²·s⁻³·A⁻²" */
};

/**
 * sense_unit_parse() - read a D-SI unit.
 *
 * Everything after the first \per is in the denominator, as the D-SI model has it.
 * 0, or -EINVAL with the place in the error. Pure, any thread.
 */
SENSE_API int sense_unit_parse(const char *text, struct sense_unit *unit);

/** sense_unit_same_dimension() - 1 where values of one can be expressed in the other, else 0. */
SENSE_API int sense_unit_same_dimension(const struct sense_unit *a, const struct sense_unit *b);

/**
 * sense_unit_convert() - a value from one unit to another; 0, or -EDOM when the dimensions differ.
 * sense_unit_convert_difference() - the same for differences, errors and uncertainties: no offset.
 */
SENSE_API int sense_unit_convert(const struct sense_unit *from, const struct sense_unit *to,
				 double value, double *converted);
SENSE_API int sense_unit_convert_difference(const struct sense_unit *from,
					    const struct sense_unit *to, double value,
					    double *converted);

SENSE_END_DECLS

#endif
