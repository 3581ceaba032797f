/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * humidity.h - moist air: saturation, dew and frost point, relative and absolute humidity.
 *
 * Relative humidity is over water at every temperature (WMO-No. 8, 2021, annex 4.A) and a
 * fraction, 0.45 for 45 %. Vapour pressures are those of air, the enhancement factor of Hardy
 * in them, wherever a pressure is given; 0 for the pressure stands for pure vapour.
 * These functions use exp and log: single values and set-up.
 */
#ifndef SENSE_HUMIDITY_H
#define SENSE_HUMIDITY_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Which equation gives the saturation vapour pressure. */
enum sense_saturation {
	SENSE_SATURATION_HARDY = 0,	/**< Hardy 1998, Wexler's equations on ITS-90; -100 to 100 degC */
	SENSE_SATURATION_SONNTAG,	/**< Sonntag, Z. Meteorol. 70 (1990) 340; -100 to 100 degC */
	SENSE_SATURATION_IAPWS,		/**< Wagner and Pruss 1993, 0.01 to 373.946 degC; ice: IAPWS R14-08(2011) */
	SENSE_SATURATION_MAGNUS		/**< WMO-No. 8 (2008); -45 to 60 degC, ice -65 to 0.01 degC */
};

/** sense_saturation_from_name() - "hardy", "sonntag", "iapws", "magnus"; -EINVAL for another. */
SENSE_API int sense_saturation_from_name(const char *name);

/** Saturation vapour pressure of pure vapour over water and over ice, Pa; NaN outside the range. */
SENSE_API double sense_saturation_water_Pa(enum sense_saturation formula, double t_degC);
SENSE_API double sense_saturation_ice_Pa(enum sense_saturation formula, double t_degC);

/**
 * Enhancement factor of moist air, Hardy 1998: -50 to 100 degC over water, -100 to 0.01 degC over
 * ice, saturation pressure to 2 MPa. 1 for a pressure of 0; NaN outside.
 */
SENSE_API double sense_enhancement_water(double t_degC, double pressure_Pa);
SENSE_API double sense_enhancement_ice(double t_degC, double pressure_Pa);

/** The state of a parcel of air and all that follows from it. */
struct sense_humidity {
	double t_degC;
	double pressure_Pa;		/**< 0: pure vapour */
	double relative_humidity;	/**< over water, 0 to 1 */
	double vapour_pressure_Pa;
	double dew_point_degC;		/**< NaN where it lies below the equation's range */
	double frost_point_degC;	/**< NaN above 0.01 degC */
	double absolute_humidity_kg_m3;	/**< vapour as ideal gas: saturated, 0.15 % low at 20 degC, 0.3 % at 40 */
	double mixing_ratio;		/**< kg water per kg dry air; NaN without a pressure */
};

/**
 * sense_humidity_from_rh() / _from_dew_point() / _from_frost_point() - fill @state.
 * 0, -EDOM when something lies outside the equation's range or above saturation at this pressure.
 */
SENSE_API int sense_humidity_from_rh(struct sense_humidity *state, enum sense_saturation formula,
				     double t_degC, double relative_humidity, double pressure_Pa);
SENSE_API int sense_humidity_from_dew_point(struct sense_humidity *state,
					    enum sense_saturation formula, double t_degC,
					    double dew_point_degC, double pressure_Pa);
SENSE_API int sense_humidity_from_frost_point(struct sense_humidity *state,
					      enum sense_saturation formula, double t_degC,
					      double frost_point_degC, double pressure_Pa);

SENSE_END_DECLS

#endif
