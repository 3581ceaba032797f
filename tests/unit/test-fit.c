// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/error.h>
#include "calibrate/fit.h"

/* JCGM 100:2008, H.3: corrections b of a thermometer at readings t, in degC. */
static const double h3_t[] = { 21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503,
			       26.010, 26.511 };
static const double h3_b[] = { -0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159,
			       -0.161, -0.160 };

static void gum_h3(void)
{
	struct sense_fit *fit = sense_fit_new(SENSE_FIT_POLYNOMIAL, 1, h3_t, h3_b, NULL, NULL, 11);
	struct fit inside;
	unsigned int count, dof;
	const double *c, *v;
	double half, slope;

	CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
	c = sense_fit_get_coefficients(fit, &count);
	v = sense_fit_get_covariance(fit);
	CU_ASSERT_EQUAL_FATAL(count, 2);
	half = (26.511 - 21.521) / 2;
	slope = c[1] / half;
	/* H.3.3: y2 = 0.00218, u 0.00067; y1 = -0.1712, u 0.0029, at 20 degC; s = 0.0035 */
	CU_ASSERT_DOUBLE_EQUAL(slope, 0.00218, 5e-6);
	CU_ASSERT_DOUBLE_EQUAL(sqrt(v[3]) / half, 0.00067, 5e-6);
	CU_ASSERT_DOUBLE_EQUAL(c[0] + slope * (20 - (21.521 + half)), -0.1712, 5e-5);
	CU_ASSERT_DOUBLE_EQUAL(sqrt(sense_fit_get_chi2(fit, &dof) / 9), 0.0035, 5e-5);
	CU_ASSERT_EQUAL(dof, 9);
	/* H.3.4 asks at 30 degC, outside the points: this curve does not extrapolate */
	CU_ASSERT(isnan(sense_fit_value(fit, 30)));
	CU_ASSERT(isnan(sense_fit_u(fit, 30)));
	/* inside, u^2 = u1^2 + t^2 u2^2 + 2 t r u1 u2 with the document's own figures, at t - 20 = 4 */
	CU_ASSERT_DOUBLE_EQUAL(sense_fit_u(fit, 24),
			       sqrt(0.0028776 * 0.0028776 + 16 * 0.00066794 * 0.00066794 -
				    8 * 0.93043 * 0.0028776 * 0.00066794), 2e-7);
	sense_fit_free(fit);
	CU_ASSERT_EQUAL(fit_make(&inside, SENSE_FIT_POLYNOMIAL, 11, h3_t, h3_b, NULL, NULL, 11), -EINVAL);
}

static void correlation_counts(void)
{
	/* Two points with u 1 each, fully alike but for a little: the mean keeps their common part. */
	double x[] = { 0, 1, 2 }, y[] = { 1, 2, 3 }, u[] = { 1, 1, 1 };
	double v[] = { 1, 0.9, 0.9, 0.9, 1, 0.9, 0.9, 0.9, 1 };
	double bad[] = { 1, 2, 0, 2, 1, 0, 0, 0, 1 }, lopsided[] = { 1, 0.5, 0, 0, 1, 0, 0, 0, 1 };

	for (int kind = 0; kind < 3; kind++) {
		struct sense_fit *alone = sense_fit_new(kind, 1, x, y, u, NULL, 3);
		struct sense_fit *alike = sense_fit_new(kind, 1, x, y, NULL, v, 3);

		CU_ASSERT_PTR_NOT_NULL_FATAL(alone);
		CU_ASSERT_PTR_NOT_NULL_FATAL(alike);
		CU_ASSERT_DOUBLE_EQUAL(sense_fit_value(alike, 0.5), 1.5, 1e-12);
		CU_ASSERT(sense_fit_u(alone, 0.5) < 0.85);
		CU_ASSERT(sense_fit_u(alike, 0.5) > 0.94);
		if (kind == SENSE_FIT_PIECEWISE) {
			CU_ASSERT_DOUBLE_EQUAL(sense_fit_u(alone, 0.5), sqrt(0.5), 1e-12);
			CU_ASSERT_DOUBLE_EQUAL(sense_fit_u(alike, 0.5), sqrt(0.95), 1e-12);
		}
		sense_fit_free(alone);
		sense_fit_free(alike);
		CU_ASSERT_PTR_NULL(sense_fit_new(kind, 1, x, y, NULL, bad, 3));
		CU_ASSERT_EQUAL(sense_error_last()->code, EDOM);
		CU_ASSERT_PTR_NULL(sense_fit_new(kind, 1, x, y, NULL, lopsided, 3));
	}
}

