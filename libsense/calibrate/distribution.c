// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/distribution.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "calibrate/probability.h"

static const char *const names[] = {
	[SENSE_DISTRIBUTION_NORMAL] = "normal",
	[SENSE_DISTRIBUTION_T] = "t",
	[SENSE_DISTRIBUTION_RECTANGULAR] = "rectangular",
	[SENSE_DISTRIBUTION_TRIANGULAR] = "triangular",
	[SENSE_DISTRIBUTION_ARCSINE] = "arcsine",
	[SENSE_DISTRIBUTION_TRAPEZOIDAL] = "trapezoidal",
	[SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID] = "curvilinear-trapezoid",
	[SENSE_DISTRIBUTION_EXPONENTIAL] = "exponential",
	[SENSE_DISTRIBUTION_GAMMA] = "gamma",
};

#define KINDS (sizeof(names) / sizeof(names[0]))

const char *sense_distribution_get_name(enum sense_distribution_kind kind)
{
	return (size_t)kind < KINDS ? names[kind] : "";
}

int sense_distribution_find(const char *name)
{
	static const struct {
		const char *name;
		int kind;
	} others[] = {
		{ "uniform", SENSE_DISTRIBUTION_RECTANGULAR },
		{ "u-shaped", SENSE_DISTRIBUTION_ARCSINE },
		{ "student", SENSE_DISTRIBUTION_T },
		{ "gaussian", SENSE_DISTRIBUTION_NORMAL },
	};

	for (size_t i = 0; i < KINDS; i++)
		if (strcasecmp(names[i], name) == 0)
			return (int)i;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcasecmp(others[i].name, name) == 0)
			return others[i].kind;
	return -EINVAL;
}

/* GUM-S1 6.4.2 to 6.4.11; for t the deviation of its scale, which is what u means for it. */
double sense_distribution_unit(enum sense_distribution_kind kind, double shape)
{
	switch (kind) {
	case SENSE_DISTRIBUTION_RECTANGULAR:
		return sqrt(1.0 / 3);
	case SENSE_DISTRIBUTION_TRIANGULAR:
		return sqrt(1.0 / 6);
	case SENSE_DISTRIBUTION_ARCSINE:
		return sqrt(1.0 / 2);
	case SENSE_DISTRIBUTION_TRAPEZOIDAL:
		return sqrt((1 + shape * shape) / 6);
	case SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID:
		return sqrt(1.0 / 3 + shape * shape / 9);
	case SENSE_DISTRIBUTION_GAMMA:
		return sqrt(shape);
	default:
		return 1;
	}
}

double sense_distribution_mean(const struct sense_distribution *d)
{
	if (d->kind == SENSE_DISTRIBUTION_EXPONENTIAL)
		return d->location + d->scale;
	if (d->kind == SENSE_DISTRIBUTION_GAMMA)
		return d->location + d->scale * d->shape;
	return d->location;
}

double sense_distribution_deviation(const struct sense_distribution *d)
{
	double unit = sense_distribution_unit(d->kind, d->shape);

	if (d->kind == SENSE_DISTRIBUTION_T && isfinite(d->dof))
		unit = d->dof > 2 ? sqrt(d->dof / (d->dof - 2)) : INFINITY;
	return d->scale * unit;
}

double sense_random_normal(struct sense_random *random)
{
	double a = sense_random_uniform(random);

	return sqrt(-2 * log(a)) * cos(2 * M_PI * sense_random_uniform(random));
}

/* R. W. Bailey: Polar generation of random variates with the t-distribution, 1994. */
static double draw_t(struct sense_random *random, double dof)
{
	for (;;) {
		double a = 2 * sense_random_uniform(random) - 1;
		double b = 2 * sense_random_uniform(random) - 1;
		double w = a * a + b * b;

		if (w <= 1)
			return a * sqrt(dof * expm1(-2 / dof * log(w)) / w);
	}
}

/* G. Marsaglia, W. W. Tsang: A simple method for generating gamma variables, ACM TOMS 26 (2000). */
static double draw_gamma(struct sense_random *random, double shape)
{
	double boost = 1, d, c;

	if (shape < 1) {
		boost = pow(sense_random_uniform(random), 1 / shape);
		shape += 1;
	}
	d = shape - 1.0 / 3;
	c = 1 / sqrt(9 * d);
	for (;;) {
		double x = sense_random_normal(random);
		double v = 1 + c * x;

		if (v <= 0)
			continue;
		v = v * v * v;
		if (log(sense_random_uniform(random)) < 0.5 * x * x + d - d * v + d * log(v))
			return boost * d * v;
	}
}

