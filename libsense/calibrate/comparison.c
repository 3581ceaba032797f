// SPDX-License-Identifier: LGPL-2.1-or-later
/* Errors as found, and a new characteristic by generalised least squares. */
#include "calibrate/comparison-model.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/least-squares.h"
#include "calibrate/probability.h"
#include "calibrate/rtd.h"
#include "calibrate/sensor.h"
#include "calibrate/thermocouple.h"

static const char *const names[] = { "none", "rtd", "r0", "polynomial", "deviation" };

const char *sense_comparison_equation_get_name(enum sense_comparison_equation equation)
{
	return (unsigned int)equation < 5 ? names[equation] : "";
}

static int by_reference(const void *a, const void *b)
{
	const struct sense_comparison_point *x = a, *y = b;

	return (x->reference > y->reference) - (x->reference < y->reference);
}

static int check_points(const struct sense_comparison_point *p, unsigned int count)
{
	if (!count || count > SENSE_COMPARISON_POINTS_MAX)
		return sense_fail(EINVAL, "comparison", "compare at 1 to 32 points",
				  "there are %u points", count);
	for (unsigned int i = 0; i < count; i++) {
		if (!isfinite(p[i].nominal) || !isfinite(p[i].reference) || !isfinite(p[i].input))
			return sense_fail(EINVAL, "comparison", "give reference and reading",
					  "point %u has a number that is none", i + 1);
		if (!(p[i].u_reference > 0) || !isfinite(p[i].u_reference) ||
		    !(p[i].u_input >= 0) || !isfinite(p[i].u_input) || !(p[i].u_common >= 0) ||
		    p[i].u_common > p[i].u_reference)
			return sense_fail(EINVAL, "comparison",
					  "a reference has an uncertainty above 0, and what it "
					  "shares is a part of that",
					  "the uncertainties at %.9g are none", p[i].reference);
	}
	return 0;
}

/* Errors of the sensor in force. */
static int judge(struct sense_comparison *c, const struct sense_comparison_setup *setup,
		 struct sense_comparison_result *r)
{
	const double aux = setup->auxiliary_degC;
	const struct sensor_equation *equation = setup->sensor->equation;
	struct sense_reading reading =
		sense_sensor_read(setup->sensor, r->point.input, aux, INT64_MIN);
	double slope;

	if (isnan(reading.value))
		return sense_fail(
			EDOM, sense_sensor_get_name(setup->sensor),
			"compare reading and reference in the list of points",
			"the sensor in force has no value for a reading of %.9g (at %.9g)",
			r->point.input, r->point.reference);
	slope = equation->slope(setup->sensor, reading.value, aux);
	r->indicated = reading.value;
	r->u_indicated = r->point.u_input / fabs(slope);
	r->error = r->indicated - r->point.reference;
	r->u_error = hypot(r->u_indicated, r->point.u_reference);
	r->u_sensor = reading.u;
	r->en = r->error / (setup->k * hypot(reading.u, r->point.u_reference));
	r->fitted = r->residual = r->u_fitted = NAN;
	if (isfinite(r->u_indicated))
		return 0;
	return sense_fail(EDOM, sense_sensor_get_name(setup->sensor), "leave the point out",
			  "the sensor in force has no slope at %.9g", r->indicated);
}

/* Readings must rise, or fall, with the reference, as far as it can be told. */
static int check_monotonic(const struct sense_comparison *c)
{
	const struct sense_comparison_result *r = c->results;
	int way = 0;

	for (unsigned int i = 0; i < c->count; i++)
		for (unsigned int j = 0; j < i; j++) {
			double apart = r[i].point.reference - r[j].point.reference;
			double noise = hypot(r[i].u_error, r[j].u_error);
			double step = r[i].point.input - r[j].point.input;
			int sign = (step > 0) - (step < 0);

			/* Closer than that they are one point, visited twice. */
			if (apart <= 3 * noise)
				continue;
			if (!way)
				way = sign;
			if (sign != way || !sign)
				return sense_fail(EDOM, "comparison",
						  "repeat these points, or see that lines were not "
						  "exchanged",
						  "the readings do not go one way: %.9g at %.9g, "
						  "and %.9g at %.9g",
						  r[j].point.input, r[j].point.reference,
						  r[i].point.input, r[i].point.reference);
		}
	return 0;
}

/* ---- the equations, each linear in its coefficients -------------------------------- */

struct design {
	int columns;
	double row[SENSE_COMPARISON_POINTS_MAX][SENSE_LOG_COEFFICIENTS_MAX];
	double y[SENSE_COMPARISON_POINTS_MAX];
	/* How y moves with the reference and with the reading. */
	double by_reference[SENSE_COMPARISON_POINTS_MAX];
	double by_input[SENSE_COMPARISON_POINTS_MAX];
	double centre, half; /* polynomial: x = (input - centre) / half */
};

