// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>

#include "calibrate/type-a.h"

/* GUM table 1 has its means only; here GUM H.2's voltages: mean 4.9990, u 0.0032. */
static void mean_of_readings(void)
{
	static const double v[] = { 5.007, 4.994, 5.005, 4.990, 4.999 };
	static const double i[] = { 19.663, 19.639, 19.640, 19.685, 19.678 };
	static const double phi[] = { 1.0456, 1.0438, 1.0468, 1.0428, 1.0433 };
	struct sense_type_a a;

	CU_ASSERT_EQUAL(sense_type_a(v, 5, false, &a), 0);
	CU_ASSERT_DOUBLE_EQUAL(a.mean, 4.9990, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(a.u, 0.0032, 0.00005);
	CU_ASSERT_EQUAL(a.dof, 4);
	CU_ASSERT_EQUAL(sense_type_a(i, 5, false, &a), 0);
	CU_ASSERT_DOUBLE_EQUAL(a.mean, 19.6610, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(a.u, 0.0095, 0.00005);
	CU_ASSERT_EQUAL(sense_type_a(phi, 5, false, &a), 0);
	CU_ASSERT_DOUBLE_EQUAL(a.mean, 1.04446, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(a.u, 0.00075, 0.000005);
	CU_ASSERT_DOUBLE_EQUAL(sense_type_a_correlation(v, i, 5), -0.36, 0.006);
	CU_ASSERT_DOUBLE_EQUAL(sense_type_a_correlation(v, phi, 5), 0.86, 0.006);
	CU_ASSERT_DOUBLE_EQUAL(sense_type_a_correlation(i, phi, 5), -0.65, 0.006);
	CU_ASSERT(sense_type_a(v, 1, false, &a) < 0);
}

/* An autoregressive series: the variance of its mean is (1 + f) / (1 - f) times s^2 / n. */
static void counts_autocorrelation(void)
{
	enum { N = 20000 };
	static double x[N];
	double f = 0.8, naive = 0;
	struct sense_type_a a;

	srand(unit_seed());
	for (int i = 1; i < N; i++) {
		double noise = 0;

		for (int k = 0; k < 12; k++)
			noise += rand() / (double)RAND_MAX;
		x[i] = f * x[i - 1] + noise - 6;
	}
	CU_ASSERT_EQUAL(sense_type_a(x, N, true, &a), 0);
	naive = a.s / sqrt(N);
	CU_ASSERT_DOUBLE_EQUAL(a.u / naive, sqrt((1 + f) / (1 - f)), 0.6);
	CU_ASSERT(a.dof < N / 5.0);
	/* White noise is left as it is, or nearly. */
	for (int i = 0; i < N; i++)
		x[i] = rand() / (double)RAND_MAX;
	CU_ASSERT_EQUAL(sense_type_a(x, N, true, &a), 0);
	CU_ASSERT_DOUBLE_EQUAL(a.u / (a.s / sqrt(N)), 1, 0.1);
	/* A ramp is one drift, not N readings. */
	for (int i = 0; i < 20; i++)
		x[i] = i;
	sense_type_a(x, 20, true, &a);
	CU_ASSERT(a.n_effective < 6);
	/* What does not move has no uncertainty, and divides nothing by 0. */
	CU_ASSERT_EQUAL(sense_type_a((double[]){ 2, 2, 2, 2, 2 }, 5, true, &a), 0);
	CU_ASSERT_EQUAL(a.u, 0);
}

/* GUM H.3.3: the calibration line of a thermometer. */
static void line_of_the_gum(void)
{
	static const double t[] = { 21.521, 22.012, 22.512, 23.003, 23.507, 23.999,
				    24.513, 25.002, 25.503, 26.010, 26.511 };
	static const double b[] = { -0.171, -0.169, -0.166, -0.159, -0.164, -0.165,
				    -0.156, -0.157, -0.159, -0.161, -0.160 };
	double x[11], c[2], v[4], s, dof;

	for (int i = 0; i < 11; i++)
		x[i] = t[i] - 20;
	CU_ASSERT_EQUAL(sense_fit_polynomial(11, x, b, NULL, 1, c, v, &s, &dof), 0);
	CU_ASSERT_DOUBLE_EQUAL(c[0], -0.1712, 0.00005);
	CU_ASSERT_DOUBLE_EQUAL(c[1], 0.00218, 0.000005);
	CU_ASSERT_DOUBLE_EQUAL(sqrt(v[0]), 0.0029, 0.00005);
	CU_ASSERT_DOUBLE_EQUAL(sqrt(v[3]), 0.00067, 0.000005);
	CU_ASSERT_DOUBLE_EQUAL(v[1] / sqrt(v[0] * v[3]), -0.930, 0.0005);
	CU_ASSERT_DOUBLE_EQUAL(s, 0.0035, 0.00005);
	CU_ASSERT_EQUAL(dof, 9);
	CU_ASSERT(sense_fit_polynomial(2, x, b, NULL, 1, c, v, &s, &dof) < 0);
	CU_ASSERT(sense_fit_polynomial(3, (double[]){ 1, 1, 1 }, b, NULL, 1, c, v, &s, &dof) < 0);
}

UNIT_TESTS = { UNIT(mean_of_readings), UNIT(counts_autocorrelation), UNIT(line_of_the_gum),
	       UNIT_END };
UNIT_MAIN("type-a")
