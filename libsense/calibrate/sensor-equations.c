// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Every equation behind one face, for sensors and for the tables of the flow.
 */
#include "calibrate/sensor.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/rtd.h"
#include "calibrate/sprt.h"
#include "calibrate/thermistor.h"
#include "calibrate/thermocouple.h"

static void numbers(FILE *text, const char *name, const double *values, unsigned int count)
{
	fprintf(text, "%s", name);
	for (unsigned int i = 0; i < count; i++)
		fprintf(text, " %a", values[i]);
	fprintf(text, "\n");
}

/* ---- IEC 60751 ---------------------------------------------------------------------------- */

static double rtd_value(const struct sense_sensor *s, double x, double auxiliary)
{
	return sense_rtd_temperature_degC(&s->rtd, x);
}

static double rtd_input(const struct sense_sensor *s, double y, double auxiliary)
{
	return sense_rtd_resistance_ohm(&s->rtd, y);
}

static double rtd_dxdy(const struct sense_sensor *s, double y, double auxiliary)
{
	return y >= s->y_min && y <= s->y_max ? sense_rtd_slope(&s->rtd, y) : NAN;
}

static struct interval rtd_enclose(const struct sense_sensor *s, struct interval x, struct interval y)
{
	const struct sense_rtd *r = &s->rtd;
	const double above[] = { 1, r->a, r->b }, below[] = { 1, r->a, r->b, -100 * r->c, r->c };
	struct interval whole = { INFINITY, -INFINITY };

	if (y.lo < 0)
		whole = interval_polynomial_slope(below, 5, (struct interval){ y.lo, fmin(y.hi, 0) });
	if (y.hi >= 0)
		whole = interval_hull(whole, interval_polynomial_slope(above, 3,
				      (struct interval){ fmax(y.lo, 0), y.hi }));
	return interval_scale(whole, r->r0_ohm);
}

static void rtd_describe(const struct sense_sensor *s, FILE *text)
{
	numbers(text, "r0 a b c", (double[]){ s->rtd.r0_ohm, s->rtd.a, s->rtd.b, s->rtd.c }, 4);
}

static int rtd_check(struct sense_sensor *s)
{
	s->y_min = SENSE_RTD_MIN_DEGC;
	s->y_max = SENSE_RTD_MAX_DEGC;
	return sense_rtd_check(&s->rtd);
}

const struct sensor_equation sensor_rtd = {
	.kind = "rtd", .input_unit = "Ohm", .unit = "Cel", .value = rtd_value, .input = rtd_input,
	.slope = rtd_dxdy, .enclose = rtd_enclose, .describe = rtd_describe, .check = rtd_check,
};

/* ---- ITS-90 -------------------------------------------------------------------------------- */

static double sprt_value(const struct sense_sensor *s, double x, double auxiliary)
{
	return sense_sprt_temperature_degC(&s->sprt, x);
}

static double sprt_input(const struct sense_sensor *s, double y, double auxiliary)
{
	return sense_sprt_resistance_ohm(&s->sprt, y);
}

static double sprt_dxdy(const struct sense_sensor *s, double y, double auxiliary)
{
	double slope;

	return isnan(sprt_resistance(&s->sprt, y, &slope)) ? NAN : slope;
}

static struct interval sprt_enclose(const struct sense_sensor *s, struct interval x, struct interval y)
{
	return sprt_slope(&s->sprt, y, x);
}

static void sprt_describe(const struct sense_sensor *s, FILE *text)
{
	const struct sense_sprt_deviation *side[] = { &s->sprt.low, &s->sprt.high };

	numbers(text, "r_tpw", &s->sprt.r_tpw_ohm, 1);
	for (int i = 0; i < 2; i++) {
		fprintf(text, "subrange %u\n", side[i]->subrange);
		numbers(text, "a b d", (double[]){ side[i]->a, side[i]->b, side[i]->d }, 3);
		numbers(text, "c", side[i]->c, 5);
	}
}

