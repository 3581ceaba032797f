/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * sprt.h - standard platinum resistance thermometers on the International
 * Temperature Scale of 1990 (ITS-90, Metrologia 27 (1990) 3-10 and 107).
 *
 * W(T) = R(T) / R(273.16 K). A reference function Wr(T) and a deviation
 * function W - Wr, whose coefficients the certificate gives, make the scale.
 * These functions use exp, log and pow: set-up and single values. In a flow
 * the calibrate stage works from a table made of them (calibrator.h).
 */
#ifndef SENSE_SPRT_H
#define SENSE_SPRT_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Range of the reference functions, degC: 13.8033 K to 1234.93 K. */
#define SENSE_ITS90_MIN_DEGC (-259.3467)
#define SENSE_ITS90_MAX_DEGC 961.78

/** sense_its90_reference() - Wr of ITS-90 eq. (9a) and (10a); NaN outside the range. Pure. */
SENSE_API double sense_its90_reference(double t_degC);

/**
 * sense_its90_temperature_degC() - the inverse, solved to rounding. ITS-90's own eq. (9b) and
 * (10b), which err by 0.1 mK and 0.13 mK, only start the iteration. NaN outside. Pure.
 */
SENSE_API double sense_its90_temperature_degC(double wr);

/**
 * The deviation function of one subrange, numbered as in NIST Technical Note 1265 and the
 * Supplementary Information for the ITS-90:
 *
 *   1  13.8033 K to 273.16 K    a(W-1) + b(W-1)^2 + sum c[i-1] ln(W)^(i+2), i = 1..5
 *   2  24.5561 K to 273.16 K    a(W-1) + b(W-1)^2 + sum c[i-1] ln(W)^i,     i = 1..3
 *   3  54.3584 K to 273.16 K    a(W-1) + b(W-1)^2 + c[0] ln(W)^2
 *   4  83.8058 K to 273.16 K    a(W-1) + b(W-1) ln(W)
 *   5  234.3156 K to 302.9146 K a(W-1) + b(W-1)^2
 *   6  273.15 K to 1234.93 K    a(W-1) + b(W-1)^2 + c[0](W-1)^3 + d(W-W(660.323 degC))^2,
 *                               d counting above 660.323 degC only
 *   7  273.15 K to 933.473 K    a(W-1) + b(W-1)^2 + c[0](W-1)^3
 *   8  273.15 K to 692.677 K    a(W-1) + b(W-1)^2
 *   9  273.15 K to 505.078 K    a(W-1) + b(W-1)^2
 *  10  273.15 K to 429.7485 K   a(W-1)
 *  11  273.15 K to 302.9146 K   a(W-1)
 */
struct sense_sprt_deviation {
	unsigned int subrange;	/**< 1 to 11; 0: none */
	double a;
	double b;
	double c[5];
	double d;
};

struct sense_sprt {
	double r_tpw_ohm;			/**< at the triple point of water, 273.16 K */
	struct sense_sprt_deviation low;	/**< subrange 1 to 5, or 0 */
	struct sense_sprt_deviation high;	/**< subrange 6 to 11, or 0; not beside 5 */
};

/**
 * sense_sprt_check() - 0, or -EINVAL with the sentence: no or contradictory subranges, R not
 * rising, or platinum that ITS-90 does not admit (W(302.9146 K) < 1.11807 and
 * W(234.3156 K) > 0.844235; above 660.323 degC also W(1234.93 K) < 4.2844).
 */
SENSE_API int sense_sprt_check(const struct sense_sprt *sprt);

/** Where the certificate's subranges reach, degC. */
SENSE_API double sense_sprt_get_min_degC(const struct sense_sprt *sprt);
SENSE_API double sense_sprt_get_max_degC(const struct sense_sprt *sprt);

/** sense_sprt_resistance_ohm() - R(t); NaN outside the subranges. Round trip below 1 uK. Pure. */
SENSE_API double sense_sprt_resistance_ohm(const struct sense_sprt *sprt, double t_degC);

/** sense_sprt_temperature_degC() - t(R); NaN outside the subranges. Pure. */
SENSE_API double sense_sprt_temperature_degC(const struct sense_sprt *sprt, double r_ohm);

/**
 * sense_sprt_fit() - the deviation coefficients of a subrange from its fixed points, by weighted
 * least squares (as many points as coefficients: exactly). The points of a subrange stand in the
 * Supplementary Information; vapour pressure points of hydrogen are points like any other.
 * @t_degC, @w: temperatures assigned and W measured there; 0.01 degC itself is not a point
 * @u_w: standard uncertainty of each W, or NULL for equal weights
 * 0 or -EINVAL (too few points, points outside the subrange or alike).
 */
SENSE_API int sense_sprt_fit(struct sense_sprt_deviation *deviation, unsigned int subrange,
			     const double *t_degC, const double *w, const double *u_w,
			     unsigned int count);

SENSE_END_DECLS

#endif
