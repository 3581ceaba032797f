// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/probability.h"

#include <float.h>
#include <math.h>

double sense_normal_cdf(double x)
{
	return 0.5 * erfc(-x * M_SQRT1_2);
}

/*
 * Start: Abramowitz and Stegun 26.2.23 (error below 4.5e-4); then Halley's iteration on erfc,
 * which triples the digits each time.
 */
double sense_normal_quantile(double p)
{
	double q, t, x;

	if (!(p > 0 && p < 1))
		return p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN;
	q = p < 0.5 ? p : 1 - p;
	t = sqrt(-2 * log(q));
	x = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) /
		  (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
	for (int i = 0; i < 3; i++) {
		double error = (sense_normal_cdf(x) - q) * sqrt(2 * M_PI) * exp(x * x / 2);

		x -= error / (1 + x * error / 2);
	}
	return p < 0.5 ? x : -x;
}

/* Continued fraction DLMF 8.17.22, evaluated by Lentz's method. */
static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 - (a + b) * x / (a + 1), h;

	if (fabs(d) < DBL_MIN)
		d = DBL_MIN;
	d = 1 / d;
	h = d;
	for (int m = 1; m < 10000; m++) {
		double term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double step;

		d = 1 + term * d;
		c = 1 + term / c;
		if (fabs(d) < DBL_MIN)
			d = DBL_MIN;
		if (fabs(c) < DBL_MIN)
			c = DBL_MIN;
		d = 1 / d;
		h *= d * c;
		term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 + term * d;
		c = 1 + term / c;
		if (fabs(d) < DBL_MIN)
			d = DBL_MIN;
		if (fabs(c) < DBL_MIN)
			c = DBL_MIN;
		d = 1 / d;
		step = d * c;
		h *= step;
		if (fabs(step - 1) < 2 * DBL_EPSILON)
			break;
	}
	return h;
}

/* log B(a, b); lgamma_r, since lgamma writes to a global. */
static double log_beta(double a, double b)
{
	int sign;

	return lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign);
}

double sense_incomplete_beta(double a, double b, double x)
{
	double front;

	if (!(x > 0))
		return x == 0 ? 0 : NAN;
	if (x >= 1)
		return 1;
	front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* Beyond this the t differs from the normal by less than 1e-9 and lgamma loses the digits. */
#define DOF_NORMAL 1e8

/* The upper tail P(T > t), t >= 0, without cancelling. */
static double t_tail(double t, double dof)
{
	double x = dof / (dof + t * t);

	if (dof > DOF_NORMAL)
		return sense_normal_cdf(-t);
	return 0.5 * sense_incomplete_beta(dof / 2, 0.5, x);
}

double sense_t_cdf(double t, double dof)
{
	return t < 0 ? t_tail(-t, dof) : 1 - t_tail(t, dof);
}

double sense_t_quantile(double p, double dof)
{
	double q, low, high, t;

	if (!(p > 0 && p < 1) || !(dof > 0))
		return p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN;
	if (dof > DOF_NORMAL)
		return sense_normal_quantile(p);
	if (p == 0.5)
		return 0;
	q = p < 0.5 ? p : 1 - p;
	/* Bracket, then Newton kept inside the bracket by bisection. */
	low = 0;
	high = -sense_normal_quantile(q);
	while (t_tail(high, dof) > q) {
		low = high;
		high *= 2;
		if (high > 1e300)
			return NAN;
	}
	t = high;
	for (int i = 0; i < 200; i++) {
		double tail = t_tail(t, dof);
		double density = exp(-log_beta(dof / 2, 0.5) - 0.5 * log(dof) -
				     (dof + 1) / 2 * log1p(t * t / dof));
		double next;

		if (tail > q)
			low = t;
		else
			high = t;
		next = t + (tail - q) / density;
		if (!(next > low && next < high))
			next = (low + high) / 2;
		if (fabs(next - t) <= 4 * DBL_EPSILON * fabs(t)) {
			t = next;
			break;
		}
		t = next;
	}
	return p < 0.5 ? -t : t;
}

double sense_coverage_factor(double p, double dof)
{
	return sense_t_quantile((1 + p) / 2, dof);
}