static int sprt_check(struct sense_sensor *s)
{
	int result = sense_sprt_check(&s->sprt);

	if (result)
		return result;
	s->y_min = sense_sprt_get_min_degC(&s->sprt);
	s->y_max = sense_sprt_get_max_degC(&s->sprt);
	/* The two reference functions miss each other by 5.3e-9 at 0.01 degC (its90.c). */
	s->jump = 6e-9 * s->sprt.r_tpw_ohm;
	s->steps = 1;
	s->step[0] = s->sprt.r_tpw_ohm;
	return 0;
}

const struct sensor_equation sensor_sprt = {
	.kind = "sprt", .input_unit = "Ohm", .unit = "Cel", .value = sprt_value, .input = sprt_input,
	.slope = sprt_dxdy, .enclose = sprt_enclose, .describe = sprt_describe, .check = sprt_check,
};

/* ---- IEC 60584-1 ----------------------------------------------------------------------------- */

static double tc_value(const struct sense_sensor *s, double x, double auxiliary)
{
	return sense_thermocouple_temperature_degC(&s->thermocouple, x, auxiliary);
}

static double tc_input(const struct sense_sensor *s, double y, double auxiliary)
{
	return sense_thermocouple_voltage_V(&s->thermocouple, y) -
	       sense_thermocouple_voltage_V(&s->thermocouple, auxiliary);
}

static double tc_dxdy(const struct sense_sensor *s, double y, double auxiliary)
{
	double slope;

	return isnan(thermocouple_voltage(&s->thermocouple, y, &slope)) ? NAN : slope;
}

static struct interval tc_enclose(const struct sense_sensor *s, struct interval x, struct interval y)
{
	return thermocouple_slope(&s->thermocouple, y);
}

static void tc_describe(const struct sense_sensor *s, FILE *text)
{
	fprintf(text, "type %c\n", s->thermocouple.letter);
	numbers(text, "deviation", s->thermocouple.deviation, 4);
}

static int tc_check(struct sense_sensor *s)
{
	int result = sense_thermocouple_check(&s->thermocouple);

	if (result)
		return result;
	s->y_min = sense_thermocouple_get_invertible_degC(&s->thermocouple);
	s->y_max = sense_thermocouple_get_max_degC(&s->thermocouple);
	/* Greatest step where two pieces meet: 7.5e-8 mV, type J at 760 degC. */
	s->jump = 8e-11;
	s->steps = thermocouple_joins(&s->thermocouple, s->step);
	return 0;
}

const struct sensor_equation sensor_thermocouple = {
	.kind = "tc", .input_unit = "V", .unit = "Cel", .needs_auxiliary = true, .value = tc_value,
	.input = tc_input, .slope = tc_dxdy, .enclose = tc_enclose, .describe = tc_describe,
	.check = tc_check,
};

/* ---- thermistors ------------------------------------------------------------------------------ */

static double ntc_value(const struct sense_sensor *s, double x, double auxiliary)
{
	return sense_thermistor_temperature_degC(&s->thermistor, x);
}

static double ntc_input(const struct sense_sensor *s, double y, double auxiliary)
{
	return sense_thermistor_resistance_ohm(&s->thermistor, y);
}

static double ntc_dxdy(const struct sense_sensor *s, double y, double auxiliary)
{
	double r = sense_thermistor_resistance_ohm(&s->thermistor, y), slope;

	sense_polynomial(s->thermistor.c, 4, log(r), &slope);
	return -r / (slope * (y + 273.15) * (y + 273.15));
}

static struct interval ntc_enclose(const struct sense_sensor *s, struct interval x, struct interval y)
{
	return thermistor_slope(&s->thermistor, x, y);
}

static void ntc_describe(const struct sense_sensor *s, FILE *text)
{
	numbers(text, "c", s->thermistor.c, 4);
	numbers(text, "range", (double[]){ s->thermistor.r_min_ohm, s->thermistor.r_max_ohm }, 2);
}

static int ntc_check(struct sense_sensor *s)
{
	int result = sense_thermistor_check(&s->thermistor);

	if (result)
		return result;
	s->y_min = sense_thermistor_temperature_degC(&s->thermistor, s->thermistor.r_max_ohm);
	s->y_max = sense_thermistor_temperature_degC(&s->thermistor, s->thermistor.r_min_ohm);
	return 0;
}

