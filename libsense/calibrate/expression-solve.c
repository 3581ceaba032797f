// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * expression-solve.c - the unknowns of implicit equations, by Newton's method.
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include <lapacke.h>

#include "calibrate/expression-graph.h"

#define MAX   SENSE_EXPRESSION_MAX_UNKNOWNS
#define STEPS 100

/* Residuals f and, column by column, their derivatives by each unknown; v: 2 places per node. */
static bool linearise(const struct sense_expression *e, const double *x, const double *z, double *f,
		      double *jacobian, double *v)
{
	unsigned int n = e->unknown_count;
	double series[2 * MAX];

	for (unsigned int j = 0; j < n; j++) {
		for (unsigned int i = 0; i < n; i++) {
			series[2 * i] = z[i];
			series[2 * i + 1] = i == j;
		}
		sense_expression_taylor(e, 1, x, NULL, series, v);
		for (unsigned int i = 0; i < n; i++) {
			f[i] = v[2 * e->residuals[i]];
			jacobian[j * n + i] = v[2 * e->residuals[i] + 1];
			if (!isfinite(f[i]) || !isfinite(jacobian[j * n + i]))
				return false;
		}
	}
	return true;
}

static bool solve_linear(unsigned int n, double *jacobian, double *f, lapack_int columns)
{
	lapack_int pivots[MAX];

	if (n == 1) {
		for (lapack_int i = 0; i < columns; i++)
			f[i] /= jacobian[0];
		return jacobian[0] != 0;
	}
	return LAPACKE_dgesv_work(LAPACK_COL_MAJOR, (lapack_int)n, columns, jacobian, (lapack_int)n,
				  pivots, f, (lapack_int)n) == 0;
}

/* How large the numbers are that a residual is the difference of: what rounding can leave. */
static double magnitude(const struct sense_expression *e, unsigned int residual, const double *v)
{
	const struct sense_node *n = &e->nodes[e->residuals[residual]];
	double m = fabs(v[2 * n->a]) + fabs(v[2 * n->b]);

	/* "f(x, y) = 0": look one level down, where the terms are. */
	for (int side = 0; side < 2; side++) {
		const struct sense_node *t = &e->nodes[side ? n->b : n->a];

		while (t->op == SENSE_OP_ADD || t->op == SENSE_OP_SUBTRACT) {
			m += fabs(v[2 * t->a]) + fabs(v[2 * t->b]);
			t = &e->nodes[t->a];
		}
	}
	return m;
}

static double norm(unsigned int n, const double *f)
{
	double sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += fabs(f[i]);
	return sum;
}

static bool converged(const struct sense_expression *e, const double *z, const double *step,
		      const double *f, const double *v)
{
	bool small_step = true, small_residual = true;

	for (unsigned int i = 0; i < e->unknown_count; i++) {
		small_step &= fabs(step[i]) <= 4 * DBL_EPSILON * fabs(z[i]);
		small_residual &= fabs(f[i]) <= 4 * DBL_EPSILON * magnitude(e, i, v);
	}
	return small_step || small_residual;
}

static bool newton(const struct sense_expression *e, const double *x, double *z, double *v)
{
	unsigned int n = e->unknown_count;
	double f[MAX], step[MAX], trial[MAX], g[MAX];
	double jacobian[MAX * MAX], next[MAX * MAX];

	if (!linearise(e, x, z, f, jacobian, v))
		return false;
	for (int i = 0; i < STEPS; i++) {
		double length = 1;
		bool better = false;

		memcpy(step, f, n * sizeof(*step));
		if (!solve_linear(n, jacobian, step, 1))
			return false;
		if (converged(e, z, step, f, v)) {
			/* One last step costs nothing and takes the last bits. */
			for (unsigned int j = 0; j < n; j++)
				z[j] -= isfinite(step[j]) ? step[j] : 0;
			return true;
		}
		/* Halve the step until the equations are nearer to being met. */
		for (int half = 0; half < 40 && !better; half++, length /= 2) {
			for (unsigned int j = 0; j < n; j++)
				trial[j] = z[j] - length * step[j];
			better = linearise(e, x, trial, g, next, v) && norm(n, g) < norm(n, f);
		}
		if (!better) {
			/* No step helps: at a root this is rounding, elsewhere a failure. */
			bool tiny = true;

			if (!linearise(e, x, z, f, jacobian, v))
				return false;
			for (unsigned int j = 0; j < n; j++)
				tiny &= fabs(step[j]) <= 1e-9 * fabs(z[j]) ||
					fabs(f[j]) <= 1e3 * DBL_EPSILON * magnitude(e, j, v);
			return tiny;
		}
		memcpy(z, trial, n * sizeof(*z));
		memcpy(f, g, n * sizeof(*f));
		memcpy(jacobian, next, n * n * sizeof(*jacobian));
	}
	return false;
}

int sense_expression_solve(const struct sense_expression *e, const double *x, double *z, bool warm,
			   double *v)
{
	static const double starts[] = { 0,    1,    -1,  10,	 0.1,  100, 0.01, -10,	1000,
					 1e-3, -100, 1e4, -1000, 1e-6, 1e6, -0.1, 1e-9, 1e9 };
	double first[MAX];

	if (e->unknown_count == 0)
		return 0;
	memcpy(first, z, e->unknown_count * sizeof(*z));
	if (warm && newton(e, x, z, v))
		return 0;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]) && !warm; i++) {
		for (unsigned int j = 0; j < e->unknown_count; j++)
			z[j] = starts[i] * (1 + 0.1 * j); /* equal starts can be singular */
		if (newton(e, x, z, v))
			return 0;
	}
	memcpy(z, first, e->unknown_count * sizeof(*z));
	return -EDOM;
}

/*
 * With the Jacobian J of the values, z <- z - J^-1 F(x(s), z(s)) makes one more coefficient of the
 * series right each time (Griewank and Walther, section 13.3 and chapter 15: Newton on series).
 */
int sense_expression_taylor_solved(const struct sense_expression *e, unsigned int d,
				   const double *x, const double *dx, const double *z, double *v)
{
	unsigned int n = e->unknown_count;
	double series[MAX * (SENSE_TAYLOR_MAX + 1)] = { 0 };
	double f[MAX], jacobian[MAX * MAX], copy[MAX * MAX];

	if (n == 0) {
		sense_expression_taylor(e, d, x, dx, NULL, v);
		return 0;
	}
	/* v has d + 1 places per node, linearise() takes two of them. */
	if (d < 1)
		return -EINVAL;
	if (!linearise(e, x, z, f, jacobian, v))
		return -EDOM;
	for (unsigned int i = 0; i < n; i++)
		series[i * (d + 1)] = z[i];
	for (unsigned int k = 1; k <= d; k++) {
		sense_expression_taylor(e, d, x, dx, series, v);
		for (unsigned int i = 0; i < n; i++)
			f[i] = v[(size_t)e->residuals[i] * (d + 1) + k];
		memcpy(copy, jacobian, n * n * sizeof(*copy));
		if (!solve_linear(n, copy, f, 1))
			return -EDOM;
		for (unsigned int i = 0; i < n; i++)
			series[i * (d + 1) + k] -= f[i];
	}
	sense_expression_taylor(e, d, x, dx, series, v);
	return 0;
}