static void design_rtd(const struct sense_comparison *c, struct design *d)
{
	const struct sense_rtd *rtd = &c->sensor->rtd;

	d->columns = 3;
	if (c->equation == SENSE_COMPARISON_R0)
		d->columns = 1;
	else if (c->results[0].point.reference < 0)
		d->columns = 4;
	for (unsigned int i = 0; i < c->count; i++) {
		const struct sense_comparison_point *p = &c->results[i].point;
		double t = p->reference;

		d->y[i] = p->input;
		d->by_reference[i] = sense_rtd_slope(rtd, t);
		d->by_input[i] = 1;
		if (d->columns == 1) {
			d->row[i][0] = sense_rtd_resistance_ohm(rtd, t) / rtd->r0_ohm;
			continue;
		}
		d->row[i][0] = 1;
		d->row[i][1] = t;
		d->row[i][2] = t * t;
		d->row[i][3] = t < 0 ? (t - 100) * t * t * t : 0;
	}
}

/*
 * Deviation in uV, as in the sensor file, in powers of the temperature from the first on: E(t) is
 * measured against E(cold junction), so that a constant part would cancel.
 */
static void design_deviation(const struct sense_comparison *c, struct design *d, double aux)
{
	struct sense_thermocouple bare = c->sensor->thermocouple;

	memset(bare.deviation, 0, sizeof(bare.deviation));
	d->columns = (int)c->degree;
	for (unsigned int i = 0; i < c->count; i++) {
		const struct sense_comparison_point *p = &c->results[i].point;
		double t = p->reference;

		d->y[i] = 1e6 * (p->input + sense_thermocouple_voltage_V(&bare, aux) -
				 sense_thermocouple_voltage_V(&bare, t));
		d->by_reference[i] = 1e6 * c->sensor->equation->slope(c->sensor, t, aux);
		d->by_input[i] = 1e6;
		for (int j = 0; j < d->columns; j++)
			d->row[i][j] = pow(t, j + 1) - pow(aux, j + 1);
	}
}

static void design_polynomial(const struct sense_comparison *c, struct design *d)
{
	double low = INFINITY, high = -INFINITY;

	for (unsigned int i = 0; i < c->count; i++) {
		low = fmin(low, c->results[i].point.input);
		high = fmax(high, c->results[i].point.input);
	}
	d->centre = (low + high) / 2;
	d->half = (high - low) / 2;
	d->columns = (int)c->degree + 1;
	for (unsigned int i = 0; i < c->count; i++) {
		const struct sense_comparison_result *r = &c->results[i];

		d->y[i] = r->point.reference;
		d->by_reference[i] = 1;
		d->by_input[i] = r->point.u_input > 0 ? r->u_indicated / r->point.u_input : 0;
		for (int j = 0; j < d->columns; j++)
			d->row[i][j] = pow((r->point.input - d->centre) / d->half, j);
	}
}

/* p, its covariance and chi-square. 0 or -errno without a word. */
static int solve(const struct sense_comparison *c, const struct design *d, double *p,
		 double *covariance, double *chi2)
{
	double a[SENSE_COMPARISON_POINTS_MAX * SENSE_LOG_COEFFICIENTS_MAX];
	double y[SENSE_COMPARISON_POINTS_MAX];
	double *v = malloc(sizeof(*v) * c->count * c->count);
	int rows = (int)c->count, result;

	if (!v)
		return -ENOMEM;
	for (int i = 0; i < rows; i++) {
		const struct sense_comparison_point *q = &c->results[i].point;

		for (int j = 0; j < rows; j++)
			v[i * rows + j] = d->by_reference[i] * q->u_common * d->by_reference[j] *
					  c->results[j].point.u_common;
		v[i * rows + i] = pow(d->by_reference[i] * q->u_reference, 2) +
				  pow(d->by_input[i] * q->u_input, 2);
		y[i] = d->y[i];
		memcpy(a + i * d->columns, d->row[i], (size_t)d->columns * sizeof(*a));
	}
	result = least_squares_whiten(v, a, y, rows, d->columns);
	if (!result)
		result = least_squares(a, y, rows, d->columns, p, covariance, chi2);
	free(v);
	return result;
}

/* Standard uncertainty of y at a row by the covariance of the coefficients. */
static double u_of_row(const double *row, const double *covariance, int n)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			sum += row[i] * covariance[i * n + j] * row[j];
	return sqrt(fmax(sum, 0));
}

/* ---- from coefficients to a characteristic ----------------------------------------- */

