// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/thermistor.h"

#include <errno.h>
#include <math.h>

#include "base/error.h"
#include "calibrate/solve.h"

static const char *const object = "thermistor";

/* 1/T of L = ln R. */
static double reciprocal(const void *self, double l, double *slope)
{
	const struct sense_thermistor *thermistor = self;

	return sense_polynomial(thermistor->c, 4, l, slope);
}

static double celsius(const struct sense_thermistor *thermistor, double r_ohm)
{
	double slope;

	return 1 / reciprocal(thermistor, log(r_ohm), &slope) - 273.15;
}

double sense_thermistor_temperature_degC(const struct sense_thermistor *thermistor, double r_ohm)
{
	if (!(r_ohm >= thermistor->r_min_ohm && r_ohm <= thermistor->r_max_ohm))
		return NAN;
	return celsius(thermistor, r_ohm);
}

double sense_thermistor_resistance_ohm(const struct sense_thermistor *thermistor, double t_degC)
{
	double hot = celsius(thermistor, thermistor->r_min_ohm);
	double cold = celsius(thermistor, thermistor->r_max_ohm), l;

	/* The ends have been through log and back: what they give themselves is inside. */
	if (t_degC <= cold && t_degC > cold - 1e-9)
		return thermistor->r_max_ohm;
	if (t_degC >= hot && t_degC < hot + 1e-9)
		return thermistor->r_min_ohm;
	if (!(t_degC > cold && t_degC < hot))
		return NAN;
	l = sense_solve(reciprocal, thermistor, 1 / (t_degC + 273.15), log(thermistor->r_min_ohm),
			log(thermistor->r_max_ohm), NAN);
	return exp(l);
}

struct interval thermistor_slope(const struct sense_thermistor *thermistor, struct interval r,
				 struct interval t)
{
	/* dt/dR = -T^2 P'(ln R) / R */
	struct interval T = { t.lo + 273.15, t.hi + 273.15 };
	struct interval p = interval_polynomial_slope(thermistor->c, 4, interval_log(r));

	return interval_scale(interval_mul(interval_mul(interval_mul(T, T), p), interval_inverse(r)), -1);
}

int sense_thermistor_check(const struct sense_thermistor *thermistor)
{
	double from, to;

	if (!(thermistor->r_min_ohm > 0 && thermistor->r_max_ohm > thermistor->r_min_ohm &&
	      isfinite(thermistor->r_max_ohm)))
		return sense_fail(EINVAL, object, "give the range it was calibrated over",
				  "the range of resistance is %g to %g ohm", thermistor->r_min_ohm,
				  thermistor->r_max_ohm);
	from = log(thermistor->r_min_ohm);
	to = log(thermistor->r_max_ohm);
	for (int i = 0; i <= 500; i++) {
		double slope, l = from + (to - from) * i / 500;

		if (!(reciprocal(thermistor, l, &slope) > 0) || !(slope > 0))
			return sense_fail(EINVAL, object, "compare the coefficients with the certificate",
					  "temperature does not fall with resistance at %g ohm", exp(l));
	}
	return 0;
}

int sense_thermistor_set_range(struct sense_thermistor *thermistor, double min_degC,
			       double max_degC)
{
	double hot = 1 / (max_degC + 273.15), cold = 1 / (min_degC + 273.15), from = NAN, to = NAN;
	double slope;

	if (!(min_degC > -273.15 && max_degC > min_degC && isfinite(max_degC)))
		return sense_fail(EINVAL, object, "give the range it was calibrated over",
				  "the range of temperature is %g to %g degC", min_degC, max_degC);
	/*
	 * A cubic may rise in more than one place: follow it from 1 mohm to 1 Tohm and take
	 * the rise that spans the range.
	 */
	for (double l = log(1e-3), step = 0.02; l < log(1e12); l += step) {
		double a = reciprocal(thermistor, l, &slope), b = reciprocal(thermistor, l + step, &slope);

		if (!(b > a)) {
			from = NAN;
			continue;
		}
		if (a <= hot && b >= hot)
			from = sense_solve(reciprocal, thermistor, hot, l, l + step, NAN);
		if (a <= cold && b >= cold && !isnan(from)) {
			to = sense_solve(reciprocal, thermistor, cold, l, l + step, NAN);
			break;
		}
	}
	if (isnan(from) || isnan(to))
		return sense_fail(EINVAL, object,
				  "compare the coefficients with the certificate: R is in ohm, T in kelvin",
				  "the coefficients give no resistance that falls from %g to %g degC",
				  min_degC, max_degC);
	thermistor->r_min_ohm = exp(from);
	thermistor->r_max_ohm = exp(to);
	return sense_thermistor_check(thermistor);
}

int sense_thermistor_from_beta(struct sense_thermistor *thermistor, double r0_ohm, double t0_degC,
			       double beta_kelvin, double min_degC, double max_degC)
{
	if (!(r0_ohm > 0 && beta_kelvin > 0 && t0_degC > -273.15))
		return sense_fail(EINVAL, object, "take R0, its temperature and beta from the data sheet",
				  "R0 %g ohm at %g degC with beta %g K makes no thermistor", r0_ohm, t0_degC,
				  beta_kelvin);
	*thermistor = (struct sense_thermistor){
		.c = { 1 / (t0_degC + 273.15) - log(r0_ohm) / beta_kelvin, 1 / beta_kelvin, 0, 0 },
	};
	return sense_thermistor_set_range(thermistor, min_degC, max_degC);
}

int sense_thermistor_from_points(struct sense_thermistor *thermistor, const double t_degC[3],
				 const double r_ohm[3])
{
	double l[3], y[3], g2, g3, c;
	struct sense_thermistor result = { .c = { 0 } };

	for (int i = 0; i < 3; i++) {
		if (!(r_ohm[i] > 0 && t_degC[i] > -273.15) ||
		    (i && !((t_degC[i] - t_degC[i - 1]) * (t_degC[1] - t_degC[0]) > 0 &&
			    (r_ohm[i] - r_ohm[i - 1]) * (t_degC[1] - t_degC[0]) < 0)))
			return sense_fail(EINVAL, object, "give three points in order of temperature",
					  "the resistance does not fall with temperature at %g degC",
					  t_degC[i]);
		l[i] = log(r_ohm[i]);
		y[i] = 1 / (t_degC[i] + 273.15);
	}
	/* Steinhart and Hart: three equations in A, B and C, by elimination. */
	g2 = (y[1] - y[0]) / (l[1] - l[0]);
	g3 = (y[2] - y[0]) / (l[2] - l[0]);
	c = (g3 - g2) / (l[2] - l[1]) / (l[0] + l[1] + l[2]);
	result.c[3] = c;
	result.c[1] = g2 - c * (l[0] * l[0] + l[0] * l[1] + l[1] * l[1]);
	result.c[0] = y[0] - l[0] * (result.c[1] + l[0] * l[0] * c);
	result.r_min_ohm = fmin(r_ohm[0], r_ohm[2]);
	result.r_max_ohm = fmax(r_ohm[0], r_ohm[2]);
	*thermistor = result;
	return sense_thermistor_check(thermistor);
}