const struct sensor_equation sensor_thermistor = {
	.kind = "ntc", .input_unit = "Ohm", .unit = "Cel", .is_direct = true, .value = ntc_value,
	.input = ntc_input, .slope = ntc_dxdy, .enclose = ntc_enclose, .describe = ntc_describe,
	.check = ntc_check,
};

/* ---- current loops ---------------------------------------------------------------------------- */

static double loop_value(const struct sense_sensor *s, double x, double auxiliary)
{
	return sense_current_loop_value(&s->loop, x);
}

static double loop_input(const struct sense_sensor *s, double y, double auxiliary)
{
	return sense_current_loop_current_A(&s->loop, y);
}

static double loop_dxdy(const struct sense_sensor *s, double y, double auxiliary)
{
	double sign = s->loop.value[1] > s->loop.value[0] ? 1 : -1;
	unsigned int i = 0;

	while (i + 2 < s->loop.count && sign * (y - s->loop.value[i + 1]) > 0)
		i++;
	return (s->loop.current_A[i + 1] - s->loop.current_A[i]) /
	       (s->loop.value[i + 1] - s->loop.value[i]);
}

static void loop_describe(const struct sense_sensor *s, FILE *text)
{
	numbers(text, "current", s->loop.current_A, s->loop.count);
	numbers(text, "value", s->loop.value, s->loop.count);
}

static int loop_check(struct sense_sensor *s)
{
	int result = sense_current_loop_check(&s->loop);
	double a, b;

	if (result)
		return result;
	a = sense_current_loop_value(&s->loop, SENSE_CURRENT_LOOP_MIN_A);
	b = sense_current_loop_value(&s->loop, SENSE_CURRENT_LOOP_MAX_A);
	s->y_min = fmin(a, b);
	s->y_max = fmax(a, b);
	/* The characteristic between its own points is what was calibrated. */
	if (isnan(s->calibration.range_min)) {
		a = s->loop.value[0];
		b = s->loop.value[s->loop.count - 1];
		s->calibration.range_min = fmin(a, b);
		s->calibration.range_max = fmax(a, b);
	}
	return 0;
}

const struct sensor_equation sensor_loop = {
	.kind = "ma", .input_unit = "A", .is_direct = true, .value = loop_value, .input = loop_input,
	.slope = loop_dxdy, .describe = loop_describe, .check = loop_check,
};

/* ---- bridges ------------------------------------------------------------------------------------ */

static double bridge_value(const struct sense_sensor *s, double x, double auxiliary)
{
	return sense_bridge_mass_kg(&s->bridge, x, auxiliary);
}

static double bridge_input(const struct sense_sensor *s, double y, double auxiliary)
{
	return sense_bridge_output_V_V(&s->bridge, y, auxiliary);
}

static double bridge_dxdy(const struct sense_sensor *s, double y, double auxiliary)
{
	return s->bridge.sensitivity *
	       (1 + s->bridge.tc_sensitivity * (auxiliary - s->bridge.reference_degC)) /
	       s->bridge.rated_kg;
}

static void bridge_describe(const struct sense_sensor *s, FILE *text)
{
	const struct sense_bridge *b = &s->bridge;

	numbers(text, "bridge", (double[]){ b->rated_kg, b->sensitivity, b->zero, b->tc_sensitivity,
					    b->tc_zero, b->reference_degC, b->min_degC, b->max_degC,
					    b->min_kg, b->max_kg }, 10);
}

static int bridge_check(struct sense_sensor *s)
{
	s->y_min = s->bridge.min_kg;
	s->y_max = s->bridge.max_kg;
	return sense_bridge_check(&s->bridge);
}

const struct sensor_equation sensor_bridge = {
	.kind = "bridge", .input_unit = "V/V", .unit = "kg", .needs_auxiliary = true, .is_direct = true,
	.value = bridge_value, .input = bridge_input, .slope = bridge_dxdy, .describe = bridge_describe,
	.check = bridge_check,
};

/* ---- tables from certificate points ---------------------------------------------------------------- */

static double table_value(const struct sense_sensor *s, double x, double auxiliary)
{
	double slope;

	return fit_value(&s->fit, x, &slope);
}