/* Coefficients q = J p of other names; @jacobian n x n. */
static void name_coefficients(struct sense_comparison_fit *fit, const char *const *labels,
			      const double *q, const double *jacobian, const double *covariance,
			      unsigned int n)
{
	fit->count = n;
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int j = 0; j < n; j++) {
			double sum = 0;

			for (unsigned int k = 0; k < n; k++)
				for (unsigned int l = 0; l < n; l++)
					sum += jacobian[i * n + k] * covariance[k * n + l] *
					       jacobian[j * n + l];
			fit->covariance[i * n + j] = sum;
		}
	for (unsigned int i = 0; i < n; i++) {
		snprintf(fit->coefficients[i].name, sizeof(fit->coefficients[i].name), "%s",
			 labels[i]);
		fit->coefficients[i].value = q[i];
		fit->coefficients[i].u = sqrt(fmax(fit->covariance[i * n + i], 0));
	}
}

static int finish_rtd(struct sense_comparison *c, const struct design *d, const double *p,
		      const double *covariance)
{
	static const char *const labels[] = { "R0", "A", "B", "C" };
	unsigned int n = (unsigned int)d->columns;
	struct sense_rtd rtd = c->sensor->rtd;
	double q[4], jacobian[16] = { 0 };

	q[0] = p[0];
	for (unsigned int i = 0; i < n; i++) {
		/* A, B, C are the others over R0 */
		if (i)
			q[i] = p[i] / p[0];
		jacobian[i * n] = i ? -p[i] / (p[0] * p[0]) : 1;
		if (i)
			jacobian[i * n + i] = 1 / p[0];
	}
	rtd.r0_ohm = q[0];
	if (n > 1) {
		rtd.a = q[1];
		rtd.b = q[2];
		rtd.c = n == 4 ? q[3] : sense_rtd_iec60751(100).c;
	}
	if (sense_rtd_check(&rtd))
		return -EDOM;
	name_coefficients(&c->fit, labels, q, jacobian, covariance, n);
	for (unsigned int i = 0; i < c->count; i++) {
		struct sense_comparison_result *r = &c->results[i];

		r->fitted = sense_rtd_temperature_degC(&rtd, r->point.input);
		r->u_fitted = u_of_row(d->row[i], covariance, d->columns) /
			      sense_rtd_slope(&rtd, r->point.reference);
	}
	return 0;
}

static int finish_deviation(struct sense_comparison *c, const struct design *d, const double *p,
			    const double *covariance, double aux)
{
	static const char *const labels[] = { "d1", "d2", "d3" };
	struct sense_thermocouple tc = c->sensor->thermocouple;
	double identity[9] = { 0 };

	memset(tc.deviation, 0, sizeof(tc.deviation));
	for (int i = 0; i < d->columns; i++) {
		identity[i * d->columns + i] = 1;
		tc.deviation[i + 1] = 1e-6 * p[i];
	}
	if (sense_thermocouple_check(&tc))
		return -EDOM;
	name_coefficients(&c->fit, labels, p, identity, covariance, (unsigned int)d->columns);
	for (unsigned int i = 0; i < c->count; i++) {
		struct sense_comparison_result *r = &c->results[i];

		r->fitted = sense_thermocouple_temperature_degC(&tc, r->point.input, aux);
		r->u_fitted =
			u_of_row(d->row[i], covariance, d->columns) / fabs(d->by_reference[i]);
	}
	return 0;
}

static int finish_polynomial(struct sense_comparison *c, const struct design *d, const double *p,
			     const double *covariance)
{
	static const char *const labels[] = { "c0", "c1", "c2", "c3", "c4",
					      "c5", "c6", "c7", "c8", "c9" };
	double identity[SENSE_LOG_COEFFICIENTS_MAX * SENSE_LOG_COEFFICIENTS_MAX] = { 0 };

	for (int i = 0; i < d->columns; i++)
		identity[i * d->columns + i] = 1;
	name_coefficients(&c->fit, labels, p, identity, covariance, (unsigned int)d->columns);
	c->common_table = INFINITY;
	for (unsigned int i = 0; i < c->count; i++) {
		struct sense_comparison_result *r = &c->results[i];

		r->fitted = 0;
		for (int j = 0; j < d->columns; j++)
			r->fitted += d->row[i][j] * p[j];
		r->u_fitted = u_of_row(d->row[i], covariance, d->columns);
		c->u_table[i] = c->fit.inflation *
				hypot(r->point.u_reference, d->by_input[i] * r->point.u_input);
		c->common_table = fmin(c->common_table, c->fit.inflation * r->point.u_common);
	}
	return 0;
}

