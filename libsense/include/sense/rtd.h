/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * rtd.h - industrial platinum resistance thermometers (IEC 60751:2022, clause 4.2).
 */
#ifndef SENSE_RTD_H
#define SENSE_RTD_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/**
 * R(t) = R0 (1 + A t + B t^2 + C (t - 100 degC) t^3), C counting below 0 degC only.
 * An individually calibrated thermometer has coefficients of its own (Callendar-Van Dusen).
 */
struct sense_rtd {
	double r0_ohm;
	double a;	/**< 1/degC */
	double b;	/**< 1/degC^2 */
	double c;	/**< 1/degC^4 */
};

/** sense_rtd_iec60751() - the standard's coefficients for a nominal R0 (100, 500, 1000 ohm). */
SENSE_API struct sense_rtd sense_rtd_iec60751(double r0_ohm);

/** sense_rtd_check() - 0, or -EINVAL: R(t) does not rise all the way from -200 to 850 degC. */
SENSE_API int sense_rtd_check(const struct sense_rtd *rtd);

/**
 * sense_rtd_fit() - coefficients of an individual thermometer from its certificate's points, by
 * weighted least squares. @u_ohm: standard uncertainties, or NULL for equal weights. C is fitted
 * when points lie below 0 degC, and is the standard's otherwise. 0 or -EINVAL (fewer than three
 * points at or above 0 degC alone, four with some below; or R(t) does not rise).
 */
SENSE_API int sense_rtd_fit(struct sense_rtd *rtd, const double *t_degC, const double *r_ohm,
			    const double *u_ohm, unsigned int count);

/** sense_rtd_resistance_ohm() - R(t), -200 to 850 degC; NaN outside. Pure, any thread. */
SENSE_API double sense_rtd_resistance_ohm(const struct sense_rtd *rtd, double t_degC);

/**
 * sense_rtd_temperature_degC() - the inverse, solved to better than 1 uK; NaN where R(t)
 * of -200 to 850 degC does not reach. Only + - x / sqrt, so bit-identical everywhere. Pure.
 */
SENSE_API double sense_rtd_temperature_degC(const struct sense_rtd *rtd, double r_ohm);

SENSE_END_DECLS

#endif