static void spline_is_smooth(void)
{
	double x[9], y[9], slope, before, after;
	struct fit fit;

	for (int i = 0; i < 9; i++) {
		x[i] = i + 0.1 * sin(i);
		y[i] = exp(0.3 * x[i]);
	}
	CU_ASSERT_EQUAL(fit_make(&fit, SENSE_FIT_SPLINE, 0, x, y, NULL, NULL, 9), 0);
	for (int i = 0; i < 9; i++)
		CU_ASSERT_DOUBLE_EQUAL(fit_value(&fit, x[i], &slope), y[i], 1e-12);
	for (int i = 1; i < 8; i++) {
		fit_value(&fit, x[i] - 1e-9, &before);
		fit_value(&fit, x[i] + 1e-9, &after);
		CU_ASSERT_DOUBLE_EQUAL(before, after, 1e-7);
	}
	CU_ASSERT_DOUBLE_EQUAL(fit_value(&fit, 4.5, &slope), exp(1.35), 2e-3);
	CU_ASSERT_DOUBLE_EQUAL(slope, 0.3 * exp(1.35), 2e-2);
	CU_ASSERT(isnan(fit_u(&fit, 4.5)));
	CU_ASSERT_EQUAL(fit_check_monotonic(&fit, "x"), 0);
	y[4] = 0;
	CU_ASSERT_EQUAL(fit_make(&fit, SENSE_FIT_SPLINE, 0, x, y, NULL, NULL, 9), 0);
	CU_ASSERT_EQUAL(fit_check_monotonic(&fit, "x"), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "not monotonic"));
}

static void slopes_are_enclosed(void)
{
	double x[8], y[8], u[8];

	srand(unit_seed());
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 8; i++) {
			x[i] = i + 0.4 * rand() / RAND_MAX;
			y[i] = 10.0 * rand() / RAND_MAX;
			u[i] = 0.1;
		}
		for (int kind = 0; kind < 3; kind++) {
			struct fit fit;

			CU_ASSERT_EQUAL(fit_make(&fit, kind, 5, x, y, u, NULL, 8), 0);
			for (double a = x[0]; a < x[7] - 0.3; a += 0.17) {
				struct interval s = fit_slope(&fit, (struct interval){ a, a + 0.3 });
				double p, q, unused;

				p = fit_value(&fit, a + 0.05, &unused);
				q = fit_value(&fit, a + 0.25, &unused);
				CU_ASSERT((q - p) / 0.2 >= s.lo - 1e-9 && (q - p) / 0.2 <= s.hi + 1e-9);
			}
		}
	}
}

static void refuses(void)
{
	double x[] = { 0, 1, 1 }, y[] = { 0, 1, 2 }, u[] = { 1, 0, 1 };
	struct fit fit;

	CU_ASSERT_EQUAL(fit_make(&fit, SENSE_FIT_PIECEWISE, 0, x, y, NULL, NULL, 3), -EINVAL);
	CU_ASSERT_EQUAL(fit_make(&fit, SENSE_FIT_PIECEWISE, 0, x, y, u, NULL, 2), -EINVAL);
	CU_ASSERT_EQUAL(fit_make(&fit, SENSE_FIT_PIECEWISE, 0, x, y, NULL, NULL, 1), -EINVAL);
	y[1] = NAN;
	CU_ASSERT_EQUAL(fit_make(&fit, SENSE_FIT_PIECEWISE, 0, x, y, NULL, NULL, 2), -EINVAL);
}

UNIT_TESTS = { UNIT(gum_h3), UNIT(correlation_counts), UNIT(spline_is_smooth), UNIT(slopes_are_enclosed),
	       UNIT(refuses), UNIT_END };
UNIT_MAIN("fit")