static int check_equation(const struct sense_comparison *c, const struct sense_sensor *sensor)
{
	const char *kind = sense_sensor_get_kind(sensor);

	switch (c->equation) {
	case SENSE_COMPARISON_RTD:
	case SENSE_COMPARISON_R0:
		if (strcmp(kind, "rtd") == 0)
			return 0;
		break;
	case SENSE_COMPARISON_DEVIATION:
		if (strcmp(kind, "tc") == 0 && c->degree >= 1 && c->degree <= 3)
			return 0;
		break;
	case SENSE_COMPARISON_POLYNOMIAL:
		if (c->degree >= 1 && c->degree <= 9 && !sense_sensor_needs_auxiliary(sensor))
			return 0;
		break;
	default:
		break;
	}
	return sense_fail(EINVAL, sense_sensor_get_name(sensor),
			  "rtd and r0 are for resistance thermometers, deviation (degree 1 to 3) "
			  "for thermocouples, polynomial (degree 1 to 9) for what needs no second "
			  "temperature",
			  "the equation '%s' of degree %u is not for a sensor of kind %s",
			  sense_comparison_equation_get_name(c->equation), c->degree, kind);
}

static int fit(struct sense_comparison *c, const struct sense_comparison_setup *setup)
{
	struct design d = { 0 };
	double p[SENSE_LOG_COEFFICIENTS_MAX];
	double covariance[SENSE_LOG_COEFFICIENTS_MAX * SENSE_LOG_COEFFICIENTS_MAX];
	int result;

	if (check_equation(c, setup->sensor))
		return -EINVAL;
	if (c->equation == SENSE_COMPARISON_POLYNOMIAL)
		design_polynomial(c, &d);
	else if (c->equation == SENSE_COMPARISON_DEVIATION)
		design_deviation(c, &d, setup->auxiliary_degC);
	else
		design_rtd(c, &d);
	/* One point over, or the residuals are zero whatever was measured. */
	if ((int)c->count < d.columns + 1)
		return sense_fail(EINVAL, "comparison", "compare at more points, or fit less",
				  "%u points are too few for %d coefficients: one more than that "
				  "is needed",
				  c->count, d.columns);
	result = solve(c, &d, p, covariance, &c->fit.chi2);
	if (result)
		return sense_fail(-result, "comparison",
				  "compare at points further apart, or fit less",
				  result == -ENOMEM ? "no memory for a fit" :
						      "the points do not settle the coefficients");
	c->fit.degrees_of_freedom = c->count - (unsigned int)d.columns;
	c->fit.inflation = 1;
	if (c->fit.chi2 > c->fit.degrees_of_freedom)
		c->fit.inflation = sqrt(c->fit.chi2 / c->fit.degrees_of_freedom);
	for (int i = 0; i < d.columns * d.columns; i++)
		covariance[i] *= c->fit.inflation * c->fit.inflation;
	if (c->equation == SENSE_COMPARISON_POLYNOMIAL)
		result = finish_polynomial(c, &d, p, covariance);
	else if (c->equation == SENSE_COMPARISON_DEVIATION)
		result = finish_deviation(c, &d, p, covariance, setup->auxiliary_degC);
	else
		result = finish_rtd(c, &d, p, covariance);
	for (unsigned int i = 0; i < c->count; i++)
		c->results[i].residual = c->results[i].fitted - c->results[i].point.reference;
	return result;
}

struct sense_comparison *sense_comparison_new(const struct sense_comparison_setup *setup,
					      const struct sense_comparison_point *points,
					      unsigned int count)
{
	struct sense_comparison_point sorted[SENSE_COMPARISON_POINTS_MAX];
	struct sense_comparison *c;
	int result = check_points(points, count);

	if (!result && !(setup->k > 0))
		result = sense_fail(EINVAL, "comparison", "take 2", "the coverage factor is none");
	if (result)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return sense_fail_null(ENOMEM, "comparison", NULL, "no memory for a comparison");
	memcpy(sorted, points, count * sizeof(*points));
	qsort(sorted, count, sizeof(*sorted), by_reference);
	c->equation = setup->equation;
	c->degree = setup->degree;
	c->sensor = sense_sensor_ref((struct sense_sensor *)(uintptr_t)setup->sensor);
	c->count = count;
	c->fit.chi2 = NAN;
	for (unsigned int i = 0; !result && i < count; i++) {
		c->results[i].point = sorted[i];
		result = judge(c, setup, &c->results[i]);
	}
	if (!result)
		result = check_monotonic(c);
	if (!result && c->equation != SENSE_COMPARISON_NONE)
		result = fit(c, setup);
	if (result) {
		sense_comparison_free(c);
		return NULL;
	}
	return c;
}

void sense_comparison_free(struct sense_comparison *c)
{
	if (!c)
		return;
	sense_sensor_unref(c->sensor);
	free(c);
}

unsigned int sense_comparison_get_count(const struct sense_comparison *c)
{
	return c->count;
}

const struct sense_comparison_result *sense_comparison_get_result(const struct sense_comparison *c,
								  unsigned int index)
{
	return index < c->count ? &c->results[index] : NULL;
}

const struct sense_comparison_fit *sense_comparison_get_fit(const struct sense_comparison *c)
{
	return &c->fit;
}
