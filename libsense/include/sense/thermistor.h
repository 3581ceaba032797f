/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * thermistor.h - NTC thermistors: Steinhart and Hart, Deep-Sea Research 15 (1968) 497-503;
 * Hoge, Rev. Sci. Instrum. 59 (1988) 975 for the quadratic term; the beta equation of
 * IEC 60539-1:2016, 3.17.
 */
#ifndef SENSE_THERMISTOR_H
#define SENSE_THERMISTOR_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/**
 * 1/T = c[0] + c[1] L + c[2] L^2 + c[3] L^3, L = ln(R / ohm), T in K. Steinhart-Hart has
 * c[2] = 0, beta has c[2] = c[3] = 0. The equation is a fit: it holds between the resistances
 * it was calibrated at and nowhere else. Steinhart and Hart state 1 mK within 100 K and 0.1 mK
 * within 50 K for theirs; beta errs by degrees over such ranges.
 */
struct sense_thermistor {
	double c[4];
	double r_min_ohm;	/**< at the hot end of the calibrated range */
	double r_max_ohm;	/**< at the cold end */
};

/**
 * sense_thermistor_set_range() - set the resistances from a range of temperatures.
 * 0 or -EINVAL when the coefficients give no resistance that falls all the way between them.
 */
SENSE_API int sense_thermistor_set_range(struct sense_thermistor *thermistor, double min_degC,
					 double max_degC);

/** sense_thermistor_from_beta() - R = r0 exp(beta (1/T - 1/T0)) over a range. As _set_range(). */
SENSE_API int sense_thermistor_from_beta(struct sense_thermistor *thermistor, double r0_ohm,
					 double t0_degC, double beta_kelvin, double min_degC,
					 double max_degC);

/**
 * sense_thermistor_from_points() - Steinhart-Hart through three points, valid between the outer
 * ones. 0 or -EINVAL when R does not fall with t.
 */
SENSE_API int sense_thermistor_from_points(struct sense_thermistor *thermistor,
					   const double t_degC[3], const double r_ohm[3]);

/** sense_thermistor_check() - 0 or -EINVAL: no range, or t(R) does not fall over it. */
SENSE_API int sense_thermistor_check(const struct sense_thermistor *thermistor);

/** t(R); NaN outside the range. Pure. */
SENSE_API double sense_thermistor_temperature_degC(const struct sense_thermistor *thermistor,
						   double r_ohm);
/** R(t), solved to rounding; NaN outside the range. Pure. */
SENSE_API double sense_thermistor_resistance_ohm(const struct sense_thermistor *thermistor,
						 double t_degC);

SENSE_END_DECLS

#endif
