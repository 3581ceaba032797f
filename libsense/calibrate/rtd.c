// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * IEC 60751:2022, clause 4.2: the temperature/resistance relationship of
 * industrial platinum resistance thermometers, in both directions.
 */
#include "calibrate/rtd.h"

#include <errno.h>
#include <math.h>

#include "base/error.h"
#include "calibrate/least-squares.h"

/* IEC 60751:2022, 4.2: A, B and C of the standard's relationship. */
#define IEC_A 3.9083e-3
#define IEC_B -5.775e-7
#define IEC_C -4.183e-12

struct sense_rtd sense_rtd_iec60751(double r0_ohm)
{
	return (struct sense_rtd){ r0_ohm, IEC_A, IEC_B, IEC_C };
}

/* R(t) / R0 - 1. Apart from 1, so that nothing cancels near 0 degC. */
static double excess(const struct sense_rtd *rtd, double t)
{
	double w = t * (rtd->a + t * rtd->b);

	if (t < 0)
		w += rtd->c * (t - 100) * t * t * t;
	return w;
}

double sense_rtd_resistance_ohm(const struct sense_rtd *rtd, double t_degC)
{
	if (!(t_degC >= SENSE_RTD_MIN_DEGC && t_degC <= SENSE_RTD_MAX_DEGC))
		return NAN;
	return rtd->r0_ohm * (1 + excess(rtd, t_degC));
}

/*
 * At + Bt^2 = w in the form that does not cancel. Exact but for rounding.
 */
static double quadratic(const struct sense_rtd *rtd, double w)
{
	return 2 * w / (rtd->a + sqrt(rtd->a * rtd->a + 4 * rtd->b * w));
}

/*
 * Below 0 degC: Newton's method on the quartic. The quadratic, which lacks C,
 * starts within 2.4 degC at -200 degC; an error e becomes about 4.3e-4 e^2 per
 * step, so three steps reach rounding. The number of steps is fixed: the
 * result depends on the input alone.
 */
static double newton(const struct sense_rtd *rtd, double w)
{
	double t = quadratic(rtd, w);

	for (int step = 0; step < 4; step++) {
		double c = rtd->c * t * t;
		double f = t * (rtd->a + t * rtd->b) + c * t * (t - 100) - w;
		double slope = rtd->a + 2 * rtd->b * t + c * (4 * t - 300);

		t -= f / slope;
	}
	return t;
}

double sense_rtd_temperature_degC(const struct sense_rtd *rtd, double r_ohm)
{
	double w;

	if (!(r_ohm >= sense_rtd_resistance_ohm(rtd, SENSE_RTD_MIN_DEGC) &&
	      r_ohm <= sense_rtd_resistance_ohm(rtd, SENSE_RTD_MAX_DEGC)))
		return NAN;
	w = (r_ohm - rtd->r0_ohm) / rtd->r0_ohm;
	return w < 0 ? newton(rtd, w) : quadratic(rtd, w);
}

double sense_rtd_slope(const struct sense_rtd *rtd, double t_degC)
{
	double slope = rtd->a + 2 * rtd->b * t_degC;

	if (t_degC < 0)
		slope += rtd->c * t_degC * t_degC * (4 * t_degC - 300);
	return rtd->r0_ohm * slope;
}

bool sense_rtd_is_monotonic(const struct sense_rtd *rtd)
{
	if (!(isfinite(rtd->r0_ohm) && rtd->r0_ohm > 0 && isfinite(rtd->a) && isfinite(rtd->b) &&
	      isfinite(rtd->c)))
		return false;
	/* Above 0 degC the slope is linear in t: its ends decide. */
	if (!(sense_rtd_slope(rtd, 0) > 0 && sense_rtd_slope(rtd, SENSE_RTD_MAX_DEGC) > 0))
		return false;
	/* Below, it is a cubic: its ends and the roots of its derivative. */
	if (!(sense_rtd_slope(rtd, SENSE_RTD_MIN_DEGC) > 0))
		return false;
	/* d slope / dt = 2B - 600 C t + 12 C t^2 = 0 */
	double d = 360000 * rtd->c * rtd->c - 96 * rtd->c * rtd->b;

	if (rtd->c != 0 && d >= 0) {
		double root = (600 * rtd->c - sqrt(d)) / (24 * rtd->c);

		for (int i = 0; i < 2; i++) {
			if (root < 0 && root > SENSE_RTD_MIN_DEGC && !(sense_rtd_slope(rtd, root) > 0))
				return false;
			root = (600 * rtd->c + sqrt(d)) / (24 * rtd->c);
		}
	}
	/* The inverse starts from the quadratic: it must exist down to R(-200 degC). */
	return rtd->a * rtd->a + 4 * rtd->b * excess(rtd, SENSE_RTD_MAX_DEGC) > 0 &&
	       rtd->a * rtd->a + 4 * rtd->b * excess(rtd, SENSE_RTD_MIN_DEGC) > 0;
}

int sense_rtd_check(const struct sense_rtd *rtd)
{
	if (sense_rtd_is_monotonic(rtd))
		return 0;
	return sense_fail(EINVAL, "RTD", "compare the coefficients with the certificate",
			  "R0 %g, A %g, B %g, C %g give no resistance that rises all the way from "
			  "-200 to 850 degC", rtd->r0_ohm, rtd->a, rtd->b, rtd->c);
}

int sense_rtd_fit(struct sense_rtd *rtd, const double *t_degC, const double *r_ohm,
		  const double *u_ohm, unsigned int count)
{
	double a[64 * 4], y[64], p[4] = { 0 };
	int columns = 3;

	if (count > 64)
		return sense_fail(EINVAL, "RTD", "give at most 64 points", "there are %u points", count);
	for (unsigned int i = 0; i < count; i++) {
		if (!(t_degC[i] >= SENSE_RTD_MIN_DEGC && t_degC[i] <= SENSE_RTD_MAX_DEGC) ||
		    !(r_ohm[i] > 0 && isfinite(r_ohm[i])) || (u_ohm && !(u_ohm[i] > 0 && isfinite(u_ohm[i]))))
			return sense_fail(EINVAL, "RTD", "compare the points with the certificate",
					  "the point at %g degC is outside -200 to 850 degC, or its "
					  "resistance or uncertainty is not positive", t_degC[i]);
		if (t_degC[i] < 0)
			columns = 4;
	}
	/* R is linear in R0, R0 A, R0 B and R0 C. Hundreds of degrees keep the columns of like size. */
	for (unsigned int i = 0; i < count; i++) {
		double t = t_degC[i] / 100, weight = u_ohm ? 1 / u_ohm[i] : 1;
		double row[4] = { 1, t, t * t, t < 0 ? (t - 1) * t * t * t : 0 };

		for (int j = 0; j < columns; j++)
			a[i * columns + j] = row[j] * weight;
		/* The standard's C, where none is fitted, counts below 0 degC only: nowhere here. */
		y[i] = r_ohm[i] * weight;
	}
	if (least_squares(a, y, (int)count, columns, p, NULL, NULL))
		return sense_fail(EINVAL, "RTD", "add points: below 0 degC there is one more coefficient",
				  "%u points do not settle %d coefficients", count, columns);
	*rtd = (struct sense_rtd){ p[0], p[1] / p[0] / 1e2, p[2] / p[0] / 1e4,
				   columns == 4 ? p[3] / p[0] / 1e8 : IEC_C };
	return sense_rtd_check(rtd);
}