double sense_random_chi2(struct sense_random *random, double dof)
{
	return 2 * draw_gamma(random, dof / 2);
}

static double draw_standard(const struct sense_distribution *d, struct sense_random *random)
{
	double a, b;

	switch (d->kind) {
	case SENSE_DISTRIBUTION_NORMAL:
		return sense_random_normal(random);
	case SENSE_DISTRIBUTION_T:
		return isfinite(d->dof) ? draw_t(random, d->dof) : sense_random_normal(random);
	case SENSE_DISTRIBUTION_RECTANGULAR:
		return 2 * sense_random_uniform(random) - 1;
	case SENSE_DISTRIBUTION_TRIANGULAR: /* 6.4.5.4 */
		a = sense_random_uniform(random);
		return a + sense_random_uniform(random) - 1;
	case SENSE_DISTRIBUTION_ARCSINE: /* 6.4.6.4 */
		return sin(2 * M_PI * sense_random_uniform(random));
	case SENSE_DISTRIBUTION_TRAPEZOIDAL: /* 6.4.4.4 */
		a = sense_random_uniform(random);
		b = sense_random_uniform(random);
		return -1 + (1 + d->shape) * a + (1 - d->shape) * b;
	case SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID: /* 6.4.3.4: limits first, then the value */
		a = 1 + d->shape * (2 * sense_random_uniform(random) - 1);
		return a * (2 * sense_random_uniform(random) - 1);
	case SENSE_DISTRIBUTION_EXPONENTIAL: /* 6.4.10.3 */
		return -log(sense_random_uniform(random));
	case SENSE_DISTRIBUTION_GAMMA: /* 6.4.11 */
		return draw_gamma(random, d->shape);
	}
	return NAN;
}

double sense_distribution_draw(const struct sense_distribution *d, struct sense_random *random)
{
	if (d->scale == 0)
		return d->location;
	return d->location + d->scale * draw_standard(d, random);
}

/* Distribution function on the positive half of the symmetric ones: P(X <= x), 0 <= x. */
static double upper_half(enum sense_distribution_kind kind, double shape, double x)
{
	double low = 1 - shape, high = 1 + shape, density;

	if (kind == SENSE_DISTRIBUTION_TRAPEZOIDAL) {
		double height = 1 / (1 + shape);

		if (x <= shape)
			return 0.5 + height * x;
		return 1 - (x >= 1 ? 0 : height * (1 - x) * (1 - x) / (2 * (1 - shape)));
	}
	/* Curvilinear trapezoid, 6.4.3.2: density ln(high / max(x, low)) / (4 shape). */
	density = log(high / low) / (4 * shape);
	if (x <= low)
		return 0.5 + density * x;
	if (x >= high)
		return 1;
	return 0.5 + density * low +
	       ((x * (log(high / x) + 1)) - low * (log(high / low) + 1)) / (4 * shape);
}

static double quantile_by_bisection(enum sense_distribution_kind kind, double shape, double p)
{
	double low = 0, high = 2, q = p < 0.5 ? 1 - p : p;

	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (upper_half(kind, shape, middle) < q)
			low = middle;
		else
			high = middle;
	}
	return p < 0.5 ? -low : low;
}

double sense_distribution_quantile(const struct sense_distribution *d, double p)
{
	double q;

	switch (d->kind) {
	case SENSE_DISTRIBUTION_NORMAL:
		q = sense_normal_quantile(p);
		break;
	case SENSE_DISTRIBUTION_T:
		q = sense_t_quantile(p, d->dof);
		break;
	case SENSE_DISTRIBUTION_RECTANGULAR:
		q = 2 * p - 1;
		break;
	case SENSE_DISTRIBUTION_TRIANGULAR:
		q = p < 0.5 ? sqrt(2 * p) - 1 : 1 - sqrt(2 * (1 - p));
		break;
	case SENSE_DISTRIBUTION_ARCSINE:
		q = -cos(M_PI * p);
		break;
	case SENSE_DISTRIBUTION_TRAPEZOIDAL:
	case SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID:
		if (d->shape == 0 && d->kind == SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID)
			q = 2 * p - 1;
		else
			q = quantile_by_bisection(d->kind, d->shape, p);
		break;
	case SENSE_DISTRIBUTION_EXPONENTIAL:
		q = -log1p(-p);
		break;
	default:
		return NAN;
	}
	return d->location + d->scale * q;
}