/* The curve is monotonic, table_check() saw to it: bisection between the points, then Newton's method. */
static double table_input(const struct sense_sensor *s, double y, double auxiliary)
{
	double lo = s->fit.x[0], hi = s->fit.x[s->fit.count - 1], slope;
	double sign = fit_value(&s->fit, hi, &slope) > fit_value(&s->fit, lo, &slope) ? 1 : -1;

	if (!(y >= s->y_min && y <= s->y_max))
		return NAN;
	for (int i = 0; i < 200 && hi - lo > 0; i++) {
		double middle = lo + (hi - lo) / 2;

		if (middle <= lo || middle >= hi)
			break;
		if (sign * (fit_value(&s->fit, middle, &slope) - y) > 0)
			hi = middle;
		else
			lo = middle;
	}
	return lo;
}

static double table_dxdy(const struct sense_sensor *s, double y, double auxiliary)
{
	double slope;

	fit_value(&s->fit, table_input(s, y, auxiliary), &slope);
	return 1 / slope;
}

static void table_describe(const struct sense_sensor *s, FILE *text)
{
	unsigned int n = s->fit.kind == SENSE_FIT_POLYNOMIAL ? s->fit.terms : s->fit.count;

	fprintf(text, "fit %d %u %u\n", (int)s->fit.kind, s->fit.count, s->fit.terms);
	numbers(text, "x", s->fit.x, s->fit.count);
	numbers(text, "y", s->fit.y, s->fit.count);
	numbers(text, "c", s->fit.c, s->fit.terms);
	if (s->fit.has_u)
		numbers(text, "covariance", s->fit.covariance, n * n);
}

static int table_check(struct sense_sensor *s)
{
	double a, b, slope;

	a = fit_value(&s->fit, s->fit.x[0], &slope);
	b = fit_value(&s->fit, s->fit.x[s->fit.count - 1], &slope);
	s->y_min = fmin(a, b);
	s->y_max = fmax(a, b);
	return fit_check_monotonic(&s->fit, s->name);
}

const struct sensor_equation sensor_table = {
	.kind = "table", .input_unit = NULL, .is_direct = true, .value = table_value,
	.input = table_input, .slope = table_dxdy, .describe = table_describe, .check = table_check,
};

/* ---- a straight line: what reads its own unit already, and its correction --------------------- */

static double linear_value(const struct sense_sensor *s, double x, double auxiliary)
{
	double y = s->linear.zero + s->linear.gain * x;

	return y >= s->y_min && y <= s->y_max ? y : NAN;
}

static double linear_input(const struct sense_sensor *s, double y, double auxiliary)
{
	return y >= s->y_min && y <= s->y_max ? (y - s->linear.zero) / s->linear.gain : NAN;
}

static double linear_dxdy(const struct sense_sensor *s, double y, double auxiliary)
{
	return 1 / s->linear.gain;
}

static void linear_describe(const struct sense_sensor *s, FILE *text)
{
	numbers(text, "linear", (double[]){ s->linear.gain, s->linear.zero, s->linear.min,
					    s->linear.max }, 4);
}

static int linear_check(struct sense_sensor *s)
{
	const struct sensor_linear *l = &s->linear;

	if (!isfinite(l->gain) || l->gain == 0 || !isfinite(l->zero))
		return sense_fail(EINVAL, s->name, "give a gain other than 0, as the certificate does",
				  "a gain of %g and a zero of %g make no straight line to be inverted",
				  l->gain, l->zero);
	if (!(l->min < l->max))
		return sense_fail(EINVAL, s->name, "give the lower limit first",
				  "the limits %g to %g hold no value", l->min, l->max);
	s->y_min = l->min;
	s->y_max = l->max;
	return 0;
}

const struct sensor_equation sensor_linear = {
	.kind = "linear", .input_unit = NULL, .is_direct = true, .value = linear_value,
	.input = linear_input, .slope = linear_dxdy, .describe = linear_describe,
	.check = linear_check,
};

const struct sensor_equation *sensor_equation_find(const char *kind)
{
	static const struct sensor_equation *const all[] = {
		&sensor_rtd, &sensor_sprt, &sensor_thermocouple, &sensor_thermistor, &sensor_loop,
		&sensor_bridge, &sensor_table, &sensor_linear,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i]->kind, kind))
			return all[i];
	return NULL;
}
